"""The derived row taken apart: what became of each lesion from one label map to another, with mL.

The same components, limits and groups as in annotations/imaging/table1.py, so the list adds up to its
counts: lesions are 26-connected components of at least the smallest volume, and what overlap links
together (one component that was cut in two, and the pieces) is one entry.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from annotations.imaging.agreement import overlap_counts
from annotations.imaging.checks import AnyArray
from annotations.imaging.components import MINIMUM_LESION_ML, label_components, label_sizes, minimum_voxels
from annotations.imaging.geometry import Grid
from annotations.imaging.table1 import COMMON_SHARE, CONNECTIVITY
from annotations.imaging.volume import BoolArray, LabelArray

Kind = Literal["kept", "missing", "false_positive", "partial", "gross_partial"]


@dataclass(frozen=True)
class Difference:
    """missing: in the final map only; false_positive: in the first only. *_labels: numbers in the maps."""

    kind: Kind
    ai_components: int
    final_components: int
    ai_ml: float
    final_ml: float
    common_ml: float
    centroid_xyz_mm: tuple[float, float, float]
    ai_labels: tuple[int, ...]
    final_labels: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def list_differences(
    ai: LabelArray,
    final: LabelArray,
    grid: Grid,
    *,
    tolerance_voxels: int = 1,
    minimum_ml: float = MINIMUM_LESION_ML,
) -> list[Difference]:
    """By volume of the final part, largest first; then false positives by theirs. Maps [z, y, x]."""
    union = (ai != 0) | (final != 0)
    # What overlap links together touches in the union; components that only touch are told apart below.
    ai_parts, final_parts = _components(ai != 0), _components(final != 0)
    counted = [sizes >= minimum_voxels(grid, minimum_ml) for _, sizes in (ai_parts, final_parts)]
    found = []
    for ai_group, final_group in _groups(ai_parts[0], final_parts[0]):
        if not (counted[0][ai_group].any() or counted[1][final_group].any()):
            continue
        mine, theirs = _voxels(ai_parts[0], ai_group, union), _voxels(final_parts[0], final_group, union)
        counts = len(ai_group), len(final_group)
        gross = _is_gross(ai_parts, ai_group, counted[0], theirs) or _is_gross(
            final_parts, final_group, counted[1], mine
        )
        found.append(_entry(ai, final, grid, (mine, theirs), counts, gross, tolerance_voxels))
    return sorted(found, key=lambda one: (-one.final_ml, -one.ai_ml, one.centroid_xyz_mm))


def _components(mask: BoolArray) -> tuple[AnyArray, AnyArray]:
    labels, _ = label_components(mask, CONNECTIVITY)
    return labels, label_sizes(labels)


def _voxels(labels: AnyArray, group: list[int], union: BoolArray) -> BoolArray:
    if not group:
        return np.zeros(union.shape, dtype=bool)
    chosen = np.zeros(int(labels.max(initial=0)) + 1, dtype=bool)
    chosen[group] = True
    return np.asarray(chosen[labels] & union)


def _is_gross(
    parts: tuple[AnyArray, AnyArray], group: list[int], counted: AnyArray, other: BoolArray
) -> bool:
    """Whether a counted component of the group has something, but less than half of itself, in common."""
    labels, sizes = parts
    common = overlap_counts(labels, other)
    common = np.pad(common, (0, max(0, len(sizes) - len(common))))
    return any(counted[one] and 0 < common[one] < COMMON_SHARE * sizes[one] for one in group)


def _entry(
    ai: LabelArray,
    final: LabelArray,
    grid: Grid,
    voxels: tuple[BoolArray, BoolArray],
    counts: tuple[int, int],
    gross: bool,
    tolerance_voxels: int,
) -> Difference:
    mine, theirs = voxels
    sizes = int(np.count_nonzero(mine)), int(np.count_nonzero(theirs))
    common = int(np.count_nonzero(mine & theirs))
    kind: Kind = "kept"
    if not counts[0]:
        kind = "missing"
    elif not counts[1]:
        kind = "false_positive"
    elif gross:
        kind = "gross_partial"
    elif sum(sizes) - 2 * common >= tolerance_voxels:
        kind = "partial"
    z, y, x = np.argwhere(theirs if counts[1] else mine).mean(axis=0)
    place = grid.index_to_world([x, y, z])
    return Difference(
        kind,
        *counts,
        sizes[0] * grid.voxel_volume_ml,
        sizes[1] * grid.voxel_volume_ml,
        common * grid.voxel_volume_ml,
        (float(place[0]), float(place[1]), float(place[2])),
        tuple(np.unique(ai[mine]).tolist()),
        tuple(np.unique(final[theirs]).tolist()),
    )


def _groups(ai: AnyArray, final: AnyArray) -> list[tuple[list[int], list[int]]]:
    """Components of both maps, linked by overlap; those without a partner are groups of their own."""
    both = (ai != 0) & (final != 0)
    pairs = np.unique(np.column_stack([ai[both], final[both]]).astype(np.int64), axis=0)
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for side, labels in enumerate((ai, final)):
        for label in range(1, int(labels.max(initial=0)) + 1):
            root((side, label))
    for one, other in pairs.tolist():
        parent[root((0, one))] = root((1, other))
    groups: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for side, label in sorted(parent):
        groups.setdefault(root((side, label)), ([], []))[side].append(label)
    return list(groups.values())
