"""Boxes of voxels: work is done where something is, not in the whole body."""

import numpy as np

from annotations.imaging.checks import AnyArray, IndexZYX
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.volume import BoolArray

Box = tuple[slice, slice, slice]


def occupied_box(mask: BoolArray) -> Box | None:
    """The tight box of a mask [z, y, x]; None for an empty mask."""
    slices = []
    for axes in ((1, 2), (0, 2), (0, 1)):
        line = np.flatnonzero(mask.any(axis=axes))
        if line.size == 0:
            return None
        slices.append(slice(int(line[0]), int(line[-1]) + 1))
    return slices[0], slices[1], slices[2]


def grow_box(box: Box, margins_zyx: IndexZYX, shape_zyx: tuple[int, ...]) -> Box:
    """The box with a margin of voxels on each side, cut at the image."""
    z, y, x = (
        slice(max(0, part.start - margin), min(size, part.stop + margin))
        for part, margin, size in zip(box, margins_zyx, shape_zyx, strict=True)
    )
    return z, y, x


def margins_of(grid: Grid, distance_mm: float) -> IndexZYX:
    """Voxels along z, y, x that cover a distance."""
    x, y, z = (int(np.ceil(distance_mm / spacing)) for spacing in grid.spacing_xyz_mm)
    return z, y, x


def box_shape(box: Box) -> IndexZYX:
    z, y, x = (part.stop - part.start for part in box)
    return z, y, x


def relative_box(inner: Box, outer: Box) -> Box:
    """`inner` seen from the corner of `outer`."""
    z, y, x = (
        slice(part.start - whole.start, part.stop - whole.start)
        for part, whole in zip(inner, outer, strict=True)
    )
    return z, y, x


def relative_index(index_zyx: IndexZYX, box: Box) -> IndexZYX:
    z, y, x = (i - part.start for i, part in zip(index_zyx, box, strict=True))
    return z, y, x


def box_grid(grid: Grid, box: Box) -> Grid:
    """The grid of the voxels in a box."""
    origin = place_of(grid, (box[0].start, box[1].start, box[2].start))
    return Grid(box_shape(box), grid.spacing_xyz_mm, origin, grid.direction)


def place_of(grid: Grid, index_zyx: IndexZYX) -> Vector:
    """LPS mm of a voxel centre."""
    x, y, z = (float(v) for v in grid.index_to_world(index_zyx[::-1]))
    return x, y, z


def in_whole(part: AnyArray, box: Box, grid: Grid) -> AnyArray:
    """An array of the whole grid that is zero outside the box."""
    whole = np.zeros(grid.shape_zyx, dtype=part.dtype)
    whole[box] = part
    return whole
