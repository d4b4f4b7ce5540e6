"""Which reads an analysis is about, said once: reads of record, cases with tumour, the two arms compared."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotations.statistics.data import AnalysisData, ArmRow, CaseRow, MetricRow, PlanSettings, ReadRow
from annotations.statistics.paired import average_within
from annotations.statistics.results import Floats

Value = Callable[[ReadRow], float | None]

ENDPOINTS = {
    "active_s": "Reading time (active)",
    "wall_s": "Wall time",
    "time_to_first_edit_s": "Time to first edit",
    "action_count": "Actions",
    "dice": "Dice",
    "precision": "Precision",
    "sensitivity": "Sensitivity",
    "lesion_dice": "Lesion-wise Dice",
    "lesion_precision": "Lesion-wise precision",
    "lesion_sensitivity": "Lesion-wise sensitivity",
    "n_false": "False-positive lesions",
    "n_missed": "Missed lesions",
    "false_positive_volume_ml": "False-positive volume",
    "false_negative_volume_ml": "False-negative volume",
    "active_t30_s": "Active, T = 30 s",
    "active_t60_s": "Active, T = 60 s",
    "active_t120_s": "Active, T = 120 s",
    "active_gap_zero_s": "Active, a gap over T counts 0",
    "active_and_loading_s": "Active and loading",
    "active_and_computing_s": "Active and computing",
    "active_and_loading_and_computing_s": "Active, loading and computing",
    "wall_minus_paused_s": "Wall minus declared pauses",
    "ttv": "Total tumour volume, -|log ratio to reference|",
    "ttv_ml": "Total tumour volume",
}


@dataclass(frozen=True)
class Pairs:
    """Per case the mean over readers of control and test values (of their logs where asked)."""

    cases: tuple[Hashable, ...]
    control: Floats
    test: Floats
    reads: int
    readers: int


@dataclass(frozen=True)
class Selection:
    """The data with the questions every part of the report asks."""

    data: AnalysisData

    @property
    def settings(self) -> PlanSettings:
        return self.data.settings

    @cached_property
    def cases(self) -> dict[int, CaseRow]:
        return {case.case: case for case in sorted(self.data.cases, key=lambda one: one.case)}

    @cached_property
    def arms(self) -> dict[str, ArmRow]:
        return {arm.key: arm for arm in self.settings.arms}

    @cached_property
    def compared(self) -> tuple[ArmRow, ArmRow] | None:
        """(control, test); None where there are no two arms to compare."""
        by_start = {arm.start: arm for arm in reversed(self.settings.arms)}
        control = self.arms.get(self.settings.control_arm) or by_start.get("semi_automatic")
        control = control or by_start.get("empty")
        test = self.arms.get(self.settings.test_arm) or by_start.get("ai")
        return (control, test) if control and test and control.key != test.key else None

    @cached_property
    def arm_titles(self) -> list[str]:
        """Control first, so that an arm has its colour in every figure."""
        compared = self.compared or ()
        rest = [arm for arm in self.settings.arms if arm not in compared]
        return [arm.title for arm in (*compared, *rest)]

    @cached_property
    def assignments(self) -> list[ReadRow]:
        """One row an assignment: the attempt that counts. One that was abandoned and submitted on a second
        attempt is submitted."""
        return [read for read in self.data.reads if read.is_of_record]

    @cached_property
    def of_record(self) -> list[ReadRow]:
        """First submissions in the analysis set, without practice reads; repeats included."""
        kept = [
            read
            for read in self.data.reads
            if (read.state == "submitted" or self.counts_as_abandoned(read))
            and read.is_of_record
            and not self.is_practice(read)
            and self.settings.analysis_set in read.analysis_sets
        ]
        return sorted(kept, key=lambda one: (one.case, one.reader, one.arm, one.repeat, one.read))

    @cached_property
    def planned(self) -> list[ReadRow]:
        """Reads of record of cases with tumour, without repeats and without planted errors."""
        return [
            read
            for read in self.of_record
            if read.repeat == 0 and not read.has_planted_errors and not self.is_control(read.case)
        ]

    @cached_property
    def timed(self) -> list[ReadRow]:
        """Of the planned reads those with a clock, in the timing subgroup where the plan drew one."""
        has_subgroup = any(read.is_timing_subgroup for read in self.data.reads)
        return [
            read
            for read in self.planned
            if read.active_s and read.active_s > 0 and (read.is_timing_subgroup or not has_subgroup)
        ]

    @cached_property
    def metric_of_read(self) -> dict[str, MetricRow]:
        return {one.read: one for one in self.data.metrics if one.read}

    @cached_property
    def named_versions(self) -> dict[str, list[MetricRow]]:
        """Rows of named versions by source, in their order; cases sorted."""
        rows = [one for one in self.data.metrics if not one.read]
        rows.sort(key=lambda one: (one.order, one.source, one.case))
        found: dict[str, list[MetricRow]] = {}
        for row in rows:
            found.setdefault(row.source, []).append(row)
        return found

    @property
    def is_synthetic(self) -> bool:
        return self.settings.is_synthetic or any(case.is_synthetic for case in self.data.cases)

    def counts_as_abandoned(self, read: ReadRow) -> bool:
        """Abandoned, and the plan says that its time counts; it has no score and no metrics."""
        return read.state == "abandoned" and self.settings.abandoned_rule == "time_to_abandon"

    def is_practice(self, read: ReadRow) -> bool:
        case = self.cases.get(read.case)
        return read.is_training or (case is not None and case.is_training)

    def is_control(self, case: int) -> bool:
        """A negative control; cases without a reference count as with tumour."""
        row = self.cases.get(case)
        return row is not None and row.is_negative_control is True

    def value_of(self, endpoint: str) -> Value:
        """Values of a read by name: of the read itself, of its variants, or of its metrics."""

        def value(read: ReadRow) -> float | None:
            if endpoint == "ttv":
                return self.ttv_agreement(read)
            if endpoint in read.variants:
                return read.variants[endpoint]
            source: object = read if hasattr(read, endpoint) else self.metric_of_read.get(read.read)
            found = getattr(source, endpoint, None)
            return None if found is None else float(found)

        return value

    def ttv_agreement(self, read: ReadRow) -> float | None:
        """-|log(TTV / reference TTV)|: 0 is perfect, higher is better."""
        case = self.cases.get(read.case)
        if case is None or not case.volume_ml or not read.ttv_ml:
            return None
        return -abs(float(np.log(read.ttv_ml / case.volume_ml)))

    def of_arm(self, reads: Sequence[ReadRow], arm: ArmRow) -> list[ReadRow]:
        return [read for read in reads if read.arm == arm.key]

    def pairs(self, reads: Sequence[ReadRow], value: Value, *, use_logs: bool = False) -> Pairs | None:
        """Reader-case pairs with a value in both arms, averaged over readers within the case. None without
        two arms; use_logs: geometric means."""
        if self.compared is None:
            return None
        control_arm, test_arm = self.compared
        control = {(one.case, one.reader): value(one) for one in self.of_arm(reads, control_arm)}
        test = {(one.case, one.reader): value(one) for one in self.of_arm(reads, test_arm)}
        both = [key for key in control if control[key] is not None and test.get(key) is not None]
        first = np.array([control[key] for key in both], dtype=np.float64)
        second = np.array([test[key] for key in both], dtype=np.float64)
        if use_logs:
            above = (first > 0) & (second > 0)
            both = [key for key, kept in zip(both, above, strict=True) if kept]
            first, second = np.log(first[above]), np.log(second[above])
        names, one = average_within([case for case, _ in both], first)
        _, two = average_within([case for case, _ in both], second)
        if use_logs:
            one, two = np.exp(one), np.exp(two)
        return Pairs(tuple(names), one, two, 2 * len(both), len({reader for _, reader in both}))


def endpoint_title(name: str) -> str:
    return ENDPOINTS.get(name) or name.replace("_", " ")


def values(reads: Sequence[ReadRow], value: Value) -> list[float]:
    """What is there; what is missing is counted by the caller as len(reads) - len(values)."""
    found = [value(read) for read in reads]
    return [one for one in found if one is not None]
