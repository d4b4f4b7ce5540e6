"""A read to work with: one reader, one case with two AI lesions, and a client that speaks the API."""

import base64
import itertools
import uuid
from datetime import UTC, datetime, timedelta

import numpy as np
from rest_framework.test import APIClient

from annotations.accounts.models import Role, User
from annotations.models import Assignment, Read, Study, Version
from annotations.segmentations.selectors import head_version
from tests.builders import (
    SMALL,
    add_volume,
    boxes,
    make_edit,
    make_reader_study,
    make_suv,
    make_user,
    make_volume,
    model_version,
)

L1, L2 = np.s_[2:4, 2:5, 2:5], np.s_[9:12, 13:16, 18:20]
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_case(*, with_model: bool = True, labels: np.ndarray | None = None) -> Study:
    volume = make_volume()
    make_suv(volume)
    study = volume.series.study
    add_volume(study, SMALL, modality="CT")
    if with_model:
        model_version(volume, boxes(SMALL, L1=L1, L2=L2) if labels is None else labels)
    return study


def make_assignment(start: str = "ai", *, with_model: bool = True, **more) -> Assignment:
    reader = make_user(f"reader-{next(_numbers)}", Role.READER)
    plan = make_reader_study(
        readers=[reader], studies=[make_case(with_model=with_model)], start=start, **more
    )
    return plan.assignments.get()


class Reader:
    """Signed in as one user; every call goes through the API and its answer is returned as it is."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = APIClient(enforce_csrf_checks=False)
        self.client.force_login(user)
        self.page_load, self.sequence = uuid.uuid4(), 0

    def get(self, path: str):
        return self.client.get(f"/api/{path}")

    def post(self, path: str, data=None):
        return self.client.post(f"/api/{path}", data or {}, format="json")

    def open(self, assignment: Assignment) -> Read:
        answer = self.post(f"assignments/{assignment.pk}/open/")
        assert answer.status_code == 200, answer.json()
        return Read.objects.get(pk=answer.json()["id"])

    def save(self, read: Read, labels: np.ndarray, **more):
        return self.send_edit(read, edit_json(head_version(read.segmentation), labels, **more))

    def send_edit(self, read: Read, edit: dict):
        return self.post(f"reads/{read.pk}/versions/", edit)

    def events(self, *rows: tuple[float, str]) -> list[dict]:
        """rows: (second, kind) in this page load."""
        made = []
        for second, kind in rows:
            made.append(
                {
                    "id": str(uuid.uuid4()),
                    "page_load": str(self.page_load),
                    "sequence": self.sequence,
                    "kind": kind,
                    "monotonic_ms": second * 1000,
                    "client_time": (BEGIN + timedelta(seconds=second)).isoformat(),
                    "data": {},
                }
            )
            self.sequence += 1
        return made

    def send(self, read: Read, events: list[dict]):
        return self.post(f"reads/{read.pk}/events/", {"events": events})

    def record(self, read: Read, *rows: tuple[float, str]):
        return self.send(read, self.events(*rows))

    def arrived(self, read: Read) -> dict:
        head = head_version(read.segmentation).pk
        return {"head": str(head), "event_count": read.events.filter(late=False).count()}

    def final(self, read: Read):
        return self.post(f"reads/{read.pk}/final/", self.arrived(read))

    def score(self, read: Read, row: int = 3, **more):
        return self.post(f"reads/{read.pk}/score/", {"row": row, **more})

    def submit(self, read: Read):
        return self.post(f"reads/{read.pk}/submit/", self.arrived(read))

    def read_to_the_end(self, read: Read, labels: np.ndarray | None = None, row: int = 3):
        self.record(read, (0, "page_opened"), (1, "first_image"), (20, "activity"), (30, "edit"))
        if labels is not None:
            assert self.save(read, labels).status_code == 201
        self.record(read, (40, "final"), (41, "score_shown"))
        assert self.final(read).status_code == 200
        if read.assignment.arm.start == "ai":
            assert self.score(read, row).status_code == 200
            self.record(read, (50, "scored"))
        answer = self.submit(read)
        assert answer.status_code == 200, answer.json()
        return answer


def edit_json(parent: Version, labels: np.ndarray, **more) -> dict:
    edit = make_edit(parent, labels)
    return {
        "id": str(edit.id),
        "parent": str(edit.parent),
        "tool": "brush",
        "parameters": {},
        "grid_digest": edit.grid_digest,
        "patch": base64.b64encode(edit.patch).decode(),
        "lesions": [],
        **more,
    }
