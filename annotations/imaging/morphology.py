"""One label grown, shrunk, filled or smoothed. No other label ever gains or loses a voxel.

Distances are millimetres between voxel centres. Each function gives a new label map.
"""

import numpy as np
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box, grow_box, margins_of, occupied_box
from annotations.imaging.checks import AnyArray, require_shape
from annotations.imaging.components import label_components
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, LabelArray


class NoSuchLabel(InvalidInput):
    code = "no_such_label"


def grow_label(
    labels: LabelArray, grid: Grid, label: int, distance_mm: float, blocked: AnyArray | None = None
) -> LabelArray:
    """Background within `distance_mm` of the label joins it, but for `blocked` voxels."""
    box, own = _own(labels, grid, label, distance_mm)
    wanted = ndimage.distance_transform_edt(~own, sampling=_sampling(grid)) <= distance_mm
    if blocked is not None:
        wanted &= blocked[box] == 0
    return _replaced(labels, box, label, own | wanted)


def shrink_label(labels: LabelArray, grid: Grid, label: int, distance_mm: float) -> LabelArray:
    """Voxels of the label within `distance_mm` of one that is not its own become background.

    The border of the image does not eat into the label.
    """
    box, own = _own(labels, grid, label, distance_mm)
    if own.all():  # nothing but the label: no distance to anything else
        return labels.copy()
    kept = ndimage.distance_transform_edt(own, sampling=_sampling(grid)) > distance_mm
    return _replaced(labels, box, label, own & kept)


def fill_label(labels: LabelArray, grid: Grid, label: int) -> LabelArray:
    """Background that the label encloses on all sides joins it; other lesions in it stay.

    Enclosed: no way out of the label by faces. The border of the image is a way out.
    """
    box, own = _own(labels, grid, label, 0.0)
    around = np.pad(~own, 1, constant_values=True)
    parts, _ = label_components(around, 6)
    enclosed = (around & (parts != parts[0, 0, 0]))[1:-1, 1:-1, 1:-1]
    return _replaced(labels, box, label, own | enclosed)


def smooth_label(labels: LabelArray, grid: Grid, label: int, radius_mm: float) -> LabelArray:
    """Round off edges and keep the volume.

    The label takes the voxels with the largest share of it in a soft ball (a Gaussian of standard
    deviation radius_mm / 2), as many as it had: to within the voxels of equal share that the cut
    would divide. A fixed share of one half would shrink every convex lesion.
    """
    box, own = _own(labels, grid, label, 2 * radius_mm)
    sigma = [radius_mm / 2 / spacing for spacing in _sampling(grid)]
    share = np.round(ndimage.gaussian_filter(own.astype(np.float64), sigma, mode="nearest"), 9)
    share[(labels[box] != 0) & ~own] = -1.0
    wanted = int(np.count_nonzero(own))
    levels, counts = np.unique(share[share > 0], return_counts=True)
    held = np.cumsum(counts[::-1])
    cut = levels[::-1][int(np.argmin(np.abs(held - wanted)))]
    return _replaced(labels, box, label, share >= cut)


def _own(labels: LabelArray, grid: Grid, label: int, reach_mm: float) -> tuple[Box, BoolArray]:
    """The label's box with room for `reach_mm` and one voxel more, and the label in it."""
    require_shape(labels, grid, "label map")
    if reach_mm < 0:
        raise InvalidInput("A distance is not negative.", got=reach_mm)
    tight = occupied_box(labels == label) if label > 0 else None
    if tight is None:
        raise NoSuchLabel("The segmentation has no such lesion.", label=label)
    z, y, x = margins_of(grid, reach_mm)
    box = grow_box(tight, (z + 1, y + 1, x + 1), grid.shape_zyx)
    return box, labels[box] == label


def _replaced(labels: LabelArray, box: Box, label: int, wanted: BoolArray) -> LabelArray:
    """The label occupies `wanted` where that is background or its own; elsewhere nothing changes."""
    result = labels.copy()
    part = result[box]
    part[(part == label) & ~wanted] = 0
    part[(part == 0) & wanted] = label
    return result


def _sampling(grid: Grid) -> tuple[float, float, float]:
    x, y, z = grid.spacing_xyz_mm
    return z, y, x
