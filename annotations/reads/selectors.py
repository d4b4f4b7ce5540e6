"""Reads of this room (the verb)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from annotations.accounts.models import User
from annotations.errors import NotFound
from annotations.reads.design import read_design
from annotations.reads.errors import ReadsInStudy
from annotations.reads.models import (
    Arm,
    Assignment,
    Case,
    CaseStart,
    Plan,
    Read,
    ReaderStudy,
    ReadingTime,
    Score,
)
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import first_version_of_producer, segmented_volumes
from annotations.studies.selectors import projects_visible_to

NOT_SUPERSEDED = Q(plan__amendment__isnull=True) | Q(plan__amendment__locked_at__isnull=True)
"""Rows of a plan that no locked amendment follows; of an amended plan only what was opened still counts."""


def volumes_of_own_assignments(user: User) -> Q:
    """A filter on Volume: what a reader may see (PET and CT of the cases assigned in a locked plan)."""
    cases = Case.objects.filter(assignments__reader=user, assignments__plan__locked_at__isnull=False)
    return Q(pk__in=cases.values("volume")) | Q(
        pk__in=cases.filter(ct_volume__isnull=False).values("ct_volume")
    )


def volumes_of_masked_cases(user: User) -> Q:
    """A filter on Volume: the PET of cases that the user reads in a study that masks anything, until its data
    lock. What stands beside such a case is no more the user's to see than the plan is (`reader_study_for`).
    """
    masked = Plan.objects.filter(locked_at__isnull=False).exclude(masked=[])
    cases = Case.objects.filter(
        assignments__reader=user,
        reader_study__data_locked_at__isnull=True,
        reader_study__in=masked.values("reader_study"),
    )
    return Q(pk__in=cases.values("volume"))


def versions_of_own_reads(user: User) -> Q:
    """A filter on Version: the lineages of a reader's own reads."""
    return Q(segmentation__read__assignment__reader=user)


def own_assignments(user: User) -> QuerySet[Assignment]:
    """A reader's worklist in the order of the plan; the newest attempt of each is `newest_read`."""
    return (
        Assignment.objects.filter(reader=user, plan__locked_at__isnull=False)
        .annotate(was_opened=was_opened())
        .filter(NOT_SUPERSEDED | Q(was_opened=True))
        .select_related("plan__reader_study", "arm", "case__volume__series__study__patient")
        .prefetch_related(Prefetch("reads", queryset=Read.objects.order_by("-attempt")), "exemptions")
        .order_by("plan__reader_study__created_at", "plan__reader_study", "period", "position")
    )


def was_opened() -> Exists:
    return Exists(Read.objects.filter(assignment=OuterRef("pk")))


def rows_in_force(plan: Plan) -> QuerySet[Assignment]:
    """The rows of a plan, and those of the plans it amends that were opened before (`was_opened`)."""
    chain = Plan.objects.filter(
        reader_study=plan.reader_study_id, number__lt=plan.number, locked_at__isnull=False
    )
    rows = Assignment.objects.annotate(was_opened=was_opened())
    return rows.filter(Q(plan=plan) | Q(plan__in=chain, was_opened=True)).order_by(
        "reader", "period", "position"
    )


def design_of(plan: Plan) -> dict[str, Any]:
    """The design; of a plan that was locked before designs were stored, what its rows say of it."""
    if plan.design:
        return dict(plan.design)
    rows = list(plan.assignments.select_related("case__volume__series"))
    cases = {row.case.number: row.case for row in rows}
    kept = {key: plan.options[key] for key in ("window", "ask_site") if plan.options.get(key)}
    arms = [
        {
            "key": arm.key,
            "title": arm.title,
            "start": arm.start,
            "release_name": arm.producer_name,
            "release_fingerprint": arm.producer_fingerprint,
        }
        for arm in plan.arms.order_by("key")
    ]
    return read_design(
        kept
        | {
            "cases": [
                {"study": str(case.volume.series.study_id), "volume": str(case.volume_id)}
                for _, case in sorted(cases.items())
            ],
            "readers": sorted({row.reader_id for row in rows}),
            "arms": arms,
            "allocation": {"seed": plan.options.get("seed", 0), "order": "free"},
            "washout_days": 0,
            "masked": plan.masked,
            "idle_threshold_s": plan.idle_threshold_s,
        }
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


def any_read(read_id: UUID) -> Read:
    """Whoever's it is, with all that results show of it. Raises NotFound; the caller checks the study."""
    reads = with_case(Read.objects.filter(pk=read_id)).prefetch_related("comparisons")
    read = reads.first()
    if read is None:
        raise NotFound("There is no such read, or it is not yours to see.")
    return read


def any_assignment(assignment_id: UUID) -> Assignment:
    """Whoever's it is. Raises NotFound; the caller checks the study."""
    rows = Assignment.objects.select_related(
        "plan__reader_study", "reader", "arm", "case__volume__series__study", "case__suv_revision"
    )
    found = rows.filter(pk=assignment_id).first()
    if found is None:
        raise NotFound("There is no such assignment, or it is not yours to see.")
    return found


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
    """What an AI arm starts from; None where the arm starts empty or it is not made yet."""
    if assignment.arm.start != Arm.Start.AI:
        return None
    chosen = CaseStart.objects.filter(arm=assignment.arm_id, case=assignment.case_id)
    start = chosen.select_related("version__segmentation__volume", "version__labels").first()
    if start is not None or assignment.arm.uses_chosen_versions:
        return start.version if start else None
    return first_version_of_producer(assignment.case.volume_id, assignment.arm.producer_fingerprint)


def ready_to_open(assignments: Iterable[Assignment]) -> set[UUID]:
    """Of which assignments the start is there, or not needed."""
    rows = list(assignments)
    chosen = set(
        CaseStart.objects.filter(arm__in={row.arm_id for row in rows}).values_list("arm_id", "case_id")
    )
    done = segmented_volumes(
        (row.case.volume_id for row in rows), (row.arm.producer_fingerprint for row in rows)
    )
    return {
        row.pk
        for row in rows
        if row.arm.start != Arm.Start.AI
        or (row.arm_id, row.case_id) in chosen
        or (row.case.volume_id, row.arm.producer_fingerprint) in done
    }


def case_count(assignment: Assignment) -> int:
    """How many cases this reader has in this period of the reader study."""
    mine = own_assignments(assignment.reader).order_by()
    return mine.filter(plan__reader_study=assignment.plan.reader_study_id, period=assignment.period).count()


def next_assignment(assignment: Assignment) -> Assignment | None:
    """The next in the plan's order that this reader has not submitted, else an earlier one left open."""
    mine = own_assignments(assignment.reader).filter(plan__reader_study=assignment.plan.reader_study_id)
    others = [one for one in mine if one.pk != assignment.pk]
    open_ones = [one for one in others if not is_ended(one)]
    here = (assignment.period, assignment.position)
    later = [one for one in open_ones if (one.period, one.position) > here]
    return next(iter([*later, *open_ones]), None)


def is_ended(assignment: Assignment) -> bool:
    """Submitted or abandoned, and not opened again (uses the prefetched reads, newest attempt first)."""
    read = next(iter(assignment.reads.all()), None)
    return read is not None and read.state in (Read.State.SUBMITTED, Read.State.ABANDONED)


def record_read(assignment: Assignment) -> Read | None:
    """The read of record: the first that was submitted, whatever was opened again later."""
    submitted = [read for read in assignment.reads.all() if read.state == Read.State.SUBMITTED]
    return min(submitted, key=lambda read: read.attempt, default=None)


def newest_time(read: Read) -> ReadingTime | None:
    """Uses what was prefetched; of several versions of the clock's code the newest row."""
    return max(read.reading_times.all(), key=lambda time: time.pk, default=None)


def first_score(read: Read) -> Score | None:
    """Uses what was prefetched."""
    return next((score for score in read.scores.all() if score.revision == 0), None)


def list_reader_studies(user: User) -> QuerySet[ReaderStudy]:
    """Of the projects the user sees, newest first."""
    studies = ReaderStudy.objects.filter(project__in=projects_visible_to(user))
    return with_plan(studies).order_by("-created_at")


def get_reader_study(reader_study_id: UUID) -> ReaderStudy:
    study = with_plan(ReaderStudy.objects.filter(pk=reader_study_id)).first()
    if study is None:
        raise NotFound("There is no such reader study.")
    return study


def reader_study_for(user: User, reader_study_id: UUID) -> ReaderStudy:
    """A study of a project the user sees. Raises NotFound, or ReadsInStudy where a plan masks anything
    and the user reads in it: plan and results would undo the masking.
    """
    study = with_plan(ReaderStudy.objects.filter(project__in=projects_visible_to(user), pk=reader_study_id))
    found = study.first()
    if found is None:
        raise NotFound("There is no such reader study, or it is not yours to see.")
    if reads_masked(user, found):
        raise ReadsInStudy("You read in this study: its plan and its results are masked for you.")
    return found


def reads_masked(user: User, study: ReaderStudy) -> bool:
    """Whether the user is a reader of a study that masks anything and is not closed yet."""
    if study.data_locked_at is not None or not any(plan.masked for plan in study.plans.all()):
        return False
    named = any(user.pk in plan.design.get("readers", []) for plan in study.plans.all())
    return named or Assignment.objects.filter(reader=user, plan__reader_study=study).exists()


def with_plan(studies: QuerySet[ReaderStudy]) -> QuerySet[ReaderStudy]:
    return studies.select_related("project").prefetch_related(
        "plans__amends", "cases__volume__series__study__patient"
    )


def newest_plan(study: ReaderStudy) -> Plan:
    """The newest plan, draft or locked."""
    return max(study.plans.all(), key=lambda plan: plan.number)


def plan_in_force(study: ReaderStudy) -> Plan | None:
    """The newest locked plan; None while the first is a draft."""
    locked = [plan for plan in study.plans.all() if plan.locked_at is not None]
    return max(locked, key=lambda plan: plan.number, default=None)


def current_plan(study: ReaderStudy) -> Plan:
    """The plan in force, else the draft of the first."""
    return plan_in_force(study) or newest_plan(study)


def assignments_of(plan: Plan) -> Iterable[Assignment]:
    """All rows in force of a plan with reads, scores, times and comparisons: by reader, period, position."""
    measured = ("final_version__measure_sets", "final_version__lesions", "start_version__measure_sets")
    reads = Read.objects.order_by("attempt").prefetch_related(
        "scores", "reading_times", "comparisons", *measured
    )
    reads = reads.select_related("final_version", "start_version")
    return (
        rows_in_force(plan)
        .select_related("plan", "reader", "arm", "case__volume__series__study__patient")
        .prefetch_related(Prefetch("reads", queryset=reads), "exemptions")
    )
