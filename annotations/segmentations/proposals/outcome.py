"""What a method gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box
from annotations.imaging.volume import LabelArray


class NothingFound(InvalidInput):
    """There is no region at this place."""

    code = "nothing_found"


class NothingChanges(InvalidInput):
    """The method leaves the lesion as it is."""

    code = "nothing_changes"


@dataclass(frozen=True)
class Doubt:
    """A warning beside a result: what a client switches on, and one sentence."""

    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True)
class Drawn:
    """box, labels: a part of the label map as it would be. label: the lesion that is shown.

    lesions: what is said of lesions, each with its label. settings: what the method used, results:
    what it found out; both are saved with the edit. numbers: shown only.
    """

    box: Box
    labels: LabelArray
    label: int
    lesions: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    doubts: Sequence[Doubt] = ()


@dataclass(frozen=True)
class Proposal:
    """patch: uint32 quads against the version, as bytes (imaging/patches.py)."""

    patch: bytes
    lesions: list[dict[str, Any]]
    tool: str
    parameters: dict[str, Any]
    report: dict[str, Any]
