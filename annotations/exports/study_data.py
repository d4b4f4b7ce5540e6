"""What an export looks at: one reader study, read once, with its pseudonyms and its mask."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.exports.pseudonyms import reader_codes
from annotations.exports.rows import Row, rows_of
from annotations.reads.deviations import Deviations
from annotations.reads.models import Arm, Plan, ReaderStudy
from annotations.reads.results import results_are_open
from annotations.reads.selectors import current_plan


@dataclass(frozen=True)
class StudyData:
    """masked: arms, and results of single reads (whose arm the allocation tells), are left out."""

    study: ReaderStudy
    plan: Plan
    masked: bool

    @cached_property
    def readers(self) -> dict[int, str]:
        return reader_codes(self.study)

    @cached_property
    def rows(self) -> list[Row]:
        """By reader, period, position and attempt."""
        return list(rows_of(self.plan, self.readers))

    @cached_property
    def deviations(self) -> Deviations:
        return Deviations((row.assignment for row in self.rows), self.plan)

    @cached_property
    def arms(self) -> list[Arm]:
        return sorted(self.plan.arms.all(), key=lambda arm: arm.key)

    @cached_property
    def row_of_read(self) -> dict[str, Row]:
        return {str(row.read.pk): row for row in self.rows if row.read}


def study_data(study: ReaderStudy) -> StudyData:
    return StudyData(study, current_plan(study), is_masked(study))


def is_masked(study: ReaderStudy) -> bool:
    """Until the data lock nothing leaves by arm; a study of one arm has none to tell."""
    return not results_are_open(study)


def seed_of(plan: Plan) -> Any:
    """Of the allocation in the plan's design; plans of older versions keep it in the options."""
    seed = plan.design.get("allocation", {}).get("seed")
    return plan.options.get("seed") if seed is None else seed
