"""Volumes of interest that a reader draws: boxes, spheres, and outlines on a few planes.

Shapes are added, then others are subtracted. Between two drawn planes the outline is interpolated by
signed distance (Raya SP, Udupa JK. IEEE Trans Med Imaging 1990;9:32): each plane in between takes the
mean of the two planes' distances to the outline, weighted by how near it is to each, and belongs where
that is positive. Distances are those to the drawn outline itself, in mm, not to the voxels it covers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box, box_shape, relative_box
from annotations.imaging.checks import IndexZYX, OutsideGrid
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.volume import BoolArray

Polygon = Sequence[tuple[float, float]]
ARRAY_AXIS = {"x": 2, "y": 1, "z": 0}
MOST_CORNERS = 4000
MOST_DISTANCES = 60_000_000
"""Corners times voxels of a plane, summed over the drawn planes: about a second of work."""


class EmptyVoi(InvalidInput):
    """The shapes leave no voxel of the image."""

    code = "empty_voi"


class VoiTooComplex(InvalidInput):
    code = "voi_too_complex"


@dataclass(frozen=True)
class BoxShape:
    """All voxels between two corners, both included, in any order."""

    corner_zyx: IndexZYX
    opposite_zyx: IndexZYX

    def box(self, grid: Grid) -> Box:
        corners = list(zip(self.corner_zyx, self.opposite_zyx, strict=True))
        z, y, x = (
            _cut(min(pair), max(pair), size) for pair, size in zip(corners, grid.shape_zyx, strict=True)
        )
        return z, y, x

    def mask(self, grid: Grid) -> BoolArray:
        return np.ones(box_shape(self.box(grid)), dtype=np.bool_)


@dataclass(frozen=True)
class SphereShape:
    """Voxels whose centres lie within a radius of a point (LPS mm)."""

    centre_xyz_mm: Vector
    radius_mm: float

    def box(self, grid: Grid) -> Box:
        return sphere_in_grid(grid, self.centre_xyz_mm, self.radius_mm)[0]

    def mask(self, grid: Grid) -> BoolArray:
        return sphere_in_grid(grid, self.centre_xyz_mm, self.radius_mm)[1]


@dataclass(frozen=True)
class PlanesShape:
    """Outlines on planes across one index axis, interpolated between the first and the last of them.

    polygons: plane index -> closed outlines whose corners are pairs of continuous voxel indices (the
    centre of voxel n is n) of the two other axes in the order x, y, z. Several outlines on a plane are
    joined. A voxel belongs when its centre lies inside. Nothing is added beyond the outermost planes.
    """

    axis: Literal["x", "y", "z"]
    polygons: Mapping[int, Sequence[Polygon]]

    def box(self, grid: Grid) -> Box:
        """Raises OutsideGrid for a plane beside the image."""
        across = ARRAY_AXIS[self.axis]
        first, last = min(self.polygons), max(self.polygons)
        if first < 0 or last >= grid.shape_zyx[across]:
            raise OutsideGrid("A drawn plane lies outside the image.", axis=self.axis, planes=[first, last])
        corners = np.concatenate([np.asarray(one, float) for many in self.polygons.values() for one in many])
        low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
        parts = [slice(0, 0)] * 3
        parts[across] = slice(first, last + 1)
        for column, axis in enumerate(_plane_axes(across)):
            parts[axis] = _cut(int(low[column]), int(high[column]), grid.shape_zyx[axis])
        return parts[0], parts[1], parts[2]

    def mask(self, grid: Grid) -> BoolArray:
        box, across = self.box(grid), ARRAY_AXIS[self.axis]
        axis_u, axis_v = _plane_axes(across)
        spacing = grid.spacing_xyz_mm[2 - axis_u], grid.spacing_xyz_mm[2 - axis_v]
        self._refuse_too_much(box[axis_u].stop - box[axis_u].start, box[axis_v].stop - box[axis_v].start)
        drawn = sorted(self.polygons)
        distances = {n: _signed_distance(self.polygons[n], box[axis_u], box[axis_v], spacing) for n in drawn}
        planes = [distances[drawn[0]] > 0]
        for before, after in pairwise(drawn):
            for n in range(before + 1, after + 1):
                share = (n - before) / (after - before)
                planes.append((1 - share) * distances[before] + share * distances[after] > 0)
        return np.moveaxis(np.stack(planes), 0, across)

    def _refuse_too_much(self, width: int, height: int) -> None:
        corners = sum(len(one) for many in self.polygons.values() for one in many)
        if corners > MOST_CORNERS or corners * width * height > MOST_DISTANCES:
            raise VoiTooComplex("The outlines have too many corners.", most=MOST_CORNERS, got=corners)


Shape = BoxShape | SphereShape | PlanesShape


def voi_box(add: Iterable[Shape], grid: Grid) -> Box:
    """The box that holds the added shapes, cut at the image. Raises EmptyVoi, OutsideGrid."""
    boxes = [box for box in (shape.box(grid) for shape in add) if min(box_shape(box)) > 0]
    if not boxes:
        raise EmptyVoi("The volume of interest holds no voxel of the image.")
    z, y, x = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in range(3)
    )
    return z, y, x


def voi_mask(add: Sequence[Shape], subtract: Iterable[Shape], grid: Grid) -> tuple[Box, BoolArray]:
    """(box of the added shapes, bool [z, y, x] of it). Raises EmptyVoi, OutsideGrid, VoiTooComplex."""
    whole = voi_box(add, grid)
    inside = np.zeros(box_shape(whole), dtype=np.bool_)
    for shape in add:
        inside[relative_box(shape.box(grid), whole)] |= shape.mask(grid)
    for shape in subtract:
        _subtract(inside, whole, shape, grid)
    if not inside.any():
        raise EmptyVoi("The volume of interest holds no voxel of the image.")
    return whole, inside


def _subtract(inside: BoolArray, whole: Box, shape: Shape, grid: Grid) -> None:
    box = shape.box(grid)
    common = [slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(box, whole, strict=True)]
    if all(part.stop > part.start for part in common):
        shared = common[0], common[1], common[2]
        inside[relative_box(shared, whole)] &= ~shape.mask(grid)[relative_box(shared, box)]


def _cut(low: int, high: int, size: int) -> slice:
    """Voxels low .. high of an axis, both included, as far as the image has them."""
    start = min(max(0, low), size)
    return slice(start, max(start, min(size, high + 1)))


def _plane_axes(across: int) -> tuple[int, int]:
    """Array axes of u and v: the two other axes in the order x, y, z."""
    first, second = (axis for axis in (2, 1, 0) if axis != across)
    return first, second


def _signed_distance(
    polygons: Sequence[Polygon], u_range: slice, v_range: slice, spacing: tuple[float, float]
) -> npt.NDArray[np.float64]:
    """mm from each voxel centre [v, u] to the outline, positive inside; of several outlines the largest."""
    u = np.arange(u_range.start, u_range.stop) * spacing[0]
    v = (np.arange(v_range.start, v_range.stop) * spacing[1])[:, None]
    signed = [_distance_to(np.asarray(one, dtype=np.float64) * spacing, u, v) for one in polygons]
    return np.asarray(np.maximum.reduce(signed))


def _distance_to(
    corners: npt.NDArray[np.float64], u: npt.NDArray[np.float64], v: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Signed distance of places to one closed polygon (even-odd rule)."""
    square = np.full((v.shape[0], u.shape[0]), np.inf)
    inside = np.zeros(square.shape, dtype=np.bool_)
    for (u0, v0), (u1, v1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        du, dv = u1 - u0, v1 - v0
        length = du * du + dv * dv
        along = ((u - u0) * du + (v - v0) * dv) / length if length > 0 else np.zeros(square.shape)
        along = np.clip(along, 0.0, 1.0)
        np.minimum(square, (u - u0 - along * du) ** 2 + (v - v0 - along * dv) ** 2, out=square)
        if v0 != v1:  # a ray along u crosses this edge
            inside ^= ((v0 <= v) != (v1 <= v)) & (u < u0 + (v - v0) * du / dv)
    distance = np.sqrt(square)
    return np.asarray(np.where(inside, distance, -distance))
