"""A reader study designed as a coordinator does it: two AI arms, or AI against semi-automatic."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import numpy as np
from django.utils import timezone

from annotations.accounts.models import Role, User
from annotations.models import Assignment, Plan, ReaderStudy, Study
from annotations.reads.services import create_reader_study, lock_plan
from annotations.segmentations.voxels import read_labels
from tests.builders import FINGERPRINT, SMALL, boxes, make_user, model_version
from tests.reads.scenes import L1, L2, Reader, make_case

OTHER = "e" * 64
_numbers = itertools.count(1)
AI = {"key": "ai", "title": "AI", "start": "ai", "release_name": "demo", "release_fingerprint": FINGERPRINT}
AI2 = {"key": "other", "title": "B", "start": "ai", "release_name": "next", "release_fingerprint": OTHER}
SEMI = {"key": "semi", "title": "Semi-automatic", "start": "semi_automatic"}
LOCK = {"password": "coordinator-password", "meaning": "I approve this plan"}


class Clock:
    """The server's clock in the hands of a test: nothing sleeps."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_time(self, **more: float) -> None:
        self.at += timedelta(**more)


def faked_clock(at: datetime):
    clock = Clock(at)
    return clock, mock.patch.object(timezone, "now", clock)


def make_coordinator() -> Reader:
    found = User.objects.filter(username="coordinator").first()
    return Reader(found or make_user("coordinator", Role.COORDINATOR))


def make_readers(count: int) -> list[User]:
    return [make_user(f"study-reader-{next(_numbers)}", Role.READER) for _ in range(count)]


def make_design(
    studies: list[Study], readers: list[User], *arms: dict[str, Any], **more: Any
) -> dict[str, Any]:
    design = {
        "cases": [{"study": str(study.pk)} for study in studies],
        "readers": [user.pk for user in readers],
        "arms": list(arms or (AI, SEMI)),
        "allocation": {"kind": "crossover" if len(arms) != 1 else "single", "seed": 11},
    }
    return design | more


def draft(coordinator: Reader, studies: list[Study], readers: list[User], *arms, **more) -> ReaderStudy:
    return create_reader_study(
        by=coordinator.user,
        project=studies[0].project,
        name=f"Study {next(_numbers)}",
        design=make_design(studies, readers, *arms, **more),
    )


def locked(coordinator: Reader, studies: list[Study], readers: list[User], *arms, **more) -> Plan:
    plan = draft(coordinator, studies, readers, *arms, **more).plans.get()
    return lock_plan(plan=plan, by=coordinator.user, **LOCK)


def make_cases(count: int, *, labels: np.ndarray | None = None) -> list[Study]:
    return [make_case(labels=labels) for _ in range(count)]


def own(plan: Plan, reader: User, **more) -> list[Assignment]:
    return list(plan.assignments.filter(reader=reader, **more).order_by("period", "position"))


def read_through(reader: Reader, assignment: Assignment, labels: np.ndarray | None = None, row: int = 3):
    read = reader.open(assignment)
    reader.read_to_the_end(read, labels, row)
    read.refresh_from_db()
    return read


def pet_of(study: Study):
    return study.series.get(modality="PT").volumes.get()


def reference_of(study: Study, labels: np.ndarray):
    """A version that could be a reference: another release's, drawn by nobody."""
    return model_version(pet_of(study), labels, fingerprint="9" * 64)


TWO = boxes(SMALL, L1=L1, L2=L2)
__all__ = ["AI", "AI2", "L1", "L2", "LOCK", "SEMI", "SMALL", "TWO", "boxes", "read_labels"]
