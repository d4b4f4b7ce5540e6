"""A crossover of the size of a real one in an empty database: voxels, versions, reads, events."""

import random
import uuid
from datetime import timedelta

import numpy as np

from annotations.accounts.models import Role
from annotations.imaging.geometry import Grid
from annotations.models import Arm, Case, Event, Plan, ReaderStudy, Version
from tests.builders import make_project, make_suv, make_user, make_volume, model_version
from tests.exports import hand_made

GRID = Grid((220, 168, 168), (4.07, 4.07, 3.0), (-340.0, -340.0, 0.0))
KINDS = ("activity", "activity", "activity", "window", "edit", "visible", "hidden", "focus")
LESIONS = 12
BATCH = 5_000


def make_full_study(cases: int, readers: int, events: int) -> dict[str, int]:
    """Half of the readers begin in each arm's half of the cases; every reader reads every case once."""
    drawn = random.Random(3)
    people = [make_user(f"reader{number}", Role.READER) for number in range(readers)]
    coordinator = make_user("coordinator", Role.COORDINATOR)
    study = ReaderStudy.objects.create(project=make_project(), name="Full size", is_synthetic=True)
    plan = Plan.objects.create(
        reader_study=study, number=1, masked=["arm"], design=hand_made.design(True), idle_threshold_s=60
    )
    arms = [
        Arm.objects.create(plan=plan, key="ai", title="AI", start="ai", producer_name="demo",
                           producer_fingerprint="f" * 64),
        Arm.objects.create(plan=plan, key="empty", title="Empty", start="empty"),
    ]  # fmt: skip
    enrolled = [_case(study, number, drawn) for number in range(1, cases + 1)]
    rows = [
        hand_made.assign(plan, person, case, arms[(number + place) % 2], 1, number)
        for place, person in enumerate(people)
        for number, case in enumerate(enrolled, start=1)
    ]
    Plan.objects.filter(pk=plan.pk).update(digest="d" * 64, locked_at=hand_made.BEGIN, locked_by=coordinator)
    for number, row in enumerate(rows):
        labels = _lesions(drawn)
        score = 3 if row.arm.start == "ai" else None
        seconds = drawn.lognormvariate(6.0 if row.arm.start == "ai" else 6.9, 0.4)
        read = hand_made.submit(row, labels, day=number // 8, score=score, active_s=seconds, grid=GRID)
        _events(read, events, drawn)
    hand_made.lock_data(study)
    return {"cases": cases, "reads": len(rows), "events": Event.objects.count()}


def _case(study: ReaderStudy, number: int, drawn: random.Random) -> Case:
    stored = _uptake(number)
    volume = make_volume(GRID, stored=stored)
    suv = make_suv(volume)
    model_version(volume, _lesions(drawn))
    reference: Version = hand_made.own_version(volume, _lesions(drawn), kind="reference")
    return Case.objects.create(
        reader_study=study, number=number, volume=volume, suv_revision=suv, reference=reference
    )


def _uptake(seed: int) -> np.ndarray:
    """A warm cylinder with noise, int16."""
    noise = np.random.default_rng(seed).integers(0, 400, GRID.shape_zyx, dtype=np.int16)
    y, x = np.ogrid[-84:84, -84:84]
    noise[:, x * x / 4 + y * y > 1800] //= 64
    return noise


def _lesions(drawn: random.Random) -> np.ndarray:
    labels = np.zeros(GRID.shape_zyx, dtype=np.uint16)
    places = random.Random(drawn.randrange(5))
    for label in range(1, LESIONS + 1):
        z, y, x = places.randrange(5, 200), places.randrange(50, 110), places.randrange(50, 110)
        size = 2 + drawn.randrange(5)
        labels[z : z + size, y : y + size, x : x + size] = label
    return labels


def _events(read, count: int, drawn: random.Random) -> None:
    """Marked late, because a submitted read takes no other."""
    page = uuid.UUID(int=drawn.getrandbits(128), version=4)
    made = (
        Event(
            id=uuid.UUID(int=drawn.getrandbits(128), version=4),
            read=read,
            page_load=page,
            sequence=number,
            kind=KINDS[number % len(KINDS)],
            monotonic_ms=number * 211.3,
            client_time=read.opened_at + timedelta(milliseconds=number * 211),
            server_time=read.opened_at + timedelta(milliseconds=number * 211 + 40),
            data={"tool": "brush", "lesion": number % LESIONS} if number % 8 == 4 else {},
            late=True,
        )
        for number in range(count)
    )
    Event.objects.bulk_create(made, batch_size=BATCH)
