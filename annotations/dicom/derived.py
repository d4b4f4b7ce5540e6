"""What every object we write has in common: whose lesions, from which producer, and the marks on it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid

from annotations.dicom.codes import CLASSES, Code, FindingClass
from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box
from annotations.imaging.colours import lesion_colour
from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.measures import label_boxes
from annotations.imaging.volume import LabelArray

MANUFACTURER = "PETReview"
MODEL_NAME = "PETReview"
RESEARCH_MARK = "RESEARCH USE ONLY"
UNVERIFIED_MARK = "AUTOMATIC, UNVERIFIED"
MAX_LONG_STRING = 64  # DICOM LO

ProducerKind = Literal["automatic", "semi-automatic", "manual"]


@dataclass(frozen=True)
class Producer:
    """Who or what made the version. name: a release, a method, or a reader's pseudonym."""

    kind: ProducerKind
    name: str
    version: str = ""


@dataclass(frozen=True)
class LesionInfo:
    """label: number in the label map. site, laterality: coded place, when known (codes.parse_site).
    finding: what it is; a lesion unless said otherwise. colour: r, g, b; the label's own by default.
    """

    label: int
    name: str
    site: Code | None = None
    laterality: Code | None = None
    finding: FindingClass = CLASSES["lesion"]
    colour: tuple[int, int, int] | None = None

    @property
    def title(self) -> str:
        """The name as objects carry it (64 characters); never empty, which the standard forbids."""
        return self.name.strip()[:MAX_LONG_STRING] or f"Lesion {self.label}"

    @property
    def rgb(self) -> tuple[int, int, int]:
        return self.colour or lesion_colour(self.label)


@dataclass(frozen=True)
class SourceSeries:
    """The PET series that was drawn on. headers: one data set (pixels may be left out) for each slice,
    in slice order. For a multi-frame object these are its flattened frames, `frame_numbers` (1-based)
    says which, and `multi_frame` is the object itself.
    """

    grid: Grid
    headers: Sequence[Dataset]
    frame_numbers: tuple[int, ...] | None = None
    multi_frame: Dataset | None = None


@dataclass(frozen=True)
class DerivedInfo:
    """description: shown in the series list, the marks are added. created: local time of the export.

    identity: a text that names this content (a version digest and a format); the same identity gives the
    same UIDs, so that sending twice does not make two objects. unverified: an automatic result that no
    reader has reviewed.
    """

    producer: Producer
    created: datetime
    software_version: str
    description: str = "Lesions"
    unverified: bool = False
    identity: str = ""
    series_number: int = 9000

    def series_description(self) -> str:
        """At most 64 characters; the marks are never what is cut."""
        marks = RESEARCH_MARK + (f", {UNVERIFIED_MARK}" if self.unverified else "")
        room = MAX_LONG_STRING - len(marks) - 2
        return f"{self.description[:room].strip()}, {marks}"

    def uid(self, part: str) -> UID:
        """A UID of the 2.25 form; fixed by `identity` when there is one."""
        if not self.identity:
            return generate_uid(prefix=None)
        digest = hashlib.sha256(f"{self.identity}/{part}".encode()).digest()
        return UID(f"2.25.{int.from_bytes(digest[:16], 'big')}")


def check_labels(labels: LabelArray, source: SourceSeries, lesions: Sequence[LesionInfo]) -> dict[int, Box]:
    """{label: its box}. Every label of the map is described once, every described lesion has voxels, and
    the map lies on the source's grid; else GridMismatch or InvalidInput.
    """
    if labels.shape != source.grid.shape_zyx or len(source.headers) != labels.shape[0]:
        raise GridMismatch(
            "The label map does not lie on the grid of its PET.",
            wanted=source.grid.shape_zyx,
            got=labels.shape,
        )
    boxes = dict(label_boxes(labels))
    found = set(boxes)
    described = [lesion.label for lesion in lesions]
    if len(set(described)) != len(described) or set(described) != found:
        raise InvalidInput(
            "The lesion list does not match the label map.",
            only_in_map=sorted(found - set(described)),
            only_in_list=sorted(set(described) - found),
        )
    return boxes
