"""What a read gave, and when it may be seen by arm: after the data lock (design.md, invariant 7)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from annotations.reads.deviations import Deviation
from annotations.reads.models import (
    Arm,
    Assignment,
    Comparison,
    Plan,
    Read,
    ReaderStudy,
)
from annotations.reads.selectors import design_of, first_score, newest_time, plan_in_force, record_read

DEVIATION_FLAGS = {
    "order": "deviation_order",
    "washout": "deviation_washout",
    "training": "deviation_training",
    "reopened": "reopened",
    "before_amendment": "before_amendment",
}
"""Deviation -> quality flag. A disturbed clock has flags of its own; abandoned is a state of the read."""
CLOCK_FLAGS = ("clock_jump", "clocks_disagree", "missing_events", "suspended", "end_from_server")


def is_comparative(plan: Plan) -> bool:
    """Whether it has arms to compare; a routine review of one arm masks nothing from its coordinator."""
    return len(design_of(plan)["arms"]) > 1


def results_are_open(study: ReaderStudy) -> bool:
    """Whether what single reads gave may be seen with their arm. An interim look is asked for by itself."""
    plan = plan_in_force(study)
    return study.data_locked_at is not None or plan is None or not is_comparative(plan)


def comparison(read: Read, kind: str) -> Mapping[str, Any] | None:
    """The newest one (uses what was prefetched)."""
    rows = [row for row in read.comparisons.all() if row.kind == kind]
    newest = max(rows, key=lambda row: row.pk, default=None)
    return newest.data if newest else None


class Flag(NamedTuple):
    """detail: what was found, or the reason that was given; "" where the name says all."""

    name: str
    detail: str


def flags_of(read: Read, deviations: Sequence[Deviation], limits: Mapping[str, float]) -> list[Flag]:
    """Quality flags of one read; none of them says an arm."""
    flags = [
        Flag(DEVIATION_FLAGS[one.kind], "" if one.kind == "before_amendment" else one.text)
        for one in deviations
        if one.kind in DEVIATION_FLAGS
    ]
    time = newest_time(read)
    if time is not None:
        if time.active_s < limits["short_s"]:
            flags.append(Flag("very_short", f"{time.active_s:.0f} s of reading"))
        if time.wall_s and time.idle_s / time.wall_s > limits["idle_share"]:
            flags.append(Flag("long_idle", f"{time.idle_s:.0f} s idle of {time.wall_s:.0f} s"))
        if time.idle_s + time.hidden_s > limits["long_gap_s"]:
            flags.append(Flag("long_gap", f"{time.idle_s + time.hidden_s:.0f} s idle or hidden"))
        flags += [Flag(name, "") for name in CLOCK_FLAGS if name in time.flags]
    elif read.state == Read.State.SUBMITTED:
        flags.append(Flag("no_reading_time", ""))
    return flags


def result_values(assignment: Assignment, read: Read | None) -> dict[str, Any]:
    """What a read gave; every value null where it gave none."""
    score = first_score(read) if read else None
    time = newest_time(read) if read else None
    derived = (read.derived or {}) if read else {}
    against = comparison(read, Comparison.Kind.START_REFERENCE) if read else None
    reference_row = against["row"]["row"] if against else None
    revised = max(read.scores.all(), key=lambda one: one.revision, default=None) if read else None
    given = score.row if score else None
    return {
        "arm": assignment.arm.start,
        "arm_key": assignment.arm.key,
        "sequence": assignment.sequence,
        "row": given,
        "confidence": score.confidence if score else None,
        "revised_row": revised.row if revised and revised.revision else None,
        "derived_row": derived.get("row"),
        "strict_row": derived.get("strict_row"),
        "reference_row": reference_row,
        "agreement": _agreement(given, derived, reference_row) if given is not None else None,
        "negative_control": _negative_control(assignment, derived),
        "planted": _planted(read) if read else None,
        "wall_s": time.wall_s if time else None,
        "active_s": time.active_s if time else None,
        "actions": time.action_count if time else None,
        "clock": time,
        "final_version": read.final_version_id if read else None,
    }


MASKED_VALUES: Mapping[str, Any] = dict.fromkeys(
    (
        "arm",
        "arm_key",
        "sequence",
        "row",
        "confidence",
        "revised_row",
        "derived_row",
        "strict_row",
        "reference_row",
        "agreement",
        "negative_control",
        "planted",
        "wall_s",
        "active_s",
        "actions",
        "clock",
        "final_version",
    )
)
"""What stands in place of `result_values` while results are masked."""


def is_record(assignment: Assignment, read: Read | None) -> bool:
    record = record_read(assignment)
    return read is not None and record is not None and record.pk == read.pk


def attempts(assignment: Assignment) -> Sequence[Read | None]:
    """Oldest first; [None] where nobody opened it."""
    reads: list[Read] = sorted(assignment.reads.all(), key=lambda read: read.attempt)
    return reads or [None]


def _agreement(given: int, derived: Mapping[str, Any], reference_row: int | None) -> dict[str, bool | None]:
    rows = {
        "derived": derived.get("row"),
        "strict": derived.get("strict_row"),
        "reference": reference_row,
    }
    return {name: None if row is None else row == given for name, row in rows.items()}


def _negative_control(assignment: Assignment, derived: Mapping[str, Any]) -> dict[str, Any] | None:
    if assignment.arm.start != Arm.Start.AI or derived.get("n_final") != 0:
        return None
    return {"n_ai": derived["n_ai"], "ai_volume_ml": derived["ai_volume_ml"]}


def _planted(read: Read) -> dict[str, int] | None:
    found = comparison(read, Comparison.Kind.START_FINAL)
    errors = found.get("planted") if found else None
    if not errors:
        return None
    return {"planted": len(errors), "corrected": sum(bool(one["corrected"]) for one in errors)}
