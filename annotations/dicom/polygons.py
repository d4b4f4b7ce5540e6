"""Polygons to pixels and pixels to polygons, exactly inverse to each other.

Pixel (row, column) has its centre at y = row, x = column. A pixel belongs to a set of polygons when its
centre lies inside an odd number of them, so holes may be inner polygons or keyholes.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotations.imaging.volume import BoolArray

Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Corner = tuple[int, int]
Runs = dict[Corner, dict[Corner, Corner]]
RIGHT, DOWN, LEFT, UP = (1, 0), (0, 1), (-1, 0), (0, -1)
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
    runs = _directed_runs(mask)
    loops = []
    while runs:
        start = next(iter(runs))
        loops.append(_follow(runs, start))
    return loops


def _directed_runs(mask: BoolArray) -> Runs:
    """{corner: {heading: where the straight run of pixel edges that leaves it ends}}. A corner where two
    pixels touch diagonally has two.
    """
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), dtype=np.bool_)
    padded[1:-1, 1:-1] = mask
    inside = padded[1:-1, 1:-1]
    runs: Runs = {}
    for edges, offset, heading in (
        (inside & ~padded[:-2, 1:-1], 0, RIGHT),  # top edges
        (inside & ~padded[1:-1, 2:], 1, DOWN),  # right edges
        (inside & ~padded[2:, 1:-1], 1, LEFT),  # bottom edges
        (inside & ~padded[1:-1, :-2], 0, UP),  # left edges
    ):
        level = heading in (RIGHT, LEFT)
        line, first, last = _stretches(edges if level else edges.T)
        begin, end = (first, last) if heading in (RIGHT, DOWN) else (last, first)
        for across, one, other in zip((line + offset).tolist(), begin.tolist(), end.tolist(), strict=True):
            start, stop = ((one, across), (other, across)) if level else ((across, one), (across, other))
            runs.setdefault(start, {})[heading] = stop
    return runs


def _stretches(lines: BoolArray) -> tuple[Indices, Indices, Indices]:
    """Line, begin and end (exclusive) of each unbroken stretch of True along the rows of an array."""
    closed = np.zeros((lines.shape[0], lines.shape[1] + 2), dtype=np.int8)
    closed[:, 1:-1] = lines
    change = closed[:, 1:] - closed[:, :-1]
    line, first = np.nonzero(change > 0)
    return line, first, np.nonzero(change < 0)[1]


def _follow(runs: Runs, start: Corner) -> list[Corner]:
    """Walk until back at the start; at a corner with two ways turn right, which keeps to one pixel."""
    loop: list[Corner] = []
    at, heading = start, next(iter(runs[start]))
    first = heading
    while True:
        ways = runs[at]
        to = ways.pop(heading)
        if not ways:
            del runs[at]
        at = to
        loop.append(at)
        onward = runs.get(at, {})
        right = (-heading[1], heading[0])
        if at == start and (right == first or right not in onward):
            return loop
        heading = right if right in onward else next(iter(onward))


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
