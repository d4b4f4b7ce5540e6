"""One scripted reader: what a browser would send, sent by a script."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from annotations.accounts.models import User
from annotations.imaging.geometry import Grid
from annotations.imaging.patches import apply_patch, diff_labels, patch_from_bytes, patch_to_bytes
from annotations.imaging.table1 import derive_row
from annotations.imaging.volume import LabelArray
from petreview.simulation.clock import SimulatedClock
from petreview.simulation.decisions import Skill, Step, look_time, plan_steps
from petreview.simulation.people import Person

ACTIVITY_EVERY_S = 4.0
BATCH = 200


@dataclass(frozen=True)
class CaseTruth:
    """What only the simulation knows of a phantom. liver_xyz_mm: where a sphere of 3 cm fits."""

    labels: LabelArray
    grid: Grid
    grid_digest: str
    liver_xyz_mm: tuple[float, float, float]


class ScriptedReader(Person):
    def __init__(self, user: User, clock: SimulatedClock, seed: int) -> None:
        super().__init__(user)
        self.clock = clock
        self.random = np.random.default_rng([seed, user.pk])
        self.skill = Skill.drawn(self.random)

    def next_item(self) -> dict[str, Any] | None:
        """The case that may be read now, if there is one."""
        items = self.get("worklist/")
        ready = (item for item in items if item["state"] in ("ready", "open") and item["is_next"])
        return next(ready, None)

    def opens_at(self) -> datetime | None:
        """When the next case leaves its wash-out."""
        times = [item["opens_at"] for item in self.get("worklist/") if item["opens_at"]]
        return datetime.fromisoformat(min(times)) if times else None

    def read_case(self, item: Mapping[str, Any], truths: Mapping[str, CaseTruth]) -> None:
        read = self.post(f"assignments/{item['assignment']}/open/", {})
        _Reading(self, read, truths[read["pet_volume"]]).to_the_end()


class _Reading:
    """One read, from the first image to submit."""

    def __init__(self, reader: ScriptedReader, read: dict[str, Any], truth: CaseTruth) -> None:
        self.reader, self.read, self.truth = reader, read, truth
        self.path = f"reads/{read['id']}"
        self.page_load, self.sequence, self.events = str(uuid.UUID(bytes=reader.random.bytes(16))), 0, []  # type: ignore[var-annotated]
        self.opened = reader.clock.now()
        self.head, self.next_label = read["head"]["id"], read["head"]["next_label"]
        self.labels = self._stored(self.head)
        self.start = self.labels

    def to_the_end(self) -> None:
        reader = self.reader
        self._event("page_opened")
        self._event("loading_begin")
        reader.clock.advance(float(reader.random.uniform(0.6, 2.0)))
        self._event("first_image")
        self._event("loading_end")
        self._be_active(look_time(reader.skill, reader.random))
        if self.read["start"] == "semi_automatic":
            self._semi_automatic()
        for step in plan_steps(self.labels, self.truth.labels, self.next_label, reader.skill, reader.random):
            self._be_active(step.seconds)
            self._save(step)
        self._be_active(look_time(reader.skill, reader.random) / 3)
        self._event("final")
        self._send_events()
        self.read = reader.post(f"{self.path}/final/", self._arrived())
        if self.read["scored"]:
            self._score()
        self._send_events()
        reader.post(f"{self.path}/submit/", self._arrived())

    def _semi_automatic(self) -> None:
        """The first paper's method: a sphere in the liver, its threshold over the whole body."""
        reader, sphere = (
            self.reader,
            {"organ": "liver", "centre_xyz_mm": self.truth.liver_xyz_mm, "diameter_mm": 30},
        )
        self._be_active(25 * reader.skill.pace)
        record = reader.post(f"{self.path}/organ-rois/", sphere)
        self._event("computing_begin")
        asked = {
            "rule": "liver",
            "rois": [sphere],
            "minimum_ml": 0.1,
            "connectivity": 26,
            "next_label": self.next_label,
        }
        proposal = reader.post(
            f"{self.path}/proposals/", {"version": self.head, "method": "whole_body", "parameters": asked}
        )
        reader.clock.advance(1.5)
        self._event("computing_end")
        patch = patch_from_bytes(base64.b64decode(proposal["patch"]))
        labels = apply_patch(self.labels, patch)
        parameters = proposal["parameters"] | {"threshold_suv": record["threshold_suv"]}
        self._save(Step(proposal["tool"], labels, 0.0), parameters, proposal["lesions"])

    def _save(self, step: Step, parameters: Mapping[str, Any] | None = None, lesions: Any = ()) -> None:
        edit = str(uuid.UUID(bytes=self.reader.random.bytes(16)))
        patch = patch_to_bytes(diff_labels(self.labels, step.labels))
        body = {
            "id": edit,
            "parent": self.head,
            "tool": step.tool,
            "parameters": dict(parameters or {}),
            "grid_digest": self.truth.grid_digest,
            "patch": base64.b64encode(patch).decode(),
            "lesions": list(lesions),
        }
        changed = np.unique(
            np.concatenate([self.labels[self.labels != step.labels], step.labels[self.labels != step.labels]])
        )
        version = self.reader.post(f"{self.path}/versions/", body)
        self._event("edit", tool=step.tool, lesions=[int(label) for label in changed if label])
        self.head, self.labels, self.next_label = edit, step.labels, version["next_label"]

    def _score(self) -> None:
        """The row as the reader counts it, sometimes one off."""
        reader = self.reader
        self._event("score_shown")
        reader.clock.advance(float(reader.random.uniform(4, 15)))
        row = derive_row(self.start, self.labels, self.truth.grid).row
        if row is None:
            return
        if reader.random.random() < reader.skill.wavers:
            row = int(np.clip(row + reader.random.choice([-1, 1]), 1, 5))
        reader.post(
            f"{self.path}/score/",
            {"row": row, "confidence": int(reader.random.integers(3, 6)), "comment": ""},
        )
        self._event("scored")

    def _be_active(self, seconds: float) -> None:
        """Mouse and keys for so long; now and then a pause in which nothing is touched."""
        clock, random = self.reader.clock, self.reader.random
        left = seconds
        while left > 0:
            step = min(left, ACTIVITY_EVERY_S)
            clock.advance(step)
            self._event("activity")
            left -= step
        if random.random() < 0.02:
            clock.advance(float(random.uniform(61, 240)))
            self._event("activity")

    def _event(self, kind: str, **data: Any) -> None:
        now = self.reader.clock.now()
        self.events.append(
            {
                "id": str(uuid.UUID(bytes=self.reader.random.bytes(16))),
                "page_load": self.page_load,
                "sequence": self.sequence,
                "kind": kind,
                "monotonic_ms": (now - self.opened).total_seconds() * 1000 + 350,
                "client_time": now.isoformat(),
                "data": data,
            }
        )
        self.sequence += 1
        if len(self.events) >= BATCH:
            self._send_events()

    def _send_events(self) -> None:
        if self.events:
            self.reader.post(f"{self.path}/events/", {"events": self.events})
        self.events = []

    def _arrived(self) -> dict[str, Any]:
        self._send_events()
        return {"head": self.head, "event_count": self.sequence}

    def _stored(self, version: str) -> LabelArray:
        octets = self.reader.get_bytes(f"versions/{version}/labels/")
        return np.frombuffer(octets, dtype="<u2").reshape(self.truth.labels.shape).astype(np.uint16)
