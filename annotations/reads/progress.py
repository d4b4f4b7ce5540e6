"""A running study at a glance: progress by reader, quality flags, what waits. Pooled over arms, always."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from annotations.accounts.models import User
from annotations.reads.deviations import Deviations
from annotations.reads.gates import gates_of, training_state
from annotations.reads.models import Arm, Assignment, CaseRole, Look, Plan, Read, ReaderStudy
from annotations.reads.results import flags_of, is_record
from annotations.reads.selectors import (
    assignments_of,
    design_of,
    newest_plan,
    newest_time,
    plan_in_force,
    ready_to_open,
)
from annotations.reads.services.looks import submitted_count

EMPTY = {"assignments": 0, "not_opened": 0, "open": 0, "submitted": 0, "abandoned": 0}
KEYS = {
    None: "not_opened",
    Read.State.OPEN: "open",
    Read.State.FINAL: "open",
    Read.State.SUBMITTED: "submitted",
    Read.State.ABANDONED: "abandoned",
}


def progress_of(study: ReaderStudy) -> dict[str, Any]:
    """The content of ProgressSerializer."""
    plan = plan_in_force(study)
    state = "draft" if plan is None else "data_locked" if study.data_locked_at else "running"
    rows = [] if plan is None else _newest_first(list(assignments_of(plan)))
    if plan is not None and state == "running" and newest_plan(study).locked_at is None:
        state = "amending"
    return {
        "at": timezone.now(),
        "state": state,
        "totals": _totals(rows),
        "readers": _readers(rows, design_of(plan)) if plan else [],
        "pooled": _pooled(rows),
        "flags": _flags(rows, plan) if plan else [],
        "waiting": _waiting(rows),
        "looks": _looks(study, plan) if plan else [],
    }


def _newest_first(rows: list[Assignment]) -> list[Assignment]:
    for row in rows:
        row._prefetched_objects_cache["reads"] = sorted(  # type: ignore[attr-defined]  # Django's own
            row.reads.all(), key=lambda read: -read.attempt
        )
    return rows


def _totals(rows: Sequence[Assignment]) -> dict[str, int]:
    states = Counter(KEYS[_state(row)] for row in rows)
    return EMPTY | {"assignments": len(rows)} | dict(states)


def _state(row: Assignment) -> Any:
    newest = next(iter(row.reads.all()), None)
    return newest and Read.State(newest.state)


def _readers(rows: Sequence[Assignment], design: dict[str, Any]) -> list[dict[str, Any]]:
    groups: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        groups[row.reader_id].append(row)
    return [_reader(group, design) for _, group in sorted(groups.items())]


def _reader(rows: Sequence[Assignment], design: dict[str, Any]) -> dict[str, Any]:
    totals = _totals(rows)
    submitted = [read.submitted_at for row in rows for read in row.reads.all() if read.submitted_at]
    following = next((gate for gate in gates_of(rows).values() if gate.is_next), None)
    return {name: totals[name] for name in ("assignments", "submitted", "open", "abandoned")} | {
        "reader": _person(rows[0].reader),
        "training": training_state(rows, design),
        "last_submitted_at": max(submitted, default=None),
        "next_opens_at": following.opens_at if following else None,
    }


def _person(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.username, "name": user.get_full_name() or user.username}


def _pooled(rows: Sequence[Assignment]) -> dict[str, Any]:
    """Active time of the main reads of record."""
    times = [
        time.active_s
        for row in rows
        if row.role == CaseRole.MAIN
        for read in row.reads.all()
        if is_record(row, read) and (time := newest_time(read)) is not None
    ]
    quartiles = [float(value) for value in np.percentile(times, [25, 50, 75])] if times else [None] * 3
    names = ("q1_active_s", "median_active_s", "q3_active_s")
    return {"n": len(times)} | dict(zip(names, quartiles, strict=True))


def _flags(rows: Sequence[Assignment], plan: Plan) -> list[dict[str, Any]]:
    limits = design_of(plan)["quality"]
    deviations = Deviations(rows, plan)
    return [
        {
            "read": read.pk,
            "reader": row.reader_id,
            "case_number": row.case.number,
            "flag": flag.name,
            "detail": flag.detail,
        }
        for row in rows
        for read in sorted(row.reads.all(), key=lambda one: one.attempt)
        for flag in flags_of(read, deviations.of(row, read), limits)
    ]


def _waiting(rows: Sequence[Assignment]) -> list[dict[str, Any]]:
    """Cases that wait for an AI result: its job failed, or is not done, or was never asked for."""
    unopened = [row for row in rows if row.arm.start == Arm.Start.AI and _state(row) is None]
    ready = ready_to_open(unopened)
    numbers = sorted({row.case.number for row in unopened if row.pk not in ready})
    return [{"case_number": number, "reason": "start_missing"} for number in numbers]


def _looks(study: ReaderStudy, plan: Plan) -> list[dict[str, Any]]:
    taken = {
        look.number: look for look in Look.objects.filter(plan__reader_study=study).select_related("taken_by")
    }
    there = submitted_count(plan)
    return [
        {
            "number": number,
            "title": look["title"],
            "after_submitted": look["after_submitted"],
            "reached": there >= look["after_submitted"],
            "taken_at": taken[number].taken_at if number in taken else None,
            "by": taken[number].taken_by.get_username() if number in taken else None,
        }
        for number, look in enumerate(design_of(plan)["interim_looks"], start=1)
    ]
