"""The row of the five-row quality score that follows from the voxels alone.

The score is Table 1 of the [64Cu]Cu-DOTATATE nnU-Net paper; this derived row compares the AI
version with the final version. Components are 26-connected and of at least 0.1 mL; because only
masks are compared, splits, merges and renumbering change nothing.

n final components; m missing (no AI voxel touches them); p false positive (AI components no final
voxel touches); b partial (touching groups in which AI and final differ by at least a tolerance).
Row 5 if p >= 5 or m >= 7 or m == n; else 4 if m > 3 or p > 2; else 3 if m >= 1 or p >= 1; else 2 if
b; else 1. The paper leaves "none missing with 1-4 whole false positives" open: 1-2 are row 3 and
3-4 row 4 here. n = 0 (negative control) has no row.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from annotations.imaging.agreement import overlap_counts
from annotations.imaging.checks import AnyArray, Connectivity, as_mask, require_shape
from annotations.imaging.components import MINIMUM_LESION_ML, label_components, label_sizes, minimum_voxels
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray

CONNECTIVITY: Connectivity = 26
COMMON_SHARE = 0.5


@dataclass(frozen=True)
class DerivedRow:
    """`row` 1-5, None for n = 0. `strict_*`: a final component counts as found, and an AI component
    as true, only with at least half of its own volume in common. `found_half_or_less`: found <= n/2
    (the paper's "majority"), None for n = 0. `n_ai` and `ai_volume_ml` are what a negative control
    reports. `partial` and `gross_partial` count groups of touching components.
    """

    row: int | None
    n_final: int
    n_ai: int
    missing: int
    false_positive: int
    partial: int
    gross_partial: int
    found_half_or_less: bool | None
    strict_row: int | None
    strict_missing: int
    strict_false_positive: int
    ai_volume_ml: float
    final_volume_ml: float
    tolerance_voxels: int
    minimum_ml: float
    connectivity: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Side:
    """Components of one mask: voxels of each, and voxels of each in the other mask (index = label)."""

    labels: AnyArray
    sizes: AnyArray
    common: AnyArray
    counted: AnyArray

    @property
    def untouched(self) -> int:
        return int(np.count_nonzero(self.counted & (self.common == 0)))

    @property
    def gross(self) -> AnyArray:
        touching = self.counted & (self.common > 0)
        return np.asarray(touching & (self.common < COMMON_SHARE * self.sizes))


def derive_row(
    ai: AnyArray,
    final: AnyArray,
    grid: Grid,
    tolerance_voxels: int = 1,
    minimum_ml: float = MINIMUM_LESION_ML,
) -> DerivedRow:
    """Compare two masks or label maps [z, y, x] of one grid."""
    require_shape(ai, grid, "AI version")
    require_shape(final, grid, "final version")
    ai_mask, final_mask = as_mask(ai), as_mask(final)
    ai_side = _side(ai_mask, final_mask, grid, minimum_ml)
    final_side = _side(final_mask, ai_mask, grid, minimum_ml)
    n, m, p = int(final_side.counted.sum()), final_side.untouched, ai_side.untouched
    partial, gross = _differing_groups(ai_mask, final_mask, ai_side, final_side, tolerance_voxels)
    strict_m, strict_p = m + int(final_side.gross.sum()), p + int(ai_side.gross.sum())
    return DerivedRow(
        row=row_of(n, m, p, partial),
        n_final=n,
        n_ai=int(ai_side.counted.sum()),
        missing=m,
        false_positive=p,
        partial=partial,
        gross_partial=gross,
        found_half_or_less=2 * (n - m) <= n if n else None,
        strict_row=row_of(n, strict_m, strict_p, partial),
        strict_missing=strict_m,
        strict_false_positive=strict_p,
        ai_volume_ml=float(np.count_nonzero(ai_mask) * grid.voxel_volume_ml),
        final_volume_ml=float(np.count_nonzero(final_mask) * grid.voxel_volume_ml),
        tolerance_voxels=tolerance_voxels,
        minimum_ml=minimum_ml,
        connectivity=CONNECTIVITY,
    )


def row_of(n_final: int, missing: int, false_positive: int, partial: int) -> int | None:
    """The rule alone, on counts."""
    if n_final == 0:
        return None
    if false_positive >= 5 or missing >= 7 or missing == n_final:
        return 5
    if missing > 3 or false_positive > 2:
        return 4
    if missing >= 1 or false_positive >= 1:
        return 3
    return 2 if partial else 1


def _side(mask: BoolArray, other: BoolArray, grid: Grid, minimum_ml: float) -> _Side:
    labels, _ = label_components(mask, CONNECTIVITY)
    sizes = label_sizes(labels)
    counted = sizes >= minimum_voxels(grid, minimum_ml)
    counted[0] = False
    common = overlap_counts(labels, other)
    return _Side(labels, sizes, common, counted)


def _differing_groups(
    ai_mask: BoolArray, final_mask: BoolArray, ai: _Side, final: _Side, tolerance_voxels: int
) -> tuple[int, int]:
    """(partial, gross) groups. A group is what overlap links together: one AI component that the
    reader cut in two and the two pieces are one group. Its difference is the voxels in one mask only.
    """
    both = ai_mask & final_mask
    pairs = np.unique(np.column_stack([ai.labels[both], final.labels[both]]).astype(np.int64), axis=0)
    partial = gross = 0
    for ai_labels, final_labels in _groups(pairs):
        if not (ai.counted[ai_labels].any() or final.counted[final_labels].any()):
            continue
        common = int(final.common[final_labels].sum())
        differing = int(ai.sizes[ai_labels].sum()) + int(final.sizes[final_labels].sum()) - 2 * common
        partial += differing >= tolerance_voxels
        gross += bool(ai.gross[ai_labels].any() or final.gross[final_labels].any())
    return partial, gross


def _groups(pairs: AnyArray) -> list[tuple[list[int], list[int]]]:
    """Connected groups of the (AI label, final label) pairs that overlap."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for ai_label, final_label in pairs.tolist():
        parent[root(("ai", ai_label))] = root(("final", final_label))
    groups: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
    for kind, label in list(parent):
        group = groups.setdefault(root((kind, label)), ([], []))
        group[kind == "final"].append(label)
    return list(groups.values())
