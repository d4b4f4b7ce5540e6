"""One lesion cut into several: the part with the hottest voxel keeps the number, the others get new ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotations.errors import InvalidInput
from annotations.imaging.boxes import relative_index
from annotations.imaging.components import HIGHEST_LABEL, RESERVED_LABEL, TooManyLesions, label_sizes
from annotations.imaging.drawn_cut import DrawnLine, PlaneAxis, cut_along_line
from annotations.imaging.volume import FloatArray, LabelArray
from annotations.imaging.watershed import PEAK_SHARE, split_at_seeds, split_region
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.outcome import Drawn
from annotations.segmentations.proposals.scene import Part, Scene

MARGIN_MM = 6.0  # the room the smoothing of the watershed sees round a lesion
MOST_SEEDS = 20
MOST_POINTS = 500
AXES: tuple[PlaneAxis, ...] = ("x", "y", "z")


class NothingToSplit(InvalidInput):
    """The lesion has one part only."""

    code = "nothing_to_split"


class LineBesideLesion(InvalidInput):
    code = "line_beside_lesion"


def split_watershed(scene: Scene, asked: Asked) -> Drawn:
    """{label, next_label, h_fraction?, seeds_xyz?}: along the valleys of the smoothed uptake.

    h_fraction: how deep a valley must be, as a share of the lower of its two peaks. seeds_xyz (two or
    more): one part for each point instead.
    """
    label, next_label = scene.live_label(asked), scene.new_label(asked)
    share = asked.number("h_fraction", 0.01, 0.95, PEAK_SHARE)
    seeds = asked.voxels("seeds_xyz", scene.grid, MOST_SEEDS)
    asked.finish()
    if len(seeds) == 1:
        raise asked.refusal("seeds_xyz", "two points or more", 1)
    part = scene.lesion(label, MARGIN_MM)
    region = part.labels == label
    if seeds:
        inner = [relative_index(seed, part.box) for seed in seeds]
        pieces = split_at_seeds(region, part.suv, part.grid, inner)
    else:
        pieces = split_region(region, part.suv, part.grid, share)
    settings = {"h_fraction": share} if not seeds else {"seeds_xyz": [list(seed[::-1]) for seed in seeds]}
    return divided(part, label, pieces, next_label, settings)


def cut(scene: Scene, asked: Asked) -> Drawn:
    """{label, next_label, axis, index, points, depth_mm?}: along a line drawn on a plane, and through it.

    The line goes on to the lesion's border; without `depth_mm` it cuts all slices.
    """
    label, next_label = scene.live_label(asked), scene.new_label(asked)
    line, depth_mm = read_cut(scene, asked)
    asked.finish()
    part = scene.lesion(label)
    settings = {
        "axis": line.axis,
        "index": line.index,
        "points": [list(point) for point in line.points],
        "depth_mm": depth_mm,
    }
    return divided(part, label, cut_pieces(part, label, line, depth_mm), next_label, settings)


def read_cut(scene: Scene, asked: Asked, *, ends: bool = False) -> tuple[DrawnLine, float | None]:
    """A drawn line in indices of the image, and how deep it cuts. ends: nothing else may be asked."""
    axis = asked.choice("axis", AXES)
    index = asked.whole("index", 0, scene.grid.shape_zyx[2 - AXES.index(axis)] - 1)
    points = asked.points("points", MOST_POINTS)
    depth_mm = asked.number("depth_mm", 0.0, 2000.0) if asked.has("depth_mm") else None
    if ends:
        asked.finish()
    return DrawnLine(axis, index, points), depth_mm


def cut_pieces(part: Part, label: int, line: DrawnLine, depth_mm: float | None) -> LabelArray:
    """Pieces from 1 on both sides of a line. Raises LineBesideLesion, CutDoesNotSeparate."""
    start = {name: side.start for name, side in zip("zyx", part.box, strict=True)}
    size = {name: side.stop - side.start for name, side in zip("zyx", part.box, strict=True)}
    index = line.index - start[line.axis]
    if not 0 <= index < size[line.axis]:
        raise LineBesideLesion("Draw the line on a plane that goes through the lesion.", label=label)
    first, second = (name for name in AXES if name != line.axis)
    points = [(u - start[first], v - start[second]) for u, v in line.points]
    inner = DrawnLine(line.axis, index, points)
    return cut_along_line(part.labels == label, part.grid, inner, depth_mm).parts


def divided(part: Part, label: int, pieces: LabelArray, next_label: int, settings: dict[str, Any]) -> Drawn:
    """`pieces`: uint16 [z, y, x] of the part, from 1, covering the lesion. Raises NothingToSplit."""
    found = pieces_by_size(pieces)
    if len(found) < 2:
        raise NothingToSplit("The lesion cannot be split this way: it stays one part.", label=label)
    hottest = hottest_piece(pieces, part.suv if part.scene.has_suv else None)
    others = [number for number in found if number != hottest]
    numbers = new_numbers(next_label, len(others))
    table = np.zeros(int(pieces.max()) + 1, dtype=np.uint16)
    table[hottest] = label
    table[others] = numbers
    inside = part.labels == label
    result = part.labels.copy()
    result[inside] = table[pieces[inside]]
    volumes = {int(table[n]): found[n] * part.grid.voxel_volume_ml for n in found}
    return Drawn(
        box=part.box,
        labels=result,
        label=label,
        lesions=[{"label": number, **_said_of(part.scene, label)} for number in numbers],
        settings={"label": label, "next_label": next_label, **settings},
        results={"parts": [{"label": number, "volume_ml": ml} for number, ml in volumes.items()]},
        numbers={"part_count": len(found)},
    )


def new_numbers(first: int, count: int) -> list[int]:
    """`count` lesion numbers from `first` on, without 255."""
    numbers = [n for n in range(first, first + count + 1) if n != RESERVED_LABEL][:count]
    if numbers and numbers[-1] > HIGHEST_LABEL:
        raise TooManyLesions("There are no lesion numbers left.", highest=HIGHEST_LABEL)
    return numbers


def pieces_by_size(pieces: LabelArray) -> dict[int, int]:
    """Voxels of each piece, largest first, of equal ones the lower number."""
    sizes = label_sizes(pieces)
    present = [int(number) for number in np.flatnonzero(sizes) if number]
    return {number: int(sizes[number]) for number in sorted(present, key=lambda n: (-sizes[n], n))}


def hottest_piece(pieces: LabelArray, suv: FloatArray | None) -> int:
    """The piece with the hottest voxel; without SUV the largest."""
    if suv is not None:
        heat = np.where((pieces != 0) & np.isfinite(suv), suv, -np.inf)
        place = int(heat.argmax())
        if pieces.reshape(-1)[place]:
            return int(pieces.reshape(-1)[place])
    return next(iter(pieces_by_size(pieces)))


def _said_of(scene: Scene, label: int) -> dict[str, Any]:
    """A part is where its lesion was, and was drawn by the same rule."""
    rows: Sequence[Any] = [row for row in scene.version.lesions.all() if row.label == label]
    return {"site": rows[0].site, "boundary_rule": rows[0].boundary_rule} if rows else {}
