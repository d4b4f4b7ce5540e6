"""One lesion cut along a line the reader drew across it.

The line lies on an orthogonal plane and is swept along that plane's axis: a wall. Voxels are in the
same part when a way through the lesion (by faces, edges or corners) joins them without passing the
wall. No voxel is lost: each falls to the side its centre lies on, so two parts meet at the wall but
no step from voxel to voxel leads through it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array, csgraph

from annotations.errors import InvalidInput
from annotations.imaging.boxes import occupied_box
from annotations.imaging.checks import AnyArray, OutsideGrid, require_shape
from annotations.imaging.components import MINIMUM_LESION_ML, label_components, label_sizes, minimum_voxels
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, LabelArray
from annotations.imaging.watershed import NotInRegion, number_pieces

PlaneAxis = Literal["x", "y", "z"]
Pairs = npt.NDArray[np.int64]  # (n, 2)
Points = npt.NDArray[np.float64]  # (n, 2) row, column

# Which axis of an array [z, y, x] a plane is perpendicular to.
ARRAY_AXIS: dict[PlaneAxis, int] = {"x": 2, "y": 1, "z": 0}
STEPS = [step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
# A line drawn exactly through voxel centres has to leave them on one side: it is moved by this.
NUDGE = np.array([0.618033988749895e-6, 1e-6])
STRIDE = 0.25  # voxels between two looks for the border
BEYOND = 1.5  # voxels: longer than the diagonal step round the end of a line
SLACK_MM = 1e-6


class CutDoesNotSeparate(InvalidInput):
    code = "cut_does_not_separate"


@dataclass(frozen=True)
class DrawnLine:
    """A polyline on the plane of voxel `index` perpendicular to the index axis `axis`.

    points: at least two places in continuous voxel indices (the centre of voxel n is n) of the two
    other axes in the order x, y, z: (x, y) on a z plane, (x, z) on a y plane, (y, z) on an x plane.
    """

    axis: PlaneAxis
    index: int
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class DrawnCut:
    """Parts uint16 [z, y, x], numbered by descending volume (without 255), and their mL in that order."""

    parts: LabelArray
    volumes_ml: tuple[float, ...]


def cut_along_line(
    region: BoolArray,
    grid: Grid,
    line: DrawnLine,
    depth_mm: float | None = None,
    minimum_ml: float = MINIMUM_LESION_ML,
) -> DrawnCut:
    """Cut a lesion (bool [z, y, x]) along a drawn line; every voxel belongs to one part.

    The line goes on straight beyond both ends to the outer border of the lesion as seen along the
    plane's axis. It cuts the slices whose centres lie within `depth_mm` of the plane on either side
    (None: all). Parts under `minimum_ml` fall to the part they share most of the wall with.

    Raises CutDoesNotSeparate when the lesion hangs together as before, NotInRegion for an empty
    lesion, OutsideGrid for a plane beside the image, InvalidInput for a line without length.
    """
    require_shape(region, grid, "region")
    points = _checked_points(line)
    axis = ARRAY_AXIS[line.axis]
    if not 0 <= line.index < grid.shape_zyx[axis]:
        raise OutsideGrid("The plane lies outside the image.", axis=line.axis, index=line.index)
    if depth_mm is not None and not depth_mm >= 0:
        raise InvalidInput("The depth of a cut is zero or more millimetres.", got=depth_mm)
    box = occupied_box(region)
    if box is None:
        raise NotInRegion("The region is empty.")
    inside = np.moveaxis(region[box], axis, 0)
    rows, columns = (box[k].start for k in range(3) if k != axis)
    away_mm = np.abs(np.arange(box[axis].start, box[axis].stop) - line.index) * grid.spacing_xyz_mm[2 - axis]
    within = away_mm <= (np.inf if depth_mm is None else depth_mm + SLACK_MM)
    shadow: BoolArray = np.any(inside[within], axis=0)
    wall = _extended(points - (rows, columns), shadow) + NUDGE
    found = _parts(inside, wall, within, minimum_voxels(grid, minimum_ml))
    if int(found.max()) <= label_components(region[box], 26)[1]:
        raise CutDoesNotSeparate(
            "The line does not cut the lesion apart: draw it across the whole lesion or cut deeper.",
            depth_mm=depth_mm,
            minimum_ml=minimum_ml,
        )
    parts = number_pieces(np.moveaxis(found, 0, axis), box, grid)
    sizes = label_sizes(parts)[1:]
    return DrawnCut(parts, tuple(float(n) * grid.voxel_volume_ml for n in sizes if n))


def _checked_points(line: DrawnLine) -> Points:
    """(n, 2) row and column, without repeats."""
    if line.axis not in ARRAY_AXIS:
        raise InvalidInput("A plane is perpendicular to x, y or z.", got=line.axis)
    if any(len(point) != 2 or not np.isfinite(point).all() for point in line.points):
        raise InvalidInput("Each point of a line is a pair of numbers.")
    points = np.asarray(line.points, dtype=np.float64)
    kept = [k for k in range(len(points)) if k == 0 or (points[k] != points[k - 1]).any()]
    if len(kept) < 2:
        raise InvalidInput("A line has at least two points at different places.", got=len(line.points))
    return points[kept][:, ::-1]


def _extended(points: Points, shadow: BoolArray) -> Points:
    """The line with both ends moved straight on to just beyond the outer border of a 2D mask."""
    filled = ndimage.binary_fill_holes(shadow)  # a necrotic core is not the lesion's border
    return np.vstack([_beyond(points[0], points[1], filled), points, _beyond(points[-1], points[-2], filled)])


def _beyond(end: Points, before: Points, filled: BoolArray) -> Points:
    forward = (end - before) / np.linalg.norm(end - before)
    reach = np.arange(0.0, float(np.hypot(*filled.shape)) + 1.0, STRIDE)
    places = np.rint(end + reach[:, None] * forward)
    in_box = ((places >= 0) & (places < filled.shape)).all(axis=1)
    covered = np.zeros(len(reach), dtype=np.bool_)
    rows, columns = places[in_box].astype(np.int64).T
    covered[in_box] = filled[rows, columns]
    first_outside = int(np.argmin(np.append(covered, False)))
    result: Points = end + (first_outside * STRIDE + BEYOND) * forward
    return result


def _parts(inside: BoolArray, wall: Points, within: BoolArray, fewest: int) -> npt.NDArray[np.int32]:
    """Parts from 1 of a mask [slice, row, column] that a wall stands in; 0 outside."""
    number = np.full(inside.shape, -1, dtype=np.int64)
    number[inside] = np.arange(np.count_nonzero(inside))
    joined, parted = [], []
    for pairs, stopped in _steps(number, wall, within):
        joined.append(pairs[~stopped])
        parted.append(pairs[stopped])
    one, other = np.concatenate(joined).T
    nodes = int(np.count_nonzero(inside))
    graph: Any = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(nodes, nodes))
    _, part = csgraph.connected_components(graph, directed=False)
    part = _without_slivers(part, part[np.concatenate(parted)], fewest)
    result = np.zeros(inside.shape, dtype=np.int32)
    result[inside] = np.unique(part, return_inverse=True)[1] + 1
    return result


def _steps(
    number: npt.NDArray[np.int64], wall: Points, within: BoolArray
) -> Iterator[tuple[Pairs, BoolArray]]:
    """For each of the 13 directions: the pairs of neighbouring voxels, and which the wall parts."""
    for step in STEPS:
        here = tuple(slice(max(0, -s), n - max(0, s)) for s, n in zip(step, number.shape, strict=True))
        there = tuple(slice(max(0, s), n - max(0, -s)) for s, n in zip(step, number.shape, strict=True))
        both = (number[here] >= 0) & (number[there] >= 0)
        crossed = _crossed(wall, number.shape[1:], step[1:])[here[1:]]
        cut_slice = within[here[0]] | within[there[0]]
        stopped = (cut_slice[:, None, None] & crossed)[both]
        yield np.stack([number[here][both], number[there][both]], axis=1), stopped


def _crossed(wall: Points, shape: tuple[int, ...], step: tuple[int, ...]) -> BoolArray:
    """bool [row, column]: the way from a voxel's centre to the one a step away meets the wall."""
    crossed = np.zeros(shape, dtype=np.bool_)
    if step == (0, 0):
        return crossed
    for start, end in pairwise(wall):
        low = np.maximum(np.floor(np.minimum(start, end)).astype(int) - 1, 0)
        high = np.maximum(np.ceil(np.maximum(start, end)).astype(int) + 2, low)
        near = (slice(low[0], high[0]), slice(low[1], high[1]))
        rows, columns = np.mgrid[near][:, : crossed[near].shape[0], : crossed[near].shape[1]]
        along = end - start
        # Signed areas: the two centres on opposite sides of this piece of wall, and the reverse.
        side = along[0] * (columns - start[1]) - along[1] * (rows - start[0])
        side_there = side + along[0] * step[1] - along[1] * step[0]
        start_side = step[0] * (start[1] - columns) - step[1] * (start[0] - rows)
        end_side = step[0] * (end[1] - columns) - step[1] * (end[0] - rows)
        crossed[near] |= (side * side_there <= 0) & (start_side * end_side <= 0)
    return crossed


def _without_slivers(part: AnyArray, walls: AnyArray, fewest: int) -> AnyArray:
    """Part numbers in which each small part has fallen to the one it shares most of the wall with."""
    sizes = Counter(dict(enumerate(np.bincount(part).tolist())))
    shared: Counter[tuple[int, int]] = Counter()
    for one, other in walls[walls[:, 0] != walls[:, 1]].tolist():
        shared[min(one, other), max(one, other)] += 1
    table = np.arange(len(sizes))
    while True:
        touching = {k for pair in shared for k in pair}
        small = [k for k in touching if sizes[k] < fewest]
        if not small:
            return table[part]
        gone = min(small, key=lambda k: (sizes[k], k))
        weights = Counter({(set(pair) - {gone}).pop(): n for pair, n in shared.items() if gone in pair})
        kept = weights.most_common(1)[0][0]
        table[table == gone] = kept
        sizes[kept] += sizes.pop(gone)
        shared = _renamed(shared, gone, kept)


def _renamed(shared: Counter[tuple[int, int]], gone: int, kept: int) -> Counter[tuple[int, int]]:
    result: Counter[tuple[int, int]] = Counter()
    for pair, count in shared.items():
        one, other = (kept if k == gone else k for k in pair)
        if one != other:
            result[min(one, other), max(one, other)] += count
    return result
