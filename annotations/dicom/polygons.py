"""Polygons to pixels and pixels to polygons, exactly inverse to each other.

Pixel (row, column) has its centre at y = row, x = column. A pixel belongs to a set of polygons when its
centre lies inside an odd number of them, so holes may be inner polygons or keyholes.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotations.imaging.volume import BoolArray

Points = npt.NDArray[np.float64]
Corner = tuple[int, int]
CROSSING_DECIMALS = 9  # a keyhole's two sides must round alike


def fill_even_odd(polygons: Sequence[Points], rows: int, columns: int) -> BoolArray:
    """bool [rows, columns]. polygons: (n, 2) arrays of x, y in pixels; closed implicitly.

    Every edge toggles, in each row it crosses, all pixel centres to its right; rows are half-open, so a
    vertex on a row counts once.
    """
    toggles = np.zeros((rows, columns + 1), np.int32)
    for polygon in polygons:
        _toggle_edges(np.asarray(polygon, np.float64), toggles)
    return (np.cumsum(toggles[:, :columns], axis=1) & 1).astype(np.bool_)


def _toggle_edges(polygon: Points, toggles: npt.NDArray[np.int32]) -> None:
    rows, columns = toggles.shape[0], toggles.shape[1] - 1
    following = np.roll(polygon, -1, axis=0)
    swap = polygon[:, 1] > following[:, 1]
    low = np.where(swap[:, None], following, polygon)
    high = np.where(swap[:, None], polygon, following)
    first = np.clip(np.ceil(low[:, 1]), 0, rows).astype(np.int64)
    last = np.clip(np.ceil(high[:, 1]), 0, rows).astype(np.int64)  # exclusive
    counts = last - first
    edge = np.repeat(np.arange(len(polygon)), counts)
    if edge.size == 0:
        return
    row = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    (x0, y0), (x1, y1) = low[edge].T, high[edge].T
    crossing = np.round(x0 + (row - y0) * (x1 - x0) / (y1 - y0), CROSSING_DECIMALS)
    column = np.clip(np.ceil(crossing), 0, columns).astype(np.int64)
    np.add.at(toggles, (row, column), 1)


def trace_edges(mask: BoolArray) -> list[Points]:
    """Outlines of bool [rows, columns] along pixel edges, as (n, 2) x, y in pixels (halves).

    One polygon for each 4-connected piece; holes are joined to it by keyholes that run along pixel edges.
    `fill_even_odd` of the result is `mask`.
    """
    outers: list[list[Corner]] = []
    holes: list[list[Corner]] = []
    for loop in _loops(mask):
        (outers if _doubled_area(loop) > 0 else holes).append(loop)
    merged = [list(loop) for loop in outers]
    for hole in sorted(holes, key=lambda loop: min(loop)[0]):
        _join(hole, merged)
    return [np.array(loop, np.float64) - 0.5 for loop in merged]


def _loops(mask: BoolArray) -> list[list[Corner]]:
    """Closed chains of corners (corner (x, y) is the upper left of pixel (y, x)), pixels on the right
    hand (y down), with only the corners where the direction changes.
    """
    ways = _directed_edges(mask)
    loops = []
    while ways:
        start = next(iter(ways))
        step = next(iter(ways[start]))
        loops.append(_follow(ways, start, step))
    return loops


def _directed_edges(mask: BoolArray) -> dict[Corner, list[Corner]]:
    """{corner: steps that leave it}. A corner where two pixels touch diagonally has two."""
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    sides = (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),  # top edge, to the right
        (padded[1:-1, 2:], (1, 0), (0, 1)),  # right edge, down
        (padded[2:, 1:-1], (1, 1), (-1, 0)),  # bottom edge, to the left
        (padded[1:-1, :-2], (0, 1), (0, -1)),  # left edge, up
    )
    ways: dict[Corner, list[Corner]] = {}
    for neighbour, (dx, dy), step in sides:
        ys, xs = np.nonzero(inside & ~neighbour)
        for x, y in zip((xs + dx).tolist(), (ys + dy).tolist(), strict=True):
            ways.setdefault((x, y), []).append(step)
    return ways


def _follow(ways: dict[Corner, list[Corner]], start: Corner, step: Corner) -> list[Corner]:
    """Walk until back at the start; at a corner with two ways turn right, which keeps to one pixel."""
    loop: list[Corner] = []
    at, heading = start, step
    while True:
        _take(ways, at, heading)
        at = (at[0] + heading[0], at[1] + heading[1])
        options = [*ways.get(at, []), *([step] if at == start else [])]
        right = (-heading[1], heading[0])
        turn = right if right in options else options[0]
        if turn != heading:
            loop.append(at)
        if (at, turn) == (start, step):
            return loop
        heading = turn


def _take(ways: dict[Corner, list[Corner]], at: Corner, heading: Corner) -> None:
    ways[at].remove(heading)
    if not ways[at]:
        del ways[at]


def _doubled_area(loop: list[Corner]) -> int:
    """Positive for an outline (pixels on the right hand, y down), negative for a hole."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(loop, [*loop[1:], loop[0]], strict=True))


def _join(hole: list[Corner], merged: list[list[Corner]]) -> None:
    """Cut from the hole's leftmost corner straight left to the next outline, through the pixels of the
    row below that corner, all of which are inside.
    """
    x, y = min(hole)
    best: tuple[int, list[Corner], int] | None = None
    for outline in merged:
        for index, (ax, ay) in enumerate(outline):
            bx, by = outline[(index + 1) % len(outline)]
            if ax == bx and ax < x and min(ay, by) <= y < max(ay, by) and (best is None or ax > best[0]):
                best = (ax, outline, index)
    assert best is not None, "a hole lies inside an outline"
    edge_x, outline, index = best
    begin = hole.index((x, y))
    around = [*hole[begin:], *hole[:begin], (x, y)]
    outline[index + 1 : index + 1] = [(edge_x, y), *around, (edge_x, y)]
