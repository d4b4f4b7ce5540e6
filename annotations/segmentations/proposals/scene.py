"""What a method works on: one stored version and the PET under it, read box by box."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box, box_grid, box_shape, grow_box, margins_of, place_of
from annotations.imaging.checks import IndexZYX
from annotations.imaging.components import HIGHEST_LABEL, RESERVED_LABEL
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.volume import FloatArray, LabelArray
from annotations.segmentations.asked import Asked
from annotations.segmentations.measures import Measured, lesion_box, measures_of
from annotations.segmentations.models import Version
from annotations.segmentations.rois import NoSuv
from annotations.segmentations.services.create import LabelReserved
from annotations.segmentations.services.edits import LabelDeleted
from annotations.segmentations.voxels import read_labels, read_suv
from annotations.studies.models import SuvRevision
from annotations.studies.selectors import volume_grid

MOST_BOX_VOXELS = 4_000_000
"""Local methods refuse larger boxes: one answer never holds a worker for long."""


class NoSuchLesion(InvalidInput):
    code = "no_such_lesion"


class RegionTooLarge(InvalidInput):
    """The method would have to work on more voxels than an immediate answer allows."""

    code = "region_too_large"


@dataclass(frozen=True)
class Part:
    """A box of the scene: its grid, the label map in it (read-only) and, when asked for, the SUV."""

    scene: "Scene"
    box: Box

    @cached_property
    def grid(self) -> Grid:
        return box_grid(self.scene.grid, self.box)

    @property
    def labels(self) -> LabelArray:
        return self.scene.labels[self.box]

    @cached_property
    def suv(self) -> FloatArray:
        """float32 [z, y, x]; raises NoSuv."""
        return self.scene.suv(self.box)


@dataclass(frozen=True)
class Scene:
    """revision: the SUV revision the read is read in. labels: uint16 [z, y, x] of `version`, read-only."""

    version: Version
    revision: SuvRevision | None

    @cached_property
    def grid(self) -> Grid:
        return volume_grid(self.version.segmentation.volume)

    @cached_property
    def labels(self) -> LabelArray:
        return read_labels(self.version)

    @cached_property
    def measured(self) -> Measured:
        return measures_of(self.version, self.revision)

    @property
    def tracer(self) -> str:
        return self.version.segmentation.volume.series.tracer

    @property
    def has_suv(self) -> bool:
        return self.revision is not None and self.revision.factor is not None

    def suv(self, box: Box) -> FloatArray:
        found = read_suv(self.version.segmentation.volume, self.revision, box)
        if found is None:
            raise NoSuv("This PET has no valid SUV: the method is off.")
        return found

    def whole(self) -> Part:
        z, y, x = (slice(0, size) for size in self.grid.shape_zyx)
        return Part(self, (z, y, x))

    def place(self, index_zyx: IndexZYX) -> Vector:
        """LPS mm of a voxel centre."""
        return place_of(self.grid, index_zyx)

    def sphere(self, centre_zyx: IndexZYX, radius_mm: float) -> Part:
        """The box of a sphere round a voxel."""
        return self.part(sphere_in_grid(self.grid, self.place(centre_zyx), radius_mm)[0])

    def lesion(self, label: int, margin_mm: float = 0.0) -> Part:
        """A lesion's box with a margin, and one voxel more on each side where the image goes on."""
        z, y, x = margins_of(self.grid, margin_mm)
        tight = lesion_box(self.measured.lesions[label])
        return self.part(grow_box(tight, (z + 1, y + 1, x + 1), self.grid.shape_zyx))

    def part(self, box: Box) -> Part:
        """Raises RegionTooLarge."""
        count = int(np.prod(box_shape(box)))
        if count > MOST_BOX_VOXELS:
            raise RegionTooLarge(
                "The region is too large for this method: choose a smaller radius or lesion.",
                most=MOST_BOX_VOXELS,
                got=count,
            )
        return Part(self, box)

    def is_live(self, label: int) -> bool:
        return label in self.measured.live

    def live_label(self, asked: Asked, name: str = "label") -> int:
        """A lesion that is there. Raises NoSuchLesion."""
        label = asked.whole(name, 1, HIGHEST_LABEL)
        if not self.is_live(label):
            raise NoSuchLesion("There is no lesion with this number.", label=label)
        return label

    def new_label(self, asked: Asked, name: str = "next_label") -> int:
        """A number that was never used. Raises LabelReserved, LabelDeleted."""
        label = asked.whole(name, 1, HIGHEST_LABEL)
        if label == RESERVED_LABEL:
            raise LabelReserved("Label 255 is reserved and never used for a lesion.")
        if label < self.version.next_label:
            raise LabelDeleted(
                "This lesion number was given before.", label=label, next=self.version.next_label
            )
        return label

    def outline_label(self, asked: Asked) -> int:
        """The lesion an outline is drawn for: one that is there, or a new one."""
        label = asked.whole("label", 1, HIGHEST_LABEL)
        return label if self.is_live(label) else self.new_label(asked, "label")
