"""Measures of a version under one SUV revision: all of them, or only the labels an edit touched.

A lesion is measured in a crop that reaches one SUVpeak sphere beyond it, so the numbers are those of
the whole image and an edit costs what its lesion costs, not what the body costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from annotations.imaging.boxes import Box, box_grid, grow_box, margins_of, occupied_box
from annotations.imaging.measures import LesionMeasures, label_boxes, measure_lesions, summarise
from annotations.imaging.peaks import PEAK_RADIUS_MM
from annotations.imaging.volume import LabelArray
from annotations.segmentations.models import MeasureSet, Version
from annotations.segmentations.voxels import read_labels, read_suv
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import volume_grid

MEASURES_VERSION = "1"
"""Raised whenever a number may change; part of the key of a MeasureSet."""

_TUPLES = ("centroid_xyz_mm", "max_index_xyz", "max_xyz_mm", "box_min_index_xyz", "box_max_index_xyz")


@dataclass(frozen=True)
class Measured:
    """Measures by label (live and, with their last ones, deleted lesions) and the labels that live."""

    lesions: dict[int, LesionMeasures]
    live: frozenset[int]

    def summary_json(self) -> dict[str, Any]:
        return summarise([self.lesions[label] for label in sorted(self.live)]).to_json()

    def lesions_json(self) -> dict[str, Any]:
        return {str(label): one.to_json() for label, one in sorted(self.lesions.items())}


def measure_all(labels: LabelArray, volume: Volume, revision: SuvRevision | None) -> Measured:
    boxes = dict(label_boxes(labels))
    lesions = _measure(labels, volume, revision, boxes)
    return Measured(lesions, frozenset(lesions))


def measure_touched(
    labels: LabelArray,
    volume: Volume,
    revision: SuvRevision | None,
    before: Measured,
    touched: Mapping[int, Box],
) -> Measured:
    """`before` with the `touched` labels measured again; `touched` gives a box that holds all of each.

    A touched label without a voxel left keeps its last measures and lives no longer.
    """
    boxes = {label: tight for label, box in touched.items() if (tight := _tighten(labels, label, box))}
    renewed = _measure(labels, volume, revision, boxes)
    live = (before.live - set(touched)) | set(renewed)
    return Measured(before.lesions | renewed, frozenset(live))


def load_measures(rows: MeasureSet, live: frozenset[int]) -> Measured:
    lesions = {int(label): measures_from_json(data) for label, data in rows.lesions.items()}
    return Measured(lesions, live)


def measures_of(version: Version, revision: SuvRevision | None) -> Measured:
    """What is stored for this revision and code, else measured now (lesions deleted before: none)."""
    live = frozenset(lesion.label for lesion in version.lesions.all() if lesion.status != "deleted")
    rows = version.measure_sets.filter(suv_revision=revision, code_version=MEASURES_VERSION).first()
    if rows is not None:
        return load_measures(rows, live)
    return measure_all(read_labels(version), version.segmentation.volume, revision)


def measures_from_json(data: dict[str, Any]) -> LesionMeasures:
    values: dict[str, Any] = {
        name: tuple(v) if name in _TUPLES and v is not None else v for name, v in data.items()
    }
    return LesionMeasures(**values)


def lesion_box(measures: LesionMeasures) -> Box:
    """The tight box of a lesion as slices z, y, x."""
    low, high = measures.box_min_index_xyz, measures.box_max_index_xyz
    return slice(low[2], high[2] + 1), slice(low[1], high[1] + 1), slice(low[0], high[0] + 1)


def join_boxes(one: Box, other: Box) -> Box:
    z, y, x = (slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True))
    return z, y, x


def _measure(
    labels: LabelArray, volume: Volume, revision: SuvRevision | None, boxes: Mapping[int, Box]
) -> dict[int, LesionMeasures]:
    grid = volume_grid(volume)
    found = {}
    for label, box in boxes.items():
        crop = grow_box(box, margins_of(grid, PEAK_RADIUS_MM), grid.shape_zyx)
        suv = read_suv(volume, revision, crop)
        part = np.ascontiguousarray(labels[crop])
        (one,) = measure_lesions(part, suv, box_grid(grid, crop), only={label})
        found[label] = _shift(one, crop)
    return found


def _shift(one: LesionMeasures, crop: Box) -> LesionMeasures:
    """Indices of the crop to indices of the whole image (places in mm are right already)."""
    z, y, x = (part.start for part in crop)

    def moved(index: tuple[int, int, int]) -> tuple[int, int, int]:
        return index[0] + x, index[1] + y, index[2] + z

    return replace(
        one,
        max_index_xyz=None if one.max_index_xyz is None else moved(one.max_index_xyz),
        box_min_index_xyz=moved(one.box_min_index_xyz),
        box_max_index_xyz=moved(one.box_max_index_xyz),
    )


def _tighten(labels: LabelArray, label: int, box: Box) -> Box | None:
    """The tight box of a label that lies nowhere but in `box`."""
    tight = occupied_box(labels[box] == label)
    if tight is None:
        return None
    z, y, x = (
        slice(outer.start + part.start, outer.start + part.stop)
        for part, outer in zip(tight, box, strict=True)
    )
    return z, y, x
