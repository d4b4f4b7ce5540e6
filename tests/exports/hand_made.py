"""A crossover of two arms, two readers and three cases, made row by row so that every number is known.

Voxels are 4 x 4 x 5 mm = 0.08 mL; the PET of every case holds 2 * ramp * 0.001 SUV.

case 1: reference A (18 voxels) and B (8). The AI found A and a false C (8).
        R01 in the AI arm kept A, deleted C and added the lower half of B (4). Score 3, confidence 4.
        R01 in the empty arm drew A alone. R02 (empty arm) gave the read up.
case 2: negative control. The AI marked C; R01 deleted it.
case 3: no reference; nobody opened it.
"""

import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from annotations.accounts.models import Role, User
from annotations.audit.services import record
from annotations.imaging.geometry import Grid
from annotations.imaging.table1 import derive_row
from annotations.models import (
    Arm,
    Assignment,
    Case,
    Event,
    Plan,
    Read,
    ReaderStudy,
    ReadingTime,
    Score,
    Version,
    Volume,
)
from annotations.segmentations.services import create_segmentation
from annotations.segmentations.voxels import read_labels
from tests.builders import (
    SMALL,
    add_volume,
    boxes,
    make_project,
    make_suv,
    make_user,
    make_volume,
    model_version,
)

A, B, C = np.s_[2:4, 2:5, 2:5], np.s_[8:10, 8:10, 8:10], np.s_[2:4, 10:12, 14:16]
HALF_OF_B = np.s_[8:9, 8:10, 8:10]
VOXEL_ML = 0.08
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COMMENT = '=HYPERLINK("evil", "one, two")'
SEED = 4711
TIMES = {"wall_s": 400.0, "paused_s": 20.0, "hidden_s": 30.0, "loading_s": 5.5, "computing_s": 4.5,
         "idle_s": 40.0, "active_s": 300.0}  # fmt: skip
VARIANTS = {"active_t30_s": 280.0, "active_t60_s": 300.0, "active_t120_s": 330.0, "active_gap_zero_s": 240.0,
            "active_and_loading_s": 305.5, "active_and_computing_s": 304.5,
            "active_and_loading_and_computing_s": 310.0, "wall_minus_paused_s": 380.0}  # fmt: skip


def make_study(*, data_locked: bool = True, sets: bool = True) -> ReaderStudy:
    readers = [make_user("dr.first", Role.READER), make_user("dr.second", Role.READER)]
    coordinator = make_user("ms.coordinator", Role.COORDINATOR)
    study = ReaderStudy.objects.create(
        project=make_project(), name="Hand-made crossover", is_synthetic=True, created_by=coordinator
    )
    plan = Plan.objects.create(
        reader_study=study, number=1, masked=["arm"], design=design(sets), options={}, idle_threshold_s=60
    )
    arms = {key: _arm(plan, key) for key in ("ai", "empty")}
    cases = [_case(study, number) for number in (1, 2, 3)]
    rows = {
        "R1 case 1 ai": assign(plan, readers[0], cases[0], arms["ai"], 1, 1),
        "R1 case 2 ai": assign(plan, readers[0], cases[1], arms["ai"], 1, 2),
        "R1 case 3 ai": assign(plan, readers[0], cases[2], arms["ai"], 1, 3),
        "R1 case 1 empty": assign(plan, readers[0], cases[0], arms["empty"], 2, 1),
        "R2 case 1 empty": assign(plan, readers[1], cases[0], arms["empty"], 1, 1),
    }
    now = BEGIN - timedelta(days=1)
    signature = {
        "meaning": "I approve",
        "at": now.isoformat(),
        "zone": "Europe/Copenhagen",
        "name": "Ms Coordinator",
        "user": coordinator.pk,
    }
    Plan.objects.filter(pk=plan.pk).update(
        digest="d" * 64, locked_at=now, locked_by=coordinator, signature=signature
    )
    first = submit(rows["R1 case 1 ai"], boxes(SMALL, L1=A, L3=HALF_OF_B), score=3, day=0)
    add_events(first)
    submit(rows["R1 case 2 ai"], boxes(SMALL), day=1)
    submit(rows["R1 case 1 empty"], boxes(SMALL, L1=A), day=2, active_s=600.0)
    abandon(rows["R2 case 1 empty"])
    record(
        actor=coordinator,
        action="reader_study_created",
        object_type="reader_study",
        object_id=study.pk,
        new={"readers": [one.pk for one in readers], "name": "Hand-made crossover", "who": "dr.first"},
    )
    record(actor=readers[0], action="read_scored", object_type="read", object_id=first.pk, new={"row": 3})
    if data_locked:
        lock_data(study)
    return study


def lock_data(study: ReaderStudy) -> None:
    study.data_locked_at = BEGIN + timedelta(days=30)
    study.save(update_fields=["data_locked_at"])


def design(sets: bool) -> dict:
    made: dict = {
        "arms": [{"key": "ai", "start": "ai"}, {"key": "empty", "start": "empty"}],
        "allocation": {"kind": "crossover", "seed": SEED},
        "washout_days": 28,
        "interim_looks": [{"title": "half way", "after_submitted": 2}],
    }
    if sets:
        made["analysis"] = {
            "sets": [{"name": "full", "rule": "all_submitted"}, {"name": "pp", "rule": "per_protocol"}],
            "primary_set": "full",
        }
    return made


def _arm(plan: Plan, key: str) -> Arm:
    release = {"producer_name": "demo", "producer_fingerprint": "f" * 64} if key == "ai" else {}
    return Arm.objects.create(plan=plan, key=key, title=key.title(), start=key, **release)


def _case(study: ReaderStudy, number: int) -> Case:
    volume = make_volume()
    suv = make_suv(volume)
    ct = add_volume(volume.series.study, SMALL, modality="CT")
    ai = {1: boxes(SMALL, L1=A, L2=C), 2: boxes(SMALL, L2=C), 3: boxes(SMALL, L1=A)}[number]
    model_version(volume, ai)
    truth = {1: boxes(SMALL, L1=A, L2=B), 2: boxes(SMALL)}.get(number)
    reference = None if truth is None else own_version(volume, truth, kind="reference")
    return Case.objects.create(
        reader_study=study, number=number, volume=volume, ct_volume=ct, suv_revision=suv, reference=reference
    )


def own_version(volume: Volume, labels: np.ndarray, kind: str = "reader") -> Version:
    return create_segmentation(
        volume=volume,
        title=kind,
        labels=labels,
        suv_revision=volume.suv_revisions.get(),
        producer_kind=kind,
        producer_name=kind,
        tool="brush",
        source=kind,
        is_synthetic=True,
    )


def assign(plan: Plan, reader: User, case: Case, arm: Arm, period: int, position: int) -> Assignment:
    return Assignment.objects.create(
        plan=plan,
        reader=reader,
        case=case,
        arm=arm,
        period=period,
        position=position,
        shown_number=10 * period + position,
        stratum="low" if case.number == 2 else "high",
        sequence="ai > empty" if case.number == 1 else "ai",
    )


def submit(
    row: Assignment,
    labels: np.ndarray,
    *,
    day: int,
    score: int | None = None,
    active_s: float = 300.0,
    grid: Grid = SMALL,
) -> Read:
    final = own_version(row.case.volume, labels)
    start = None
    if row.arm.start == "ai":
        start = Version.objects.get(segmentation__volume=row.case.volume, producer_kind="model")
    opened = BEGIN + timedelta(days=day)
    read = Read.objects.create(
        assignment=row,
        segmentation=final.segmentation,
        start_version=start,
        state="open",
        opened_at=opened,
        final_at=opened + timedelta(seconds=400),
        final_version=final,
    )
    if score is not None:
        Score.objects.create(read=read, row=score, confidence=4, comment=COMMENT, created_at=opened)
    times = TIMES | {"active_s": active_s, "wall_s": TIMES["wall_s"] - 300.0 + active_s}
    ReadingTime.objects.create(
        read=read,
        code_version="1",
        idle_threshold_s=60.0,
        variants=VARIANTS,
        time_to_first_edit_s=12.345678901234567,
        scoring_s=None if score is None else 9.0,
        action_count=7,
        flags=[],
        **times,
    )
    derived = None
    if start is not None:
        derived = derive_row(read_labels(start), labels, grid).to_json()
    Read.objects.filter(pk=read.pk).update(
        state="submitted", submitted_at=opened + timedelta(seconds=420), last_event_number=0, derived=derived
    )
    read.refresh_from_db()
    return read


def abandon(row: Assignment) -> Read:
    started = own_version(row.case.volume, boxes(SMALL))
    return Read.objects.create(
        assignment=row,
        segmentation=started.segmentation,
        state="abandoned",
        opened_at=BEGIN + timedelta(days=3),
        abandoned_at=BEGIN + timedelta(days=3, hours=1),
        abandoned_reason="=called to the ward by dr.second",
    )


def add_events(read: Read, count: int = 4) -> None:
    """Late events, because a submitted read takes no other."""
    kinds = ["page_opened", "first_image", "score_shown", "scored"]
    page = uuid.UUID(int=7)
    Event.objects.bulk_create(
        Event(
            id=uuid.uuid4(),
            read=read,
            page_load=page,
            sequence=number,
            kind=kinds[number % len(kinds)],
            monotonic_ms=1000.5 * number,
            client_time=BEGIN + timedelta(seconds=number),
            server_time=timezone.now(),
            data={"lesion": number},
            late=True,
        )
        for number in range(count)
    )
