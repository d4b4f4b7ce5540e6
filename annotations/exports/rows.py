"""One row a read: an attempt at an assignment, with all that belongs to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from annotations.reads.models import Arm, Assignment, CaseStart, Plan, Read, ReadingTime, Score
from annotations.reads.selectors import assignments_of, first_score, newest_time
from annotations.segmentations import producing
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import current_measures
from annotations.studies.models import Series, Study


@dataclass(frozen=True)
class Row:
    """`read` is None for an assignment that nobody opened. `reader` is a pseudonym.

    is_record: the attempt that counts (the first that was submitted; while none is, the newest).
    is_planted: the plan gives this case a start with planted errors in this arm.
    job_s: of the AI job that made the start (of planted errors: what they were planted in).
    """

    plan: Plan
    assignment: Assignment
    reader: str
    read: Read | None
    is_record: bool = True
    is_planted: bool = False
    job_s: float | None = None

    @property
    def series(self) -> Series:
        return self.assignment.case.volume.series

    @property
    def study(self) -> Study:
        return self.series.study

    @property
    def state(self) -> str:
        return self.read.state if self.read else "not_opened"

    @property
    def is_ai(self) -> bool:
        return self.assignment.arm.start == Arm.Start.AI

    @cached_property
    def score(self) -> Score | None:
        return first_score(self.read) if self.read else None

    @cached_property
    def revised_row(self) -> int | None:
        scores = self.read.scores.all() if self.read else ()
        newest = max(scores, key=lambda one: one.revision, default=None)
        return newest.row if newest is not None and newest.revision else None

    @cached_property
    def time(self) -> ReadingTime | None:
        return newest_time(self.read) if self.read else None

    @property
    def final(self) -> Version | None:
        return self.read.final_version if self.read else None

    @property
    def start(self) -> Version | None:
        return self.read.start_version if self.read else None

    @cached_property
    def summary(self) -> dict[str, Any]:
        return current_measures(self.final).summary if self.final else {}

    @cached_property
    def start_summary(self) -> dict[str, Any]:
        return current_measures(self.start).summary if self.start else {}

    @cached_property
    def statuses(self) -> list[str] | None:
        return [one.status for one in self.final.lesions.all()] if self.final else None

    @property
    def derived(self) -> dict[str, Any]:
        return (self.read.derived or {}) if self.read else {}


def rows_of(plan: Plan, readers: Mapping[int, str]) -> Iterator[Row]:
    """By reader, period, position and attempt. readers: user id to pseudonym."""
    planted = set(
        CaseStart.objects.filter(arm__plan__reader_study=plan.reader_study_id, is_planted=True).values_list(
            "arm", "case"
        )
    )
    assignments = list(assignments_of(plan))
    reads_of_all = [read for assignment in assignments for read in assignment.reads.all()]
    prefetch_related_objects(reads_of_all, "start_version__lesions")
    job_seconds = _job_seconds(reads_of_all)
    for assignment in sorted(assignments, key=lambda one: _place(one, readers)):
        reads = sorted(assignment.reads.all(), key=lambda read: read.attempt)
        record = record_of(reads)
        is_planted = (assignment.arm_id, assignment.case_id) in planted
        attempts: list[Read | None] = [*reads] or [None]
        for read in attempts:
            job_s = job_seconds.get(read.pk) if read else None
            yield Row(
                plan, assignment, readers[assignment.reader_id], read, read is record, is_planted, job_s
            )


def _job_seconds(reads: list[Read]) -> dict[UUID, float]:
    """By read. Errors are planted in a child of the job's version, and that takes no job."""
    starts = [(read.pk, read.start_version) for read in reads if read.start_version]
    known = producing.job_seconds({key for _, start in starts for key in _made_from(start)})
    found = {read: [known[key] for key in _made_from(start) if key in known] for read, start in starts}
    return {read: seconds[0] for read, seconds in found.items() if seconds}


def _made_from(start: Version) -> list[UUID]:
    return [start.pk] if start.parent_id is None else [start.pk, start.parent_id]


def _place(assignment: Assignment, readers: Mapping[int, str]) -> tuple[str, int, int, int, str]:
    where = assignment.period, assignment.position, assignment.repeat
    return readers[assignment.reader_id], *where, str(assignment.pk)


def record_of(reads: list[Read]) -> Read | None:
    """The first submission stays the record (invariant 6); while there is none, the newest attempt."""
    ordered = sorted(reads, key=lambda read: read.attempt)
    submitted = [read for read in ordered if read.state == Read.State.SUBMITTED]
    return next(iter([*submitted, *reversed(ordered)]), None)
