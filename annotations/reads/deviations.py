"""Where a read departed from its plan: by name, with who allowed it and why. The one rule of dashboard,
results and exports. An exemption that was granted and not used is no deviation.

Assignments come from `assignments_of` (reads, reading times and exemptions prefetched).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from annotations.reads.models import Assignment, CaseRole, Exemption, Plan, Read
from annotations.reads.selectors import design_of, newest_time

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
    """at: UTC, None where it has no time of its own. by: user id, None where the software found it."""

    kind: str
    at: datetime | None
    by: int | None
    text: str


class Deviations:
    """Of the reads of one plan in force. The wash-out needs all rows: each reader's other reads of a case."""

    def __init__(self, rows: Iterable[Assignment], in_force: Plan) -> None:
        self._in_force = in_force
        self._washout = timedelta(days=design_of(in_force)["washout_days"])
        self._ends: dict[tuple[int, object], dict[object, list[datetime]]] = {}
        for row in rows:
            ends = [at for read in row.reads.all() if (at := read.submitted_at or read.abandoned_at)]
            self._ends.setdefault((row.reader_id, row.case_id), {})[row.pk] = ends

    def of(self, row: Assignment, read: Read) -> list[Deviation]:
        found = list(self._exempted(row, read))
        found += self._early(row, read)
        if read.attempt > 1:
            found.append(Deviation("reopened", read.opened_at, read.reopened_by_id, read.reason))
        if read.state == Read.State.ABANDONED:
            found.append(Deviation("abandoned", read.abandoned_at, None, read.abandoned_reason))
        time = newest_time(read)
        if time is not None and time.flags:
            found.append(Deviation("clock", None, None, " ".join(time.flags)))
        if row.plan_id != self._in_force.pk:
            found.append(Deviation("before_amendment", read.opened_at, None, f"plan {row.plan.number}"))
        return found

    def since_previous(self, row: Assignment, read: Read) -> timedelta | None:
        """From the end of this reader's last other read of the case, however it ended, to the opening."""
        ends = self._ends.get((row.reader_id, row.case_id), {})
        gaps = [
            read.opened_at - at
            for other, times in ends.items()
            if other != row.pk
            for at in times
            if at <= read.opened_at
        ]
        return min(gaps, default=None)

    def _exempted(self, row: Assignment, read: Read) -> Iterable[Deviation]:
        for one in _granted(row):
            if one.rule != Exemption.Rule.WASHOUT and one.granted_at <= read.opened_at:
                yield Deviation(one.rule, one.granted_at, one.granted_by_id, one.reason)

    def _early(self, row: Assignment, read: Read) -> Iterable[Deviation]:
        """A further attempt is opened by leave of a coordinator at any time; training has no wash-out."""
        gap = self.since_previous(row, read)
        if gap is None or gap >= self._washout or read.attempt > 1 or row.role == CaseRole.TRAINING:
            return
        leave = next((one for one in _granted(row) if one.rule == Exemption.Rule.WASHOUT), None)
        if leave is not None:
            yield Deviation("washout", leave.granted_at, leave.granted_by_id, leave.reason)
        else:
            day = timedelta(days=1)
            text = f"{gap / day:.3f} of {self._washout / day:g} days"
            yield Deviation("washout", read.opened_at, None, text)


def _granted(row: Assignment) -> list[Exemption]:
    return sorted(row.exemptions.all(), key=lambda one: (one.granted_at, one.pk))
