"""reads_wide: one row a reader and case, the reads of record of the arms side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.tables.column import Column, Reason, Table
from annotations.exports.tables.reads import COLUMNS, PLANNED
from annotations.reads.models import Arm

SAME_IN_ALL_ARMS = (
    "reader_study",
    "plan_number",
    "plan_digest",
    "reader",
    "case_number",
    "pseudonym",
    "is_synthetic",
    "tracer",
    "role",
    "stratum",
    "sequence",
    "repeat",
)
NAMES_THE_ARM = ("arm", "is_record")


@dataclass(frozen=True)
class WideRow:
    """first: any of the rows, for what is the same in all arms. by_arm: arm key to the read of record."""

    first: Row
    by_arm: dict[str, Row]


def reads_wide(data: StudyData) -> Table:
    """Columns end in _a1, _a2 ...: the arms in the order of their keys (names stay within 32 characters)."""
    shared = [_shared(column) for column in PLANNED if column.name in SAME_IN_ALL_ARMS]
    by_arm = [
        _of_arm(column, f"a{number}", arm)
        for number, arm in enumerate(data.arms, start=1)
        for column in COLUMNS
        if column.name not in SAME_IN_ALL_ARMS + NAMES_THE_ARM
    ]
    return Table(
        "reads_wide",
        "Reads, one row a reader and case",
        "one reader, case and repeat; of each arm the attempt of record",
        ("reader", "case_number", "repeat"),
        (*shared, *by_arm),
        lambda: wide_rows(data),
    )


def wide_rows(data: StudyData) -> list[WideRow]:
    found: dict[tuple[str, int, int], WideRow] = {}
    for row in data.rows:
        if row.is_record:
            key = (row.reader, row.assignment.case.number, row.assignment.repeat)
            wide = found.setdefault(key, WideRow(row, {}))
            wide.by_arm[row.assignment.arm.key] = row
    return [found[key] for key in sorted(found)]


def _shared(column: Column) -> Column:
    missing = tuple(Reason(one.code, one.meaning, _on_first(one.holds)) for one in column.missing)
    return replace(column, value=_on_first(column.value), missing=missing)


def _on_first(look: Callable[[Row], Any]) -> Callable[[WideRow], Any]:
    return lambda wide: look(wide.first)


def _of_arm(column: Column, end: str, arm: Arm) -> Column:
    def value(wide: WideRow) -> Any:
        row = wide.by_arm.get(arm.key)
        return column.value(row) if row else None

    not_allocated = Reason(
        "not_allocated", "the case is not allocated in this arm", lambda wide: arm.key not in wide.by_arm
    )
    reasons = [Reason(one.code, one.meaning, _on_arm(arm.key, one.holds)) for one in column.missing]
    return replace(
        column,
        name=f"{column.name}_{end}",
        meaning=f"{column.meaning} [{end}: arm {arm.key}]",
        value=value,
        missing=(not_allocated, *reasons),
    )


def _on_arm(key: str, look: Callable[[Row], Any]) -> Callable[[WideRow], Any]:
    return lambda wide: look(wide.by_arm[key])
