"""Which reads are in which analysis set of the plan, and why a read is not."""

from typing import Any, NamedTuple

from annotations.exports.deviations import deviations_of
from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.reads.deviations import BREAKS_PROTOCOL
from annotations.reads.models import CaseRole, Read

DEFAULT_SETS = ({"name": "full", "rule": "all_submitted"},)
RULES = {
    "all_allocated": "every allocated read of a main case",
    "all_submitted": "every submitted read of a main case",
    "per_protocol": "every submitted read of a main case without a deviation from the plan",
}
WHY_NOT = {
    "": "in the set",
    "training": "a training case",
    "later_attempt": "a later attempt: the first submission is the record",
    "not_opened": "the assignment was not opened",
    "open": "the read is not submitted",
    "final": "the read is not submitted",
    "abandoned": "the read was abandoned",
    "deviation": "the read departed from the plan",
}


class Membership(NamedTuple):
    row: Row
    set_name: str
    rule: str
    why_not: str

    @property
    def is_in(self) -> bool:
        return not self.why_not


def sets_of(data: StudyData) -> list[dict[str, Any]]:
    """As planned; a plan that names none has one set of all submitted reads, "full"."""
    return list(data.plan.design.get("analysis", {}).get("sets") or DEFAULT_SETS)


def memberships(data: StudyData) -> list[Membership]:
    """Every read in every set, in the order of the reads."""
    broken = {one.row for one in deviations_of(data) if one.deviation.kind in BREAKS_PROTOCOL}
    sets = sets_of(data)
    return [
        Membership(row, one["name"], one["rule"], why_not(row, one["rule"], row in broken))
        for row in data.rows
        for one in sets
    ]


def why_not(row: Row, rule: str, is_broken: bool) -> str:
    """ "" when the read is in the set."""
    if row.assignment.role == CaseRole.TRAINING:
        return "training"
    if not row.is_record:
        return "later_attempt"
    if rule == "all_allocated":
        return ""
    if row.state != Read.State.SUBMITTED:
        return row.state
    return "deviation" if rule == "per_protocol" and is_broken else ""
