"""Score and submit. The first score is immutable; submit computes the record and freezes the read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.imaging.table1 import derive_row
from annotations.reads.errors import NoScore, ReadFrozen, ScoreGiven, ScoreMissing, StaleHead
from annotations.reads.models import Arm, Read, Score
from annotations.reads.selectors import design_of
from annotations.reads.services.comparing import compare_read
from annotations.reads.services.reading import check_all_arrived, hold_read, require_data_unlocked
from annotations.reads.timing import reading_time_of
from annotations.segmentations.selectors import current_measures
from annotations.segmentations.voxels import read_labels
from annotations.studies.selectors import volume_grid


def needs_score(read: Read) -> bool:
    """Reads of an AI arm are scored. A final segmentation without a lesion has no row (negative control)."""
    if read.assignment.arm.start != Arm.Start.AI:
        return False
    if read.final_version is None:
        return True
    return bool(current_measures(read.final_version).summary["lesion_count"])


def score_read(
    *,
    read: Read,
    row: int,
    confidence: int | None = None,
    comment: str = "",
    lesion_flags: Sequence[Mapping[str, Any]] | None = None,
) -> Read:
    """Give the Table 1 row. The same score again changes nothing; another one is ScoreGiven.

    lesion_flags: the reader's own remarks, {label, flag, remark} each; InvalidInput for a label twice or
    one that is neither in the start nor in the final version.
    """
    if read.assignment.arm.start != Arm.Start.AI:
        raise NoScore("This read does not start from an AI result, so there is nothing to score.")
    derived = derived_row(read)
    flags = _checked_flags(read, lesion_flags)
    given = {"row": row, "confidence": confidence, "comment": comment, "lesion_flags": flags}
    try:
        with transaction.atomic():
            hold_read(read, [Read.State.FINAL])
            _require_same_final(read)
            Score.objects.create(read=read, revision=0, created_at=timezone.now(), **given)
            read.derived = derived
            read.save(update_fields=["derived"])
            record(
                actor=read.assignment.reader,
                action="read_scored",
                object_type="read",
                object_id=read.pk,
                new=given,
            )
    except IntegrityError as error:
        first = read.scores.get(revision=0)
        if {name: getattr(first, name) for name in given} != given:
            raise ScoreGiven("The first score stays as it was given.", row=first.row) from error
        read.refresh_from_db()
    return read


def revise_score(
    *, read: Read, row: int, confidence: int | None = None, comment: str = "", reason: str
) -> Read:
    """Another row, beside the first score and never in its place, until the data are locked.

    Raises ScoreMissing (no first score), DataLocked, InvalidInput (no reason).
    """
    if not reason.strip():
        raise InvalidInput("Please say why the score is revised.", field="reason")
    with transaction.atomic():
        Read.objects.select_for_update().get(pk=read.pk)
        require_data_unlocked(read)
        first = read.scores.filter(revision=0).first()
        if first is None:
            raise ScoreMissing("There is no score yet that could be revised.")
        last = read.scores.order_by("-revision")[:1].get()
        given = {"row": row, "confidence": confidence, "comment": comment}
        try:
            with transaction.atomic():
                Score.objects.create(
                    read=read,
                    revision=last.revision + 1,
                    reason=reason.strip(),
                    created_at=timezone.now(),
                    **given,
                )
        except IntegrityError as error:
            raise ScoreGiven("The score was revised on another page.", row=last.row) from error
        record(
            actor=read.assignment.reader,
            action="score_revised",
            object_type="read",
            object_id=read.pk,
            old={"row": last.row, "revision": last.revision},
            new=given | {"revision": last.revision + 1},
            reason=reason.strip(),
        )
    return read


def submit_read(*, read: Read, head: UUID, event_count: int) -> Read:
    """Freeze a final read with its derived row and reading time; what comes later is late.

    Waits for the head version and the events that are named (StaleHead, EventsMissing). The same call
    again changes nothing.
    """
    if _was_submitted_so(read, head, event_count):
        return read
    derived = derived_row(read) if read.derived is None and read.start_version else read.derived
    with transaction.atomic():
        try:
            hold_read(read, [Read.State.FINAL])
        except ReadFrozen:
            if _was_submitted_so(read, head, event_count):
                return read
            raise
        _require_same_final(read)
        check_all_arrived(read, head=head, event_count=event_count)
        if needs_score(read) and not read.scores.exists():
            raise ScoreMissing("Please give the score first.")
        time = reading_time_of(read)
        if time is not None:
            time.save(force_insert=True)
        read.derived, read.last_event_number = derived, event_count
        read.state, read.submitted_at = Read.State.SUBMITTED, timezone.now()
        read.save(update_fields=["derived", "last_event_number", "state", "submitted_at"])
        record(
            actor=read.assignment.reader,
            action="read_submitted",
            object_type="read",
            object_id=read.pk,
            new={"head": str(head), "event_count": event_count},
        )
    compare_read(read)
    return read


def derived_row(read: Read) -> dict[str, Any] | None:
    """The row that follows from the AI version and the final version; None outside AI arms."""
    if read.assignment.arm.start != Arm.Start.AI or read.final_version is None or read.start_version is None:
        return None
    design = design_of(read.assignment.plan)
    row = derive_row(
        read_labels(read.start_version),
        read_labels(read.final_version),
        volume_grid(read.segmentation.volume),
        tolerance_voxels=design["partial_tolerance_voxels"],
        minimum_ml=design["boundary"]["minimum_ml"],
    )
    return row.to_json()


def _checked_flags(read: Read, flags: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    if not flags:
        return None
    labels = [int(flag["label"]) for flag in flags]
    versions = [version for version in (read.start_version, read.final_version) if version is not None]
    known = {lesion.label for version in versions for lesion in version.lesions.all()}
    unknown = sorted(set(labels) - known)
    if unknown:
        raise InvalidInput("There is no lesion of this number in this read.", labels=unknown)
    if len(set(labels)) != len(labels):
        raise InvalidInput("A lesion is flagged twice.", labels=sorted(labels))
    return sorted((dict(flag) for flag in flags), key=lambda flag: int(flag["label"]))


def _require_same_final(read: Read) -> None:
    """The derived row was computed before the row was held: it must be of the version that is final now."""
    computed_for = read.final_version_id
    read.refresh_from_db()
    if read.final_version_id != computed_for:
        raise StaleHead("The segmentation was taken up again meanwhile.", head=str(read.final_version_id))


def _was_submitted_so(read: Read, head: UUID, event_count: int) -> bool:
    read.refresh_from_db()
    named = (read.final_version_id, read.last_event_number)
    return read.state == Read.State.SUBMITTED and named == (head, event_count)
