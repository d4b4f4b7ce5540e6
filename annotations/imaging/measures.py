"""What is measured of a lesion and of a patient.

SUVpeak is the mean over a 1 mL sphere (r = 6.2035 mm) round a voxel centre. Voxels outside the
lesion count; at the image border the sphere is cut, not padded. *Local* is round the hottest voxel,
*global* the highest over all centres in the lesion (IBSI reference manual, local and global
intensity peak).

A PET without valid SUV is passed as `suv=None`: volumes and places are measured, every SUV measure
is None. Where an array holds values that are not finite, a measure that would need them is None.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotations.imaging.boxes import Box, occupied_box
from annotations.imaging.checks import require_shape
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.peaks import suv_peaks
from annotations.imaging.volume import BoolArray, FloatArray, LabelArray

IndexXYZ = tuple[int, int, int]


@dataclass(frozen=True)
class LesionMeasures:
    """Measures of one label. SUV fields are None without valid SUV; `suv_sd` (sample SD, n - 1)
    also for a single voxel. `tlg` is volume_ml * suv_mean. Of several hottest voxels the first in
    scan order gives `max_index_xyz`. The box is inclusive at both ends.
    """

    label: int
    voxel_count: int
    volume_ml: float
    suv_max: float | None
    suv_mean: float | None
    suv_sd: float | None
    suv_peak_local: float | None
    suv_peak_global: float | None
    tlg: float | None
    centroid_xyz_mm: Vector
    max_index_xyz: IndexXYZ | None
    max_xyz_mm: Vector | None
    box_min_index_xyz: IndexXYZ
    box_max_index_xyz: IndexXYZ

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PatientSummary:
    """Sums over the lesions of one version. `ttv_ml` and `tlg` of no lesions are 0; a lowest mean or
    a maximum of no lesions is None, and so is every SUV field when one lesion has no SUV.
    """

    ttv_ml: float
    lowest_suv_mean: float | None
    lowest_suv_mean_label: int | None
    lowest_suv_mean_volume_ml: float | None
    suv_max: float | None
    tlg: float | None
    lesion_count: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_lesions(
    labels: LabelArray, suv: FloatArray | None, grid: Grid, only: set[int] | None = None
) -> list[LesionMeasures]:
    """Measure every label (or those in `only`) of a label map [z, y, x], in ascending label order."""
    require_shape(labels, grid, "label map")
    if suv is not None:
        require_shape(suv, grid, "SUV image")
    return [
        _measure_one(label, box, labels, suv, grid)
        for label, box in label_boxes(labels)
        if only is None or label in only
    ]


def label_boxes(labels: LabelArray) -> list[tuple[int, Box]]:
    """(label, tight box) of every label present, ascending."""
    occupied = occupied_box(labels != 0)
    if occupied is None:
        return []
    found = ndimage.find_objects(labels[occupied])
    shifted = []
    for label, box in enumerate(found, start=1):
        if box is not None:
            z, y, x = (
                slice(part.start + outer.start, part.stop + outer.start)
                for part, outer in zip(box, occupied, strict=True)
            )
            shifted.append((label, (z, y, x)))
    return shifted


def summarise(lesions: Sequence[LesionMeasures]) -> PatientSummary:
    """Total tumour volume and lowest lesion SUVmean (the prognostic pair), with what belongs to them."""
    with_mean = [(one.suv_mean, one.label, one) for one in lesions if one.suv_mean is not None]
    has_suv = bool(lesions) and len(with_mean) == len(lesions)
    lowest = min(with_mean)[2] if has_suv else None
    return PatientSummary(
        ttv_ml=math.fsum(one.volume_ml for one in lesions),
        lowest_suv_mean=lowest.suv_mean if lowest else None,
        lowest_suv_mean_label=lowest.label if lowest else None,
        lowest_suv_mean_volume_ml=lowest.volume_ml if lowest else None,
        suv_max=max(one.suv_max for one in lesions if one.suv_max is not None) if has_suv else None,
        tlg=math.fsum(one.tlg for one in lesions if one.tlg is not None) if has_suv or not lesions else None,
        lesion_count=len(lesions),
    )


def _measure_one(
    label: int, box: Box, labels: LabelArray, suv: FloatArray | None, grid: Grid
) -> LesionMeasures:
    inside: BoolArray = labels[box] == label
    offset = np.array([part.start for part in box])
    count = int(np.count_nonzero(inside))
    volume_ml = count * grid.voxel_volume_ml
    centroid = _centroid_zyx(inside) + offset
    intensity = _intensities(inside, box, suv, grid, volume_ml)
    return LesionMeasures(
        label=label,
        voxel_count=count,
        volume_ml=volume_ml,
        centroid_xyz_mm=_world(grid, centroid[::-1]),
        box_min_index_xyz=(box[2].start, box[1].start, box[0].start),
        box_max_index_xyz=(box[2].stop - 1, box[1].stop - 1, box[0].stop - 1),
        **intensity,
    )


def _intensities(
    inside: BoolArray, box: Box, suv: FloatArray | None, grid: Grid, volume_ml: float
) -> dict[str, Any]:
    names = ("suv_max", "suv_mean", "suv_sd", "suv_peak_local", "suv_peak_global", "tlg")
    undefined: dict[str, Any] = dict.fromkeys((*names, "max_index_xyz", "max_xyz_mm"))
    if suv is None:
        return undefined
    values = suv[box][inside].astype(np.float64)
    if not np.isfinite(values).all():
        return undefined
    hottest = np.argwhere(inside)[int(values.argmax())] + [part.start for part in box]
    z, y, x = (int(i) for i in hottest)
    mean = float(values.mean())
    local, highest = suv_peaks(suv, grid, box, inside)
    return {
        "suv_max": float(values.max()),
        "suv_mean": mean,
        "suv_sd": float(values.std(ddof=1)) if values.size > 1 else None,
        "suv_peak_local": local,
        "suv_peak_global": highest,
        "tlg": volume_ml * mean,
        "max_index_xyz": (x, y, z),
        "max_xyz_mm": _world(grid, np.array([x, y, z])),
    }


def _centroid_zyx(inside: BoolArray) -> npt.NDArray[np.float64]:
    sums = [inside.sum(axis=axes, dtype=np.float64) for axes in ((1, 2), (0, 2), (0, 1))]
    return np.array([(line * np.arange(line.size)).sum() / line.sum() for line in sums])


def _world(grid: Grid, index_xyz: npt.NDArray[Any]) -> Vector:
    x, y, z = (float(v) for v in grid.index_to_world(index_xyz))
    return x, y, z
