"""Physiological uptake taken out of the tumour: all of a lesion, or the part on one side of a boundary.

What goes becomes background; the edit keeps its class and its mL. Tumour that the reader has marked is
never taken: where the boundary would, the method refuses. What stays keeps the lesion's number; if it
falls apart, the piece with the hottest voxel does, and the others become lesions of their own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotations.dicom.codes import CLASSES
from annotations.errors import Conflict
from annotations.imaging.boxes import relative_index
from annotations.imaging.checks import IndexZYX
from annotations.imaging.components import (
    MINIMUM_LESION_ML,
    label_components,
    label_sizes,
    minimum_voxels,
)
from annotations.imaging.volume import BoolArray, LabelArray
from annotations.imaging.watershed import split_at_seeds, split_region
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.outcome import Doubt, Drawn
from annotations.segmentations.proposals.parts import (
    MARGIN_MM,
    MOST_SEEDS,
    NothingToSplit,
    cut_pieces,
    divided,
    read_cut,
)
from annotations.segmentations.proposals.scene import Part, Scene

REMOVABLE = tuple(key for key, found in CLASSES.items() if found.group != "lesion")


class TumourMarked(Conflict):
    """What would go holds a point that was marked as tumour."""

    code = "tumour_marked"


def physiological(scene: Scene, asked: Asked) -> Drawn:
    """{label, class, boundary, keep_xyz?, at_xyz?, cut?}.

    boundary "whole": all of the lesion goes. "watershed": the part with `at_xyz` goes, up to the valley
    towards the points of `keep_xyz`; without these, up to the valleys round it. "drawn": the part with
    `at_xyz` on its side of `cut` goes.
    """
    label = scene.live_label(asked)
    named = asked.choice("class", REMOVABLE)
    boundary = asked.choice("boundary", ("whole", "watershed", "drawn"))
    keep = asked.voxels("keep_xyz", scene.grid, MOST_SEEDS - 1)
    at = asked.voxel("at_xyz", scene.grid) if boundary != "whole" or asked.has("at_xyz") else None
    line = read_cut(scene, asked.part("cut"), ends=True) if boundary == "drawn" else None
    asked.finish()
    part = scene.lesion(label, MARGIN_MM)
    region = part.labels == label
    for name, points in (("keep_xyz", keep), ("at_xyz", [at] if at else [])):
        if any(scene.labels[point] != label for point in points):
            raise asked.refusal(name, f"in lesion {label}", [list(p[::-1]) for p in points])
    if boundary == "whole" or at is None:
        gone = region
    elif line is not None:
        pieces = cut_pieces(part, label, *line)
        gone = pieces == pieces[relative_index(at, part.box)]
    else:
        gone = _basin(part, region, at, keep)
    if any(gone[relative_index(point, part.box)] for point in keep):
        raise TumourMarked("A point that is marked as tumour lies in the part that would go.", label=label)
    settings = {
        "label": label,
        "class": named,
        "boundary": boundary,
        "keep_xyz": [list(point[::-1]) for point in keep],
        "at_xyz": None if at is None else list(at[::-1]),
        "cut": None if line is None else _line_json(line),
    }
    return _taken_out(part, label, region, gone, settings)


def _basin(part: Part, region: BoolArray, at: IndexZYX, keep: Sequence[IndexZYX]) -> BoolArray:
    """The part with `at`. Raises NothingToSplit where no valley bounds it."""
    here = relative_index(at, part.box)
    if keep:
        seeds = [here, *(relative_index(point, part.box) for point in keep)]
        pieces: LabelArray = split_at_seeds(region, part.suv, part.grid, seeds)
    else:
        pieces = split_region(region, part.suv, part.grid)
    if len(np.unique(pieces[region])) < 2:
        raise NothingToSplit(
            "No valley in the uptake bounds this part. Mark tumour that stays, or draw the boundary."
        )
    return np.asarray(pieces == pieces[here])


def _taken_out(part: Part, label: int, region: BoolArray, gone: BoolArray, settings: dict[str, Any]) -> Drawn:
    gone = gone | _crumbs(part, region & ~gone, settings["keep_xyz"])
    stays = region & ~gone
    labels = part.labels.copy()
    labels[gone] = 0
    lost_ml, kept_ml = (float(np.count_nonzero(one)) * part.grid.voxel_volume_ml for one in (gone, stays))
    lesions: list[dict[str, Any]] = []
    if not stays.any():
        lesions.append({"label": label, "physiological_class": settings["class"]})
    pieces, count = label_components(stays, 26)
    doubts = []
    if count > max(1, label_components(region, 26)[1]):
        apart = divided(part, label, pieces.astype(np.uint16), part.scene.version.next_label, {})
        labels = apart.labels
        lesions += [dict(one) for one in apart.lesions]
        doubts.append(Doubt("falls_apart", f"What stays falls into {count} parts: each becomes a lesion."))
    results = {"lost_ml": lost_ml, "kept_ml": kept_ml}
    return Drawn(part.box, labels, label, lesions, settings, results, {}, doubts)


def _crumbs(part: Part, stays: BoolArray, keep_xyz: Sequence[Sequence[int]]) -> BoolArray:
    """Pieces beside the boundary that are too small for a lesion and hold no marked tumour."""
    pieces, _ = label_components(stays, 26)
    large = label_sizes(pieces) >= minimum_voxels(part.grid, MINIMUM_LESION_ML)
    for x, y, z in keep_xyz:
        large[pieces[relative_index((z, y, x), part.box)]] = True
    large[0] = True  # what is not in the lesion
    return np.asarray(~large[pieces]) if large[1:].any() else np.zeros_like(stays)


def _line_json(line: tuple[Any, float | None]) -> dict[str, Any]:
    drawn, depth_mm = line
    points = [list(point) for point in drawn.points]
    return {"axis": drawn.axis, "index": drawn.index, "points": points, "depth_mm": depth_mm}
