"""Reads of this room (the verb)."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from annotations.accounts.models import User
from annotations.errors import NotFound
from annotations.reads.models import Arm, Assignment, Case, Plan, Read, ReaderStudy, Score
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import first_version_of_producer, segmented_volumes


def volumes_of_own_assignments(user: User) -> Q:
    """A filter on Volume: what a reader may see (PET and CT of the cases assigned in a locked plan)."""
    cases = Case.objects.filter(assignments__reader=user, assignments__plan__locked_at__isnull=False)
    return Q(pk__in=cases.values("volume")) | Q(
        pk__in=cases.filter(ct_volume__isnull=False).values("ct_volume")
    )


def versions_of_own_reads(user: User) -> Q:
    """A filter on Version: the lineages of a reader's own reads."""
    return Q(segmentation__read__assignment__reader=user)


def own_assignments(user: User) -> QuerySet[Assignment]:
    """A reader's worklist in the order of the plan; the newest attempt of each is `newest_read`."""
    return (
        Assignment.objects.filter(reader=user, plan__locked_at__isnull=False)
        .select_related("plan__reader_study", "arm", "case__volume__series__study__patient")
        .prefetch_related(Prefetch("reads", queryset=Read.objects.order_by("-attempt")))
        .order_by("plan__locked_at", "plan", "period", "position")
    )


def own_assignment(user: User, assignment_id: UUID) -> Assignment:
    """Raises NotFound for another reader's."""
    assignment = own_assignments(user).filter(pk=assignment_id).first()
    if assignment is None:
        raise NotFound("There is no such assignment, or it is not yours.")
    return assignment


def own_read(user: User, read_id: UUID) -> Read:
    """Raises NotFound for another reader's."""
    read = with_case(Read.objects.filter(assignment__reader=user, pk=read_id)).first()
    if read is None:
        raise NotFound("There is no such read, or it is not yours.")
    return read


def with_case(reads: QuerySet[Read]) -> QuerySet[Read]:
    return reads.select_related(
        "segmentation__volume",
        "start_version",
        "final_version",
        "assignment__reader",
        "assignment__arm",
        "assignment__plan__reader_study",
        "assignment__case__suv_revision",
        "assignment__case__volume__series__study__patient",
    )


def newest_read(assignment: Assignment) -> Read | None:
    """Uses the prefetched reads, newest attempt first."""
    return next((read for read in assignment.reads.all() if read.state != Read.State.ABANDONED), None)


def find_start_version(assignment: Assignment) -> Version | None:
    """The AI result an arm starts from; None where the arm starts empty or it is not made yet."""
    if assignment.arm.start == Arm.Start.EMPTY:
        return None
    return first_version_of_producer(assignment.case.volume_id, assignment.arm.producer_fingerprint)


def ready_to_open(assignments: Iterable[Assignment]) -> set[UUID]:
    """Which of the assignments can be opened: those whose start is there, or that start empty."""
    rows = list(assignments)
    done = segmented_volumes(
        (row.case.volume_id for row in rows), (row.arm.producer_fingerprint for row in rows)
    )
    return {
        row.pk
        for row in rows
        if row.arm.start == Arm.Start.EMPTY or (row.case.volume_id, row.arm.producer_fingerprint) in done
    }


def case_count(assignment: Assignment) -> int:
    """How many cases this reader has in this period of the plan."""
    return Assignment.objects.filter(
        plan=assignment.plan_id, reader=assignment.reader_id, period=assignment.period
    ).count()


def next_assignment(assignment: Assignment) -> Assignment | None:
    """The next in the plan's order that this reader has not submitted, else an earlier one left open."""
    mine = own_assignments(assignment.reader).filter(plan=assignment.plan_id)
    others = [one for one in mine if one.pk != assignment.pk]
    open_ones = [one for one in others if (read := newest_read(one)) is None or read.state != "submitted"]
    here = (assignment.period, assignment.position)
    later = [one for one in open_ones if (one.period, one.position) > here]
    return next(iter([*later, *open_ones]), None)


def first_score(read: Read) -> Score | None:
    """Uses what was prefetched."""
    return next((score for score in read.scores.all() if score.revision == 0), None)


def list_reader_studies(user: User) -> QuerySet[ReaderStudy]:
    return with_plan(ReaderStudy.objects.all()).order_by("-created_at")


def get_reader_study(reader_study_id: UUID) -> ReaderStudy:
    study = with_plan(ReaderStudy.objects.filter(pk=reader_study_id)).first()
    if study is None:
        raise NotFound("There is no such reader study.")
    return study


def with_plan(studies: QuerySet[ReaderStudy]) -> QuerySet[ReaderStudy]:
    return studies.select_related("project").prefetch_related(
        "plans", "cases__volume__series__study__patient"
    )


def current_plan(study: ReaderStudy) -> Plan:
    """The newest plan, draft or locked."""
    return max(study.plans.all(), key=lambda plan: plan.number)


def assignments_of(plan: Plan) -> Iterable[Assignment]:
    """All rows of a plan with their reads, scores and times: ordered by reader, period, position."""
    measured = ("final_version__measure_sets", "final_version__lesions", "start_version__measure_sets")
    reads = Read.objects.order_by("attempt").prefetch_related("scores", "reading_times", *measured)
    reads = reads.select_related("final_version", "start_version")
    return (
        plan.assignments.select_related("reader", "arm", "case__volume__series__study__patient")
        .prefetch_related(Prefetch("reads", queryset=reads))
        .order_by("reader", "period", "position")
    )
