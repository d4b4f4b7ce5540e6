"""Where a read departed from its plan: each by name, with who allowed it and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.reads.models import Exemption, Read

KINDS = {
    "order": "opened out of the planned order, by leave of a coordinator",
    "washout": "opened before the wash-out was over",
    "training": "opened before the training was passed, by leave of a coordinator",
    "reopened": "opened again after a first attempt",
    "abandoned": "abandoned",
    "clock": "the clock was disturbed",
    "before_amendment": "opened under an earlier plan",
}
BREAKS_PROTOCOL = frozenset({"order", "washout", "training", "reopened", "abandoned"})
"""What takes a read out of a per-protocol set; a disturbed clock is a matter of the time's own flags."""


class Deviation(NamedTuple):
    row: Row
    kind: str
    at: datetime | None
    by: int | None
    text: str


def deviations_of(data: StudyData) -> Iterator[Deviation]:
    """In the order of the reads. An exemption that was granted and not used is none."""
    exemptions = _exemptions(data)
    early = early_reads(data)
    for row in data.rows:
        read = row.read
        if read is None:
            continue
        granted = exemptions.get(row.assignment.pk, [])
        for one in granted:
            if one.granted_at <= read.opened_at or one.rule == Exemption.Rule.TRAINING:
                yield Deviation(row, one.rule, one.granted_at, one.granted_by_id, one.reason)
        if row in early and not any(one.rule == Exemption.Rule.WASHOUT for one in granted):
            yield Deviation(row, "washout", read.opened_at, None, early[row])
        if read.attempt > 1:
            yield Deviation(row, "reopened", read.opened_at, read.reopened_by_id, read.reason)
        if read.state == Read.State.ABANDONED:
            yield Deviation(row, "abandoned", read.abandoned_at, None, read.abandoned_reason)
        if row.time and row.time.flags:
            yield Deviation(row, "clock", None, None, " ".join(row.time.flags))
        if row.assignment.plan_id != row.plan.pk:
            text = f"plan {row.assignment.plan.number}"
            yield Deviation(row, "before_amendment", read.opened_at, None, text)


def early_reads(data: StudyData) -> dict[Row, str]:
    """Reads opened less than the planned wash-out after the same reader submitted the same case."""
    days = data.plan.design.get("washout_days")
    if not days:
        return {}
    found = {}
    for row in data.rows:
        gap = days_since_previous(row, data.rows)
        if row.read and row.read.attempt == 1 and gap is not None and gap < timedelta(days=days):
            found[row] = f"{gap / timedelta(days=1):.3f} of {days} days"
    return found


def days_since_previous(row: Row, rows: list[Row]) -> timedelta | None:
    """From the last submission of this case by this reader in another assignment to the opening."""
    if row.read is None:
        return None
    opened = row.read.opened_at
    earlier = [
        opened - other.read.submitted_at
        for other in rows
        if other.read is not None
        and other.read.submitted_at is not None
        and other.reader == row.reader
        and other.assignment.case_id == row.assignment.case_id
        and other.assignment.pk != row.assignment.pk
        and other.read.submitted_at <= opened
    ]
    return min(earlier, default=None)


def _exemptions(data: StudyData) -> dict[object, list[Exemption]]:
    found: dict[object, list[Exemption]] = {}
    study = data.study.pk
    for one in Exemption.objects.filter(assignment__plan__reader_study=study).order_by("granted_at", "pk"):
        found.setdefault(one.assignment_id, []).append(one)
    return found
