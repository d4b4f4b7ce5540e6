"""The body outline from the PET signal alone.

Scatter and noise leave air at a few thousandths of a SUV, tissue lies above 0.1: a low fixed limit
on a lightly smoothed image separates them for FDG and for somatostatin tracers. Cold lung and bowel
are filled slice by slice; separate legs or arms are kept, specks outside the body are not.
"""

import cc3d
import numpy as np
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.checks import require_shape
from annotations.imaging.components import label_components, label_sizes, relabel
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray

BODY_SUV = 0.1
SMOOTHING_MM = 8.0
SMALLEST_SHARE = 0.02


class NoBody(InvalidInput):
    code = "no_body"


def outline_body(
    suv: FloatArray,
    grid: Grid,
    threshold_suv: float = BODY_SUV,
    smallest_share: float = SMALLEST_SHARE,
) -> BoolArray:
    """bool [z, y, x]: voxels inside the body, holes filled in each slice.

    Smoothed by a box of about 8 mm, above `threshold_suv`; components of at least `smallest_share` of
    the largest are kept. Raises NoBody where nothing is above the limit.
    """
    require_shape(suv, grid, "SUV image")
    width = [max(1, round(SMOOTHING_MM / spacing)) for spacing in grid.spacing_xyz_mm[::-1]]
    size = [w + 1 - w % 2 for w in width]
    finite = suv if np.isfinite(suv.sum()) else np.nan_to_num(suv)
    smooth = ndimage.uniform_filter(finite, size=size, mode="nearest")
    labels, count = label_components(smooth > threshold_suv, 6)
    if count == 0:
        raise NoBody("No body can be seen in this PET.", threshold_suv=threshold_suv)
    sizes = label_sizes(labels)
    keep = sizes >= smallest_share * sizes[1:].max()
    keep[0] = False
    body: BoolArray = relabel(labels, keep)
    for plane in body:
        plane |= holes(plane)
    return body


def holes(plane: BoolArray) -> BoolArray:
    """Background of a 2D mask that is not connected to its border."""
    padded = np.pad(~plane, 1, constant_values=True)
    labels = cc3d.connected_components(padded, connectivity=4)
    return np.asarray((labels != 0) & (labels != labels[0, 0]))[1:-1, 1:-1]
