"""Connected components of a mask, and lesions numbered from them.

Connectivity is always an argument: 6 (faces), 18 (edges) or 26 (corners, the default of the
semi-automatic method).
"""

import math

import cc3d
import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.checks import AnyArray, Connectivity, require_connectivity, require_shape
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, LabelArray

MINIMUM_LESION_ML = 0.1
RESERVED_LABEL = 255  # viewers use it for previews; no lesion ever gets it
HIGHEST_LABEL = 65535
ComponentArray = npt.NDArray[np.uint16] | npt.NDArray[np.uint32]


class TooManyLesions(InvalidInput):
    code = "too_many_lesions"


def label_components(mask: BoolArray, connectivity: Connectivity = 26) -> tuple[ComponentArray, int]:
    """Label the components of a mask [z, y, x] from 1 in scan order; returns (labels, count)."""
    require_connectivity(connectivity)
    # cc3d 4.1.1 reserves too few labels for 26-connected voxels on thin, odd-sided grids and gives up.
    odd = [(0, size % 2) for size in mask.shape]
    padded = np.pad(mask, odd) if any(more for _, more in odd) else mask
    found, count = cc3d.connected_components(
        np.ascontiguousarray(padded, dtype=np.bool_), connectivity=connectivity, return_N=True
    )
    labels = np.ascontiguousarray(found[tuple(slice(0, size) for size in mask.shape)])
    if labels.dtype == np.uint16:
        return labels.astype(np.uint16, copy=False), int(count)
    return labels.astype(np.uint32, copy=False), int(count)


def minimum_voxels(grid: Grid, minimum_ml: float) -> int:
    """Fewest voxels that make up at least `minimum_ml` (0.1 mL at 2 x 2 x 3 mm: 9 voxels)."""
    # The slack keeps 100 voxels of 0.001 mL at a limit of 0.1 mL, whatever the rounding.
    return max(1, math.ceil(minimum_ml / grid.voxel_volume_ml - 1e-6))


def label_sizes(labels: AnyArray) -> npt.NDArray[np.int64]:
    """Voxels of each label: index = label, entry 0 = background; length = highest label + 1."""
    flat = labels.reshape(-1)
    # Counting the few labelled voxels is much faster than a histogram over the whole body.
    inside = flat[flat != 0]
    sizes = np.bincount(inside, minlength=1).astype(np.int64)
    sizes[0] = flat.size - inside.size
    return sizes


def remove_small(
    mask: BoolArray, grid: Grid, minimum_ml: float = MINIMUM_LESION_ML, connectivity: Connectivity = 26
) -> BoolArray:
    """Mask without the components smaller than `minimum_ml`; a new array."""
    require_shape(mask, grid, "mask")
    labels, _ = label_components(mask, connectivity)
    kept: BoolArray = relabel(labels, _sizes_to_keep(labels, grid, minimum_ml))
    return kept


def remove_small_labels(labels: LabelArray, grid: Grid, minimum_ml: float = MINIMUM_LESION_ML) -> LabelArray:
    """Label map without the labels whose whole volume is smaller than `minimum_ml`; a new array.

    A label counts as one lesion even where it lies in several pieces: pieces are not judged alone.
    """
    require_shape(labels, grid, "label map")
    keep = _sizes_to_keep(labels, grid, minimum_ml)
    table = np.where(keep, np.arange(len(keep)), 0).astype(np.uint16)
    result: LabelArray = relabel(labels, table)
    return result


def number_lesions(
    mask: BoolArray,
    grid: Grid,
    connectivity: Connectivity = 26,
    minimum_ml: float = MINIMUM_LESION_ML,
) -> LabelArray:
    """One label a component of at least `minimum_ml`, numbered by descending volume.

    Ties keep scan order. 255 is skipped. Raises TooManyLesions when uint16 does not suffice.
    """
    require_shape(mask, grid, "mask")
    labels, _ = label_components(mask, connectivity)
    sizes = label_sizes(labels)
    keep = np.flatnonzero(sizes >= minimum_voxels(grid, minimum_ml))
    keep = keep[keep != 0]
    keep = keep[np.argsort(-sizes[keep], kind="stable")]
    table = np.zeros(len(sizes), dtype=np.uint16)
    table[keep] = lesion_numbers(len(keep))
    result: LabelArray = relabel(labels, table)
    return result


def lesion_numbers(count: int) -> npt.NDArray[np.uint16]:
    """The first `count` lesion numbers: 1, 2, ... without 255."""
    if count > HIGHEST_LABEL - 1:
        raise TooManyLesions(
            "There are more separate regions than a label map can number; the threshold is too low.",
            highest=HIGHEST_LABEL - 1,
            got=count,
        )
    numbers = np.arange(1, count + 1)
    return (numbers + (numbers >= RESERVED_LABEL)).astype(np.uint16)


def relabel(labels: AnyArray, table: AnyArray) -> AnyArray:
    """`table[labels]`, where `table[0]` is zero: only the few labelled voxels are looked up."""
    where = np.flatnonzero(labels != 0)  # comparing first: a search over bools is 10 times faster
    result = np.zeros(labels.shape, dtype=table.dtype)
    result.reshape(-1)[where] = table[labels.reshape(-1)[where]]
    return result


def _sizes_to_keep(labels: AnyArray, grid: Grid, minimum_ml: float) -> BoolArray:
    keep: BoolArray = label_sizes(labels) >= minimum_voxels(grid, minimum_ml)
    keep[0] = False
    return keep
