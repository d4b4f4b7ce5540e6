"""One lesion from one click: the connected region above a threshold.

`blocked` holds voxels that are taken already (other lesions, physiological uptake): the region
neither enters nor crosses them.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from annotations.imaging.boxes import (
    Box,
    box_grid,
    grow_box,
    margins_of,
    occupied_box,
    place_of,
    relative_box,
    relative_index,
)
from annotations.imaging.checks import AnyArray, Connectivity, IndexZYX, require_inside, require_shape
from annotations.imaging.components import label_components
from annotations.imaging.geometry import Grid
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.thresholds import (
    Threshold,
    UndefinedThreshold,
    background_adapted,
    hottest_in_sphere,
    percent_of_maximum,
    strict_limit,
)
from annotations.imaging.volume import BoolArray, FloatArray

CLIMB_STEP_MM = 5.0
BACKGROUND_PERCENT = 41.0
BACKGROUND_SHELL_MM = (8.0, 14.0)
FIRST_REACH_VOXELS = 24


@dataclass(frozen=True)
class LocalMaximum:
    """`suv` at `index_zyx`, reached from the seed in `steps` uphill steps."""

    suv: float
    index_zyx: IndexZYX
    steps: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def grow_from_seed(
    suv: FloatArray,
    grid: Grid,
    seed_index_zyx: IndexZYX,
    threshold_suv: float,
    stop_radius_mm: float | None = None,
    blocked: AnyArray | None = None,
    connectivity: Connectivity = 26,
) -> BoolArray:
    """Voxels strictly above the threshold that are connected to the seed; bool [z, y, x].

    stop_radius_mm: voxels farther from the seed do not belong and are not crossed. Empty where the
    seed itself is not above the threshold or is blocked. Raises OutsideGrid, GridMismatch,
    UndefinedThreshold.
    """
    _check(suv, grid, seed_index_zyx, blocked)
    result = np.zeros(grid.shape_zyx, dtype=np.bool_)
    limit = strict_limit(threshold_suv)
    if not suv[seed_index_zyx] > limit or (blocked is not None and blocked[seed_index_zyx]):
        return result
    box, allowed = _search_space(grid, seed_index_zyx, stop_radius_mm)
    for inner in _growing_boxes(seed_index_zyx, box):
        candidates = suv[inner] > limit
        if allowed is not None:
            candidates &= allowed[relative_box(inner, box)]
        if blocked is not None:
            candidates &= blocked[inner] == 0
        labels, _ = label_components(candidates, connectivity)
        region = labels == labels[relative_index(seed_index_zyx, inner)]
        if inner == box or not _reaches_open_side(region, inner, box):
            result[inner] = region
            return result
    return result


def climb_to_maximum(
    suv: FloatArray, grid: Grid, seed_index_zyx: IndexZYX, radius_mm: float, step_mm: float = CLIMB_STEP_MM
) -> LocalMaximum:
    """Uphill from the seed to the local maximum that belongs to it.

    Each step goes to the hottest voxel within `step_mm` (at least the 26 neighbours) that also lies
    within `radius_mm` of the seed, and stops where none is strictly hotter. A hotter neighbouring
    lesion beyond a valley wider than a step is therefore not reached, noise narrower than one is.
    """
    _check(suv, grid, seed_index_zyx, None)
    reach = max(step_mm, float(np.linalg.norm(grid.spacing_xyz_mm)) * 1.0001)
    box, within = sphere_in_grid(grid, place_of(grid, seed_index_zyx), radius_mm)
    searched = np.where(within & np.isfinite(suv[box]), suv[box], -np.inf).astype(np.float32)
    inner_grid = box_grid(grid, box)
    here, steps = relative_index(seed_index_zyx, box), 0
    while True:
        highest, place = hottest_in_sphere(searched, inner_grid, place_of(inner_grid, here), reach)
        if not highest > searched[here]:
            break
        here, steps = place, steps + 1
    z, y, x = (i + part.start for i, part in zip(here, box, strict=True))
    return LocalMaximum(float(searched[here]), (z, y, x), steps)


def grow_percent_of_maximum(
    suv: FloatArray,
    grid: Grid,
    seed_index_zyx: IndexZYX,
    percent: float,
    climb_radius_mm: float = 15.0,
    stop_radius_mm: float | None = None,
    blocked: AnyArray | None = None,
    connectivity: Connectivity = 26,
) -> tuple[BoolArray, Threshold]:
    """Climb from the seed to its local maximum (`climb_to_maximum`), then grow from that maximum.

    The stopping radius is measured from the maximum. The region holds the seed only where the seed
    itself is above the threshold. `Threshold.parameters` names the maximum and its place.
    """
    top = climb_to_maximum(suv, grid, seed_index_zyx, climb_radius_mm)
    rule = percent_of_maximum(top.suv, percent)
    extra = {"maximum_index_zyx": list(top.index_zyx), "climb_radius_mm": climb_radius_mm}
    threshold = Threshold(rule.suv, rule.rule, {**rule.parameters, **extra})
    mask = grow_from_seed(suv, grid, top.index_zyx, threshold.suv, stop_radius_mm, blocked, connectivity)
    return mask, threshold


def grow_background_adapted(
    suv: FloatArray,
    grid: Grid,
    seed_index_zyx: IndexZYX,
    fraction: float,
    stop_radius_mm: float,
    climb_radius_mm: float = 15.0,
    blocked: AnyArray | None = None,
    connectivity: Connectivity = 26,
) -> tuple[BoolArray, Threshold]:
    """Grow above bg + fraction * (max - bg) from the seed's local maximum; fraction in (0, 1).

    bg: the median SUV of a shell 8 to 14 mm outside the region above 41 % of the maximum (beyond what a
    scanner of 6 mm resolution spills out of it), without `blocked` voxels; the median because another
    lesion or an organ may reach into the shell. The stopping radius is measured from the maximum. The
    shell and the 41 % are ours. Raises UndefinedThreshold where there is no background to measure or it
    is as hot as the lesion.
    """
    top = climb_to_maximum(suv, grid, seed_index_zyx, climb_radius_mm)
    first = percent_of_maximum(top.suv, BACKGROUND_PERCENT)
    core = grow_from_seed(suv, grid, top.index_zyx, first.suv, stop_radius_mm, blocked, connectivity)
    background = _shell_median(suv, grid, core, blocked)
    rule = background_adapted(background, top.suv, fraction)
    extra = {"maximum_index_zyx": list(top.index_zyx), "climb_radius_mm": climb_radius_mm}
    threshold = Threshold(rule.suv, rule.rule, {**rule.parameters, **extra})
    mask = grow_from_seed(suv, grid, top.index_zyx, threshold.suv, stop_radius_mm, blocked, connectivity)
    return mask, threshold


def _shell_median(suv: FloatArray, grid: Grid, core: BoolArray, blocked: AnyArray | None) -> float:
    tight = occupied_box(core)
    if tight is None:
        raise UndefinedThreshold("There is no uptake at this point.")
    near, far = BACKGROUND_SHELL_MM
    box = grow_box(tight, margins_of(grid, far), grid.shape_zyx)
    away_mm = ndimage.distance_transform_edt(~core[box], sampling=grid.spacing_xyz_mm[::-1])
    shell = (away_mm >= near) & (away_mm <= far) & np.isfinite(suv[box])
    if blocked is not None:
        shell &= blocked[box] == 0
    if not shell.any():
        raise UndefinedThreshold("There is no background round this lesion to adapt to.")
    return float(np.median(suv[box][shell]))


def _check(suv: FloatArray, grid: Grid, seed: IndexZYX, blocked: AnyArray | None) -> None:
    require_shape(suv, grid, "SUV image")
    require_inside(seed, grid)
    if blocked is not None:
        require_shape(blocked, grid, "blocked mask")


def _search_space(grid: Grid, seed: IndexZYX, radius_mm: float | None) -> tuple[Box, BoolArray | None]:
    if radius_mm is None:
        z, y, x = (slice(0, n) for n in grid.shape_zyx)
        return (z, y, x), None
    return sphere_in_grid(grid, place_of(grid, seed), radius_mm)


def _growing_boxes(seed: IndexZYX, box: Box) -> list[Box]:
    """Boxes round the seed, each twice as wide, up to `box`: a small lesion costs a small search."""
    boxes: list[Box] = []
    reach = FIRST_REACH_VOXELS
    while not boxes or boxes[-1] != box:
        z, y, x = (
            slice(max(part.start, i - reach), min(part.stop, i + reach + 1))
            for i, part in zip(seed, box, strict=True)
        )
        boxes.append((z, y, x))
        reach *= 2
    return boxes


def _reaches_open_side(region: BoolArray, inner: Box, box: Box) -> bool:
    """True when the region touches a side of `inner` that is not a side of `box`."""
    for axis, (part, whole) in enumerate(zip(inner, box, strict=True)):
        if part.start > whole.start and region.take(0, axis=axis).any():
            return True
        if part.stop < whole.stop and region.take(-1, axis=axis).any():
            return True
    return False
