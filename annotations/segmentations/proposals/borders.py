"""The one rule at a border: editing one lesion never alters another (design.md, invariant 4).

- A region stops where another lesion begins: whoever is there first keeps its voxels, whatever the
  uptake. Another lesion is not crossed either: what a method finds on its far side does not belong.
- An outline drawn for a lesion that is there already takes the place of the old one.
- A lesion stays as connected as it was (26 neighbours). Where a method would leave several pieces,
  the *main part* stays: the piece with the hottest voxel, or the largest one without SUV. What falls
  off is given back to the background and said with its mL. A lesion that lay in several pieces
  (merged or imported) keeps the main part of each.
"""

import numpy as np

from annotations.imaging.checks import AnyArray
from annotations.imaging.components import label_components, label_sizes
from annotations.imaging.volume import BoolArray, FloatArray, LabelArray


def taken_by_others(labels: LabelArray, label: int) -> BoolArray:
    """Voxels [z, y, x] that `label` may neither enter nor cross."""
    taken: BoolArray = (labels != 0) & (labels != label)
    return taken


def outlined(labels: LabelArray, label: int, region: BoolArray) -> LabelArray:
    """A new label map part in which `label` lies in `region` and nowhere else; other lesions stay."""
    result = labels.copy()
    result[result == label] = 0
    result[region & (result == 0)] = label
    return result


def main_part(region: BoolArray, suv: FloatArray | None) -> BoolArray:
    """The piece with the hottest voxel (of several the first in scan order), or the largest one."""
    pieces, count = label_components(region, 26)
    if count <= 1:
        return region
    if suv is None:
        return np.asarray(pieces == 1 + int(np.argmax(label_sizes(pieces)[1:])))
    heat = np.where(region & np.isfinite(suv), suv, -np.inf)
    place = int(heat.argmax())
    if not region.reshape(-1)[place]:  # no voxel of the region has a finite value
        return main_part(region, None)
    return np.asarray(pieces == pieces.reshape(-1)[place])


def part_with(region: BoolArray, place: AnyArray | tuple[int, ...]) -> BoolArray:
    """The piece that holds a voxel of the region."""
    pieces, _ = label_components(region, 26)
    return np.asarray(pieces == pieces[tuple(place)])


def as_connected_as(before: BoolArray, after: BoolArray, suv: FloatArray | None) -> BoolArray:
    """`after` without what fell off: for each piece of `before`, the main part of what is left of it."""
    pieces_before, count = label_components(before, 26)
    pieces_after, count_after = label_components(after, 26)
    if count_after <= 1:
        return after
    kept = np.zeros(count_after + 1, dtype=np.bool_)
    for piece in range(1, count + 1):
        left = after & (pieces_before == piece)
        if left.any():
            # The main part of the whole pieces that hold something of it, not of the rest alone.
            held = np.isin(pieces_after, np.unique(pieces_after[left]))
            kept[np.unique(pieces_after[main_part(held, suv)])] = True
    kept[0] = False
    result: BoolArray = kept[pieces_after]
    return result
