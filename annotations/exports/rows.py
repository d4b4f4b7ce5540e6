"""One row a read: an attempt at an assignment, with all that belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.reads.models import Assignment, Plan, Read, ReadingTime, Score
from annotations.reads.selectors import assignments_of, first_score
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import current_measures
from annotations.studies.models import Series, Study


@dataclass(frozen=True)
class Row:
    """`read` is None for an assignment that nobody opened. `reader` is a pseudonym."""

    plan: Plan
    assignment: Assignment
    reader: str
    read: Read | None

    @property
    def series(self) -> Series:
        return self.assignment.case.volume.series

    @property
    def study(self) -> Study:
        return self.series.study

    @property
    def state(self) -> str:
        return self.read.state if self.read else "not_opened"

    @cached_property
    def score(self) -> Score | None:
        return first_score(self.read) if self.read else None

    @cached_property
    def time(self) -> ReadingTime | None:
        """Of several versions of the clock's code the newest."""
        times = self.read.reading_times.all() if self.read else ()
        return max(times, key=lambda one: one.pk, default=None)

    @property
    def final(self) -> Version | None:
        return self.read.final_version if self.read else None

    @cached_property
    def summary(self) -> dict[str, Any]:
        return current_measures(self.final).summary if self.final else {}

    @cached_property
    def start_summary(self) -> dict[str, Any]:
        start = self.read.start_version if self.read else None
        return current_measures(start).summary if start else {}

    @cached_property
    def statuses(self) -> list[str] | None:
        return [one.status for one in self.final.lesions.all()] if self.final else None

    @property
    def derived(self) -> dict[str, Any]:
        return (self.read.derived or {}) if self.read else {}


def rows_of(plan: Plan) -> Iterator[Row]:
    """By reader, period and position. Readers are R01, R02 ... in the order their accounts were made."""
    assignments = list(assignments_of(plan))
    codes = {key: f"R{n:02d}" for n, key in enumerate(sorted({a.reader_id for a in assignments}), start=1)}
    for assignment in assignments:
        reads: list[Read | None] = list(assignment.reads.all()) or [None]
        for read in reads:
            yield Row(plan, assignment, codes[assignment.reader_id], read)
