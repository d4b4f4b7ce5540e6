"""Open an assignment: the read and a lineage of its own. Open it again: a further attempt, with a reason."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.reads.errors import (
    DataLocked,
    NotNext,
    NotReopened,
    ReadFrozen,
    StartNotReady,
    TrainingNotPassed,
    Washout,
)
from annotations.reads.gates import Gate, gates_of, told_opening
from annotations.reads.models import Arm, Assignment, CaseRole, Plan, Read
from annotations.reads.selectors import find_start_version, own_assignments, with_case
from annotations.reads.services.comparing import compare_read
from annotations.segmentations.models import Version
from annotations.segmentations.services import insert_version, prepare_lineage
from annotations.segmentations.services.create import PreparedVersion

MASKS_ORIGIN = {"arm", "release"}


def open_read(*, assignment: Assignment) -> Read:
    """The read of an assignment, made at the first call; opened again it is the same read.

    In an AI arm the lineage's first version grows from the AI version (StartNotReady while there is
    none); in the other arms it is an empty label map. Two pages that open at once get one read.
    Raises NotNext, Washout, TrainingNotPassed, DataLocked, ReadFrozen (abandoned).
    """
    read = _existing(assignment)
    if read is not None:
        return read
    _check(_gate(assignment), assignment.plan)
    start = _start_of(assignment)
    prepared = _prepare(assignment, start)
    try:
        with transaction.atomic():
            read = _insert(assignment, prepared, start, attempt=1)
            record(actor=assignment.reader, action="read_opened", object_type="read", object_id=read.pk)
    except IntegrityError:
        read = _existing(assignment)
        if read is None:
            raise
        return read
    return with_case(Read.objects.all()).get(pk=read.pk)


def reopen_assignment(*, assignment: Assignment, by: User, reason: str) -> Read:
    """A further attempt after one that was submitted or abandoned: a new read with a lineage of its own,
    from the same start. The first submission stays the record.

    Raises NotReopened (a read is still open, or none was ever), DataLocked, InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput("Please say why the case is opened again.", field="reason")
    if assignment.plan.reader_study.data_locked_at is not None:
        raise DataLocked("The data are locked: nothing is opened again.")
    last = assignment.reads.order_by("-attempt").first()
    if last is None or last.state not in (Read.State.SUBMITTED, Read.State.ABANDONED):
        raise NotReopened("Only a read that was submitted or abandoned is opened again.")
    prepared = _prepare(assignment, last.start_version)
    try:
        with transaction.atomic():
            read = _insert(
                assignment, prepared, last.start_version, last.attempt + 1, reason.strip(), reopened_by=by
            )
            record(
                actor=by,
                action="read_reopened",
                object_type="read",
                object_id=read.pk,
                old={"read": str(last.pk), "attempt": last.attempt},
                new={"attempt": read.attempt},
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise NotReopened("The case was opened again a moment ago.") from error
    return read


def _gate(assignment: Assignment) -> Gate:
    """With the comparisons that the training's pass rule needs, should they still be missing."""
    mine = own_assignments(assignment.reader).filter(plan__reader_study=assignment.plan.reader_study_id)
    gate = gates_of(mine)[assignment.pk]
    if gate.state == "training_review":
        training = Read.objects.filter(
            assignment__reader=assignment.reader_id,
            assignment__plan__reader_study=assignment.plan.reader_study_id,
            assignment__role=CaseRole.TRAINING,
            state=Read.State.SUBMITTED,
        )
        if sum(len(compare_read(read)) for read in training):
            gate = gates_of(mine.all())[assignment.pk]
    return gate


def _check(gate: Gate, plan: Plan) -> None:
    if gate.state == "closed":
        raise DataLocked("The study is closed: no case is opened any more.")
    if gate.state == "later":
        raise NotNext("Another case comes first.")
    if gate.state == "training_review":
        raise TrainingNotPassed("Your coordinator looks at the training cases first.")
    if gate.state == "washout":
        opens_at = told_opening(gate, plan)
        raise Washout("This case cannot be opened yet.", opens_at=opens_at.isoformat() if opens_at else None)
    if gate.state == "waiting":
        raise StartNotReady("This case is not ready yet.")
    if gate.state == Read.State.ABANDONED:
        raise ReadFrozen("This case was ended. Your coordinator can open it again.", state=gate.state)


def _start_of(assignment: Assignment) -> Version | None:
    start = find_start_version(assignment)
    if start is None and assignment.arm.start == Arm.Start.AI:
        raise StartNotReady("This case is not ready yet.")
    return start


def _prepare(assignment: Assignment, start: Version | None) -> PreparedVersion:
    return prepare_lineage(
        volume=assignment.case.volume,
        start=start,
        title=f"{assignment.plan.reader_study.name}, case {assignment.case.number}",
        author=assignment.reader,
        suv_revision=assignment.case.suv_revision,
        is_synthetic=assignment.case.volume.series.study.is_synthetic,
        says_origin=MASKS_ORIGIN.isdisjoint(assignment.plan.masked),
    )


def _insert(
    assignment: Assignment,
    prepared: PreparedVersion,
    start: Version | None,
    attempt: int,
    reason: str = "",
    reopened_by: User | None = None,
) -> Read:
    version = insert_version(prepared)
    return Read.objects.create(
        assignment=assignment,
        attempt=attempt,
        reason=reason,
        reopened_by=reopened_by,
        segmentation=version.segmentation,
        start_version=start,
        opened_at=timezone.now(),
    )


def _existing(assignment: Assignment) -> Read | None:
    reads = assignment.reads.exclude(state=Read.State.ABANDONED).order_by("-attempt")
    return with_case(reads).first()
