"""Soft shapes of the phantom: functions that give the signed distance (mm) to a surface.

Negative inside, positive outside. Distances are first-order approximations: right at the surface,
which is where they matter (a voxel's share inside is `0.5 - distance / voxel`, clipped to 0..1).
Coordinates: x to the patient's left, y to the back, d downwards from the vertex, all in mm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Distance = Callable[[Field, Field, Field], Field]
Point = tuple[float, float, float]
Box = tuple[Point, Point]
FAR = np.float32(1e3)
REACH_MM = 60.0


@dataclass(frozen=True)
class Shape:
    """A signed distance and a box (lower x, y, d corner and upper one) that holds all of its inside."""

    distance: Distance
    box: Box

    def at(self, x: Field, y: Field, d: Field) -> Field:
        return self.distance(x, y, d)


def ellipsoid(centre: Point, radii: Point, tilt_deg: Point = (0.0, 0.0, 0.0)) -> Shape:
    """Ellipsoid with half axes `radii`, turned about x, y and d by `tilt_deg` (in that order)."""
    turn = rotation(tilt_deg).astype(np.float32)
    inverse = (1.0 / np.asarray(radii)).astype(np.float32)

    def distance(x: Field, y: Field, d: Field) -> Field:
        local = (x - np.float32(centre[0]), y - np.float32(centre[1]), d - np.float32(centre[2]))
        level = np.float32(0.0)
        slope = np.float32(0.0)
        for axis in range(3):
            along = turn[0, axis] * local[0] + turn[1, axis] * local[1] + turn[2, axis] * local[2]
            scaled = along * inverse[axis]
            level = level + scaled * scaled
            slope = slope + (scaled * inverse[axis]) ** 2
        root = np.sqrt(level)
        return np.asarray(root * (root - 1) / np.sqrt(np.maximum(slope, 1e-12)), dtype=np.float32)

    reach = np.sqrt((turn.astype(np.float64) ** 2) @ (np.asarray(radii) ** 2))
    return Shape(distance, _box(np.asarray(centre) - reach, np.asarray(centre) + reach))


def rotation(tilt_deg: Point) -> npt.NDArray[np.float64]:
    """3x3 rotation: first about x, then y, then d."""
    a, b, c = np.deg2rad(tilt_deg)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_d = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_d @ about_y @ about_x)


def tube(points: Sequence[Point], radii: float | Sequence[float]) -> Shape:
    """A chain of tapered rounded rods through `points`; `radii` for all or for each point."""
    path = np.asarray(points, dtype=np.float64)
    widths = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(path),))

    def distance(x: Field, y: Field, d: Field) -> Field:
        best: Field | None = None
        for start, end, r0, r1 in zip(path[:-1], path[1:], widths[:-1], widths[1:], strict=True):
            rod = _rod(x, y, d, start.astype(np.float32), end.astype(np.float32), float(r0), float(r1))
            best = rod if best is None else np.minimum(best, rod)
        if best is None:
            raise ValueError("A tube needs at least two points.")
        return best

    return Shape(distance, _box((path - widths[:, None]).min(0), (path + widths[:, None]).max(0)))


def _rod(x: Field, y: Field, d: Field, start: Field, end: Field, r0: float, r1: float) -> Field:
    along = end - start
    share = (x - start[0]) * along[0] + (y - start[1]) * along[1] + (d - start[2]) * along[2]
    share = np.clip(share / np.float32(max(float(along @ along), 1e-6)), 0, 1)
    gap = (x - start[0] - share * along[0]) ** 2
    gap = gap + (y - start[1] - share * along[1]) ** 2
    gap = gap + (d - start[2] - share * along[2]) ** 2
    return np.asarray(np.sqrt(gap) - (np.float32(r0) + share * np.float32(r1 - r0)), dtype=np.float32)


def stack(rows: Sequence[tuple[float, float, float, float]], power: float = 2.3) -> Shape:
    """Rounded sections piled up along d. Rows: (d, half width, half depth, centre y), d ascending.

    Each section is the superellipse |x/a|^p + |y/b|^p = 1; sections between rows are interpolated
    (monotone cubic), the ends are closed flat.
    """
    from scipy.interpolate import PchipInterpolator

    table = np.asarray(rows, dtype=np.float64)
    spline = PchipInterpolator(table[:, 0], table[:, 1:])
    first, last = float(table[0, 0]), float(table[-1, 0])
    knots = np.linspace(first, last, 400)
    sections = spline(knots)

    def distance(x: Field, y: Field, d: Field) -> Field:
        a, b, middle = (np.interp(d, knots, sections[:, i]).astype(np.float32) for i in range(3))
        dy = y - middle
        level = np.abs(x / a) ** np.float32(power) + np.abs(dy / b) ** np.float32(power)
        level = np.maximum(level, np.float32(1e-4)) ** np.float32(1 / power)
        radial = np.maximum(np.sqrt(x * x + dy * dy), np.float32(1.0))
        side = radial * (1 - 1 / level)
        return np.asarray(np.maximum(side, np.maximum(first - d, d - last)), dtype=np.float32)

    reach_x, top, bottom = (
        table[:, 1].max(),
        (table[:, 3] - table[:, 2]).min(),
        (table[:, 3] + table[:, 2]).max(),
    )
    return Shape(distance, ((-reach_x, top, first), (reach_x, bottom, last)))


def union(*shapes: Shape, blend_mm: float = 0.0) -> Shape:
    """Union; with `blend_mm` the crease between two shapes is filled over about that width."""

    def distance(x: Field, y: Field, d: Field) -> Field:
        highest, lowest = float(d.min()) - REACH_MM, float(d.max()) + REACH_MM
        best: Field | None = None
        for shape in shapes:
            # A shape far above or below these voxels changes nothing near a surface.
            if shape.box[1][2] < highest or shape.box[0][2] > lowest:
                continue
            one = shape.at(x, y, d)
            best = one if best is None else _smooth_minimum(best, one, blend_mm)
        return np.full(np.broadcast_shapes(x.shape, y.shape, d.shape), FAR) if best is None else best

    lower = np.min([shape.box[0] for shape in shapes], axis=0)
    upper = np.max([shape.box[1] for shape in shapes], axis=0)
    return Shape(distance, _box(lower - blend_mm / 4, upper + blend_mm / 4))


def _smooth_minimum(first: Field, second: Field, width: float) -> Field:
    if width <= 0:
        return np.minimum(first, second)
    share = np.maximum(np.float32(width) - np.abs(first - second), 0) / np.float32(width)
    return np.asarray(np.minimum(first, second) - share * share * np.float32(width / 4), dtype=np.float32)


def inside_of(shape: Shape, *limits: Shape | Distance) -> Shape:
    """The part of `shape` that lies inside all `limits`."""
    fields = [limit.distance if isinstance(limit, Shape) else limit for limit in limits]

    def distance(x: Field, y: Field, d: Field) -> Field:
        worst = shape.at(x, y, d)
        for field in fields:
            worst = np.maximum(worst, field(x, y, d))
        return worst

    return Shape(distance, shape.box)


def outside(shape: Shape, gap_mm: float = 0.0) -> Distance:
    """Distance field that is negative where a point is further than `gap_mm` from `shape`."""
    return lambda x, y, d: np.asarray(np.float32(gap_mm) - shape.at(x, y, d), dtype=np.float32)


def grown(shape: Shape, by_mm: float) -> Shape:
    """Shape with its surface moved outwards by `by_mm` (inwards when negative)."""
    reach = max(by_mm, 0.0)
    lower, upper = np.asarray(shape.box[0]) - reach, np.asarray(shape.box[1]) + reach
    return Shape(lambda x, y, d: shape.at(x, y, d) - np.float32(by_mm), _box(lower, upper))


def shell(shape: Shape, thickness_mm: float) -> Shape:
    """The wall of `shape`, `thickness_mm` inwards from its surface."""
    return inside_of(shape, lambda x, y, d: -shape.at(x, y, d) - np.float32(thickness_mm))


def remembered(shape: Shape) -> Shape:
    """The same shape, which keeps its last answer: asked again with the very same arrays, it repeats it."""
    last: list[Field] = []

    def distance(x: Field, y: Field, d: Field) -> Field:
        if not (last and last[0] is x and last[1] is y and last[2] is d):
            last[:] = [x, y, d, shape.at(x, y, d)]
        return last[3]

    return Shape(distance, shape.box)


def mirrored(build: Callable[[float], Shape]) -> Shape:
    """Union of a shape built for the left side (+1) and for the right side (-1)."""
    return union(build(1.0), build(-1.0))


def _box(lower: npt.NDArray[np.float64], upper: npt.NDArray[np.float64]) -> Box:
    low, high = [float(v) for v in lower], [float(v) for v in upper]
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])
