"""One lesion bounded where its uptake falls most steeply: a threshold that needs no percentage."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotations.imaging.boxes import in_whole, place_of, relative_index
from annotations.imaging.checks import AnyArray, IndexZYX, require_inside, require_shape
from annotations.imaging.components import label_components
from annotations.imaging.geometry import Grid
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.volume import BoolArray, FloatArray
from annotations.imaging.watershed import (
    CUBE,
    LOWEST_SUV,
    PEAK_SHARE,
    SMOOTHING_MM,
    NotInRegion,
    find_peaks,
    flood,
)

CORE_SHARE = 0.7
LEAST_SHARE = 0.35  # of the way from the background to the peak; no voxel below it belongs
# A Gaussian sampled more narrowly than this (voxels) has a second derivative that does not sum to
# zero: it then answers to the uptake itself, and every hot voxel counts as inside an edge.
LEAST_SIGMA_VOXELS = 0.7
REFINED_MM = 4.0  # how far from the watershed, each way, the edge sign decides; at least a voxel
CORE, SURFACE = 1, 2


@dataclass(frozen=True)
class GradientBoundary:
    """mask: bool [z, y, x]. boundary_suv: mean SUV of the voxels on both sides of the boundary, the
    fixed threshold that comes nearest to it.
    """

    mask: BoolArray
    boundary_suv: float
    core_maximum_suv: float

    def to_json(self) -> dict[str, Any]:
        return {"boundary_suv": self.boundary_suv, "core_maximum_suv": self.core_maximum_suv}


def gradient_boundary(
    suv: FloatArray,
    grid: Grid,
    seed_index_zyx: IndexZYX,
    radius_mm: float,
    smoothing_mm: float = SMOOTHING_MM,
    blocked: AnyArray | None = None,
) -> GradientBoundary:
    """The lesion round a seed, bounded where the smoothed gradient is steepest.

    Watershed of the gradient magnitude in a sphere of `radius_mm` round the seed (wide enough to
    hold the lesion and some background). Inside marker: the part above 70 % of the seed's peak that
    holds it; outside markers: the surface of the sphere and every other peak. The voxels next to the
    watershed are then decided by the sign of `_edges`, and none below `_least_suv` belongs. `blocked`
    voxels belong to the outside. The idea is that of gradient and watershed delineation of PET (Geets
    et al. 2007); this is our own build of it, without their denoising and deblurring.
    Volume of noisy spheres at 6 mm resolution: on 2 mm voxels within 4 % from 22 mm, 10 % at 17 mm, up
    to 30 % too large at 13 mm; on 4 x 4 x 5 mm within 15 % from 22 mm, 25 % at 17 mm, and up to 90 %
    too large at 13 mm. Raises NotInRegion where there is no uptake at the seed or its peak goes on
    beyond the sphere.
    """
    require_shape(suv, grid, "SUV image")
    require_inside(seed_index_zyx, grid)
    box, sphere = sphere_in_grid(grid, place_of(grid, seed_index_zyx), radius_mm)
    values = np.nan_to_num(suv[box].astype(np.float64))
    free = sphere if blocked is None else sphere & (blocked[box] == 0)
    slope, sign = _edges(values, grid, smoothing_mm)
    smooth = ndimage.gaussian_filter(values, [smoothing_mm / s for s in grid.spacing_xyz_mm[::-1]])
    markers = _gradient_markers(smooth, free, relative_index(seed_index_zyx, box))
    basins = flood(slope, np.ones_like(sphere), markers)
    inside = basins == CORE
    reach = max(1, int(REFINED_MM / max(grid.spacing_xyz_mm)))
    near = ndimage.binary_dilation(inside, CUBE, reach) & ~ndimage.binary_erosion(
        inside, CUBE, border_value=1
    )
    allowed = free & (basins <= SURFACE) & (smooth >= _least_suv(smooth, free, markers == CORE))
    refined = np.where(near, sign < 0, inside) & allowed | (markers == CORE)
    parts, _ = label_components(refined, 26)
    mask = np.isin(parts, np.unique(parts[markers == CORE]))
    ring = ndimage.binary_dilation(mask) & ~ndimage.binary_erosion(mask, border_value=1)
    return GradientBoundary(
        mask=in_whole(mask, box, grid),
        boundary_suv=float(values[ring].mean()),
        core_maximum_suv=float(values[markers == CORE].max()),
    )


def _least_suv(smooth: AnyArray, free: BoolArray, core: BoolArray) -> float:
    """35 % of the way from the background to the core's maximum: noise cannot carry the edge below.

    Background: the median of the free voxels below 35 % of that maximum; 0 where there are none.
    """
    top = float(smooth[core].max())
    low = free & (smooth < LEAST_SHARE * top)
    background = float(np.median(smooth[low])) if low.any() else 0.0
    return background + LEAST_SHARE * (top - background)


def _edges(values: AnyArray, grid: Grid, smoothing_mm: float) -> tuple[AnyArray, AnyArray]:
    """(gradient magnitude, edge sign: negative inside an edge), from Gaussian derivatives in mm.

    Blur moves the steepest point of a convex surface inwards: with resolution s and radius R the
    second derivative along the gradient, L_nn, changes sign at about R - s^2/R, and the Laplacian, L,
    at R + s^2/R (a blurred sphere's radial slope falls like exp(-(r - R)^2 / 2 s^2) / r). The sign
    taken is that of L_nn + L, which changes at R.
    """
    spacing = grid.spacing_xyz_mm[::-1]
    sigma = [max(smoothing_mm / s, LEAST_SIGMA_VOXELS) for s in spacing]

    def derivative(*axes: int) -> AnyArray:
        order = [axes.count(axis) for axis in range(3)]
        scale = float(np.prod([spacing[axis] for axis in axes]))
        return np.asarray(ndimage.gaussian_filter(values, sigma, order=order) / scale)

    slopes = [derivative(axis) for axis in range(3)]
    steepness = sum(slope * slope for slope in slopes)
    second = {(a, b): derivative(a, b) for a in range(3) for b in range(a, 3)}
    along = sum(slopes[a] * slopes[b] * second[min(a, b), max(a, b)] for a in range(3) for b in range(3))
    laplacian = second[0, 0] + second[1, 1] + second[2, 2]
    return np.sqrt(steepness), np.asarray(along / np.maximum(steepness, 1e-12) + laplacian)


def _gradient_markers(smooth: AnyArray, free: BoolArray, seed: IndexZYX) -> npt.NDArray[np.int32]:
    """int32: CORE the seed's peak, SURFACE the end of the search, above it every other peak."""
    level = np.log(np.maximum(smooth, LOWEST_SUV))
    peaks = find_peaks(level, free, -float(np.log1p(-PEAK_SHARE))) if free.any() else free.astype(np.int32)
    own = int(flood(-level, free, peaks)[seed])
    if own == 0 or not smooth[seed] > LOWEST_SUV:
        raise NotInRegion("There is no uptake at this point.", seed=list(seed))
    # The image's own border is no surface: a lesion may be cut off by it.
    surface = ~ndimage.binary_erosion(free, CUBE, border_value=1)
    top = float(smooth[peaks == own].max())
    above, _ = label_components(free & (smooth >= CORE_SHARE * top), 26)
    core = np.isin(above, np.unique(above[peaks == own])) & (above != 0) & ~surface
    if not core.any():
        raise NotInRegion("The uptake at this point goes on beyond the search radius.", seed=list(seed))
    markers = np.where(peaks > 0, peaks + SURFACE, 0)
    markers[peaks == own] = 0
    markers[surface] = SURFACE
    markers[core] = CORE
    return markers.astype(np.int32)
