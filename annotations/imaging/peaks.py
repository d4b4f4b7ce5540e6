"""SUVpeak: the mean over a 1 mL sphere, locally and as the highest over a lesion."""

import numpy as np
import numpy.typing as npt

from annotations.imaging.boxes import Box, grow_box
from annotations.imaging.geometry import Grid
from annotations.imaging.spheres import sphere_runs
from annotations.imaging.volume import BoolArray, FloatArray

PEAK_RADIUS_MM = 6.2035
SLAB_VOXELS = 4_000_000


def suv_peaks(suv: FloatArray, grid: Grid, box: Box, inside: BoolArray) -> tuple[float | None, float | None]:
    """(local, global) SUVpeak of the lesion `inside` the `box` of an image [z, y, x].

    Of several hottest voxels the one with the highest peak counts (IBSI). None where a value that is
    not finite lies within reach of the lesion. `inside` holds at least one voxel, all finite.
    """
    runs = sphere_runs(grid, PEAK_RADIUS_MM)
    hottest = suv[box][inside].max()
    local = highest = -np.inf
    depth = max(1, SLAB_VOXELS // max(1, inside[0].size))
    for first in range(0, inside.shape[0], depth):
        part = inside[first : first + depth]
        if not part.any():
            continue
        start = box[0].start + first
        slab = (slice(start, start + part.shape[0]), box[1], box[2])
        peaks = sphere_means(suv, runs, slab, part)
        if peaks is None:
            return None, None
        highest = max(highest, float(peaks.max()))
        at_hottest = peaks[suv[slab][part] == hottest]
        local = max(local, float(at_hottest.max(initial=-np.inf)))
    return local, highest


def sphere_means(
    suv: FloatArray, runs: list[tuple[int, int, int]], box: Box, inside: BoolArray
) -> npt.NDArray[np.float64] | None:
    """Mean over the sphere `runs` round each True voxel of `inside` (scan order), cut at the border.

    Running sums along x turn each run of the sphere into one difference. None when the box grown by
    the sphere holds a value that is not finite.
    """
    reach = (max(r[0] for r in runs), max(r[1] for r in runs), max(r[2] for r in runs))
    grown = grow_box(box, reach, suv.shape)
    lead = [part.start - wide.start for part, wide in zip(box, grown, strict=True)]
    values = suv[grown].astype(np.float64)
    if not np.isfinite(values).all():
        return None
    sums = np.zeros((*values.shape[:2], values.shape[2] + 1))
    np.cumsum(values, axis=2, out=sums[:, :, 1:])
    z, y, x = (axis + shift for axis, shift in zip(np.nonzero(inside), lead, strict=True))
    depth, height, width = values.shape
    total, count = np.zeros(z.size), np.zeros(z.size)
    for dz, dy, half in runs:
        row_z, row_y = z + dz, y + dy
        valid = (row_z >= 0) & (row_z < depth) & (row_y >= 0) & (row_y < height)
        low = np.maximum(x - half, 0)[valid]
        high = np.minimum(x + half + 1, width)[valid]
        total[valid] += sums[row_z[valid], row_y[valid], high] - sums[row_z[valid], row_y[valid], low]
        count[valid] += high - low
    return total / count
