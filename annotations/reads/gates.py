"""Which case a reader may open now: the plan's order, training passed, wash-out over, start ready, data open.

One place for the worklist and for opening. Rows come from `own_assignments` (reads newest attempt first,
exemptions prefetched); nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from annotations.reads.models import Assignment, CaseRole, Comparison, Exemption, Plan, Read
from annotations.reads.selectors import design_of, is_ended, newest_read, ready_to_open


class Gate(NamedTuple):
    """state: that of the read, or why there is none yet: closed, later, training_review, washout, waiting,
    ready. opens_at: when the wash-out ends, where it still runs.
    """

    state: str
    is_next: bool
    opens_at: datetime | None


def gates_of(rows: Iterable[Assignment]) -> dict[UUID, Gate]:
    """For all rows of one reader, of any number of reader studies."""
    listed = list(rows)
    ready = ready_to_open(listed)
    studies: dict[UUID, list[Assignment]] = defaultdict(list)
    for row in listed:
        studies[row.plan.reader_study_id].append(row)
    gates: dict[UUID, Gate] = {}
    for group in studies.values():
        gates |= _gates_of_study(group, ready)
    return gates


def _gates_of_study(rows: Sequence[Assignment], ready: set[UUID]) -> dict[UUID, Gate]:
    ordered = sorted(rows, key=lambda row: (row.period, row.position))
    following = next((row for row in ordered if not is_ended(row)), None)
    newest = max(rows, key=lambda row: row.plan.number).plan
    design = design_of(newest)
    passed = training_state(ordered, design) in ("none", "passed", "exempted")
    ended = _endings(ordered)
    gates = {}
    for row in ordered:
        is_next = following is not None and row.pk == following.pk
        opens_at = _opens_at(row, ended, design["washout_days"])
        state = _state(row, design, is_next, passed, opens_at, row.pk in ready)
        gates[row.pk] = Gate(state, is_next, opens_at if state == "washout" else None)
    return gates


def _state(
    row: Assignment,
    design: Mapping[str, Any],
    is_next: bool,
    passed: bool,
    opens_at: datetime | None,
    is_ready: bool,
) -> str:
    read = newest_read(row)
    if read is not None:
        return str(read.state)
    if row.reads.all():
        return str(Read.State.ABANDONED)
    if row.plan.reader_study.data_locked_at is not None:
        return "closed"
    if design["allocation"]["order"] == "fixed" and not is_next and not exempted(row, Exemption.Rule.ORDER):
        return "later"
    if row.role == CaseRole.MAIN and not passed:
        return "training_review"
    if opens_at is not None and opens_at > timezone.now() and not exempted(row, Exemption.Rule.WASHOUT):
        return "washout"
    return "ready" if is_ready else "waiting"


def told_opening(gate: Gate, plan: Plan) -> datetime | None:
    """When the wash-out ends, as its reader is told: where past times or pseudonyms are masked only the day
    by whose beginning (UTC) it is over. The minute would be that of the earlier read, and so name its case.
    """
    if gate.opens_at is None or not {"past_times", "pseudonym"} & set(plan.masked):
        return gate.opens_at
    day = gate.opens_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day == gate.opens_at else day + timedelta(days=1)


def exempted(row: Assignment, rule: str) -> bool:
    return any(one.rule == rule for one in row.exemptions.all())


def training_state(rows: Sequence[Assignment], design: Mapping[str, Any]) -> str:
    """none, pending, passed, failed or exempted: of one reader's rows of one reader study. The newest
    attempt at each training case decides; one that was abandoned is failed.
    """
    training = [row for row in rows if row.role == CaseRole.TRAINING]
    if not training:
        return "none"
    if any(exempted(row, Exemption.Rule.TRAINING) for row in rows):
        return "exempted"
    if not all(is_ended(row) for row in training):
        return "pending"
    last = [max(row.reads.all(), key=lambda read: read.attempt) for row in training]
    if any(read.state == Read.State.ABANDONED for read in last):
        return "failed"
    rule = design["training"]["pass_rule"]
    if rule["kind"] == "completed":
        return "passed"
    found = Comparison.objects.filter(
        read__in=[read.pk for read in last], kind=Comparison.Kind.FINAL_REFERENCE
    ).order_by("pk")
    data = {one.read_id: one.data for one in found}
    if len(data) < len(last):
        return "pending"
    return "passed" if all(_passes(one, rule) for one in data.values()) else "failed"


def _passes(data: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """An empty reference is passed by an empty segmentation, and by no other."""
    lesions = data["lesion_agreement"]
    if not data["voxels"]["true_volume_ml"]:
        return not data["voxels"]["predicted_volume_ml"]
    value = data["voxels"]["dice"] if rule["kind"] == "dice" else lesions["sensitivity"]
    return value is not None and value >= rule["minimum"]


def _endings(rows: Iterable[Assignment]) -> dict[UUID, list[tuple[UUID, datetime]]]:
    """case -> [(assignment, when a read of it ended)]."""
    endings: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    for row in rows:
        for read in row.reads.all():
            at = read.submitted_at or read.abandoned_at
            if at is not None:
                endings[row.case_id].append((row.pk, at))
    return endings


def _opens_at(
    row: Assignment, endings: Mapping[UUID, list[tuple[UUID, datetime]]], washout_days: float
) -> datetime | None:
    """From submit to open: when the wash-out after this reader's last other read of the case ends."""
    if row.role == CaseRole.TRAINING:
        return None
    last = max((at for pk, at in endings.get(row.case_id, []) if pk != row.pk), default=None)
    return None if last is None else last + timedelta(days=washout_days)
