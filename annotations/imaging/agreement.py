"""How two masks agree: over voxels, over lesions, and autoPET's false volumes.

Undefined stays undefined: None, never 1 and never 0. Both empty: every ratio None. Truth empty and
prediction not: Dice 0, precision 0, sensitivity None. Prediction empty and truth not: Dice 0,
sensitivity 0, precision None.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.imaging.checks import AnyArray, Connectivity, as_mask, require_shape
from annotations.imaging.components import label_components, label_sizes, minimum_voxels, remove_small
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray

AUTOPET_CONNECTIVITY: Connectivity = 18


@dataclass(frozen=True)
class VoxelAgreement:
    true_positive: int
    false_positive: int
    false_negative: int
    dice: float | None
    precision: float | None
    sensitivity: float | None
    true_volume_ml: float
    predicted_volume_ml: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class LesionAgreement:
    """Lesions are components. `found` of the `n_true` true lesions are touched by a predicted voxel;
    `hits` of the `n_predicted` predicted ones touch a true voxel. Where lesions merge or split the
    two differ, so Dice is given with either count of true positives:
    2 TP / (2 TP + false + missed), TP = found (`dice`) or TP = hits (`dice_by_prediction`).
    """

    connectivity: int
    n_true: int
    n_predicted: int
    found: int
    missed: int
    hits: int
    false: int
    sensitivity: float | None
    precision: float | None
    dice: float | None
    dice_by_prediction: float | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class FalseVolumes:
    """Volumes of whole components without any overlap (autoPET; 18-connectivity there)."""

    connectivity: int
    false_positive_volume_ml: float
    false_negative_volume_ml: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_voxels(truth: AnyArray, prediction: AnyArray, grid: Grid) -> VoxelAgreement:
    """truth, prediction: masks or label maps [z, y, x] (every label counts as tumour)."""
    true_mask, predicted = _masks(truth, prediction, grid)
    both = int(np.count_nonzero(true_mask & predicted))
    n_true, n_predicted = int(np.count_nonzero(true_mask)), int(np.count_nonzero(predicted))
    return VoxelAgreement(
        true_positive=both,
        false_positive=n_predicted - both,
        false_negative=n_true - both,
        dice=ratio(2 * both, n_true + n_predicted),
        precision=ratio(both, n_predicted),
        sensitivity=ratio(both, n_true),
        true_volume_ml=n_true * grid.voxel_volume_ml,
        predicted_volume_ml=n_predicted * grid.voxel_volume_ml,
    )


def compare_lesions(
    truth: AnyArray,
    prediction: AnyArray,
    grid: Grid,
    connectivity: Connectivity = 26,
    minimum_ml: float = 0.0,
) -> LesionAgreement:
    """Counts of lesions both ways. Components under `minimum_ml` are dropped from both masks first."""
    true_mask, predicted = _masks(truth, prediction, grid)
    if minimum_voxels(grid, minimum_ml) > 1:
        true_mask = remove_small(true_mask, grid, minimum_ml, connectivity)
        predicted = remove_small(predicted, grid, minimum_ml, connectivity)
    n_true, found = _touched(true_mask, predicted, connectivity)
    n_predicted, hits = _touched(predicted, true_mask, connectivity)
    missed, false = n_true - found, n_predicted - hits
    return LesionAgreement(
        connectivity=connectivity,
        n_true=n_true,
        n_predicted=n_predicted,
        found=found,
        missed=missed,
        hits=hits,
        false=false,
        sensitivity=ratio(found, n_true),
        precision=ratio(hits, n_predicted),
        dice=ratio(2 * found, 2 * found + false + missed),
        dice_by_prediction=ratio(2 * hits, 2 * hits + false + missed),
    )


def false_volumes(
    truth: AnyArray, prediction: AnyArray, grid: Grid, connectivity: Connectivity = AUTOPET_CONNECTIVITY
) -> FalseVolumes:
    """False-positive and false-negative volume (mL); 0.0 where there is none, also for empty masks."""
    true_mask, predicted = _masks(truth, prediction, grid)
    return FalseVolumes(
        connectivity=connectivity,
        false_positive_volume_ml=_untouched_voxels(predicted, true_mask, connectivity) * grid.voxel_volume_ml,
        false_negative_volume_ml=_untouched_voxels(true_mask, predicted, connectivity) * grid.voxel_volume_ml,
    )


def ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None


def overlap_counts(labels: AnyArray, other: BoolArray) -> npt.NDArray[np.int64]:
    """For each label (index; entry 0 is background) how many of its voxels lie in `other`."""
    return np.bincount(labels[other], minlength=int(labels.max(initial=0)) + 1).astype(np.int64)


def _masks(truth: AnyArray, prediction: AnyArray, grid: Grid) -> tuple[BoolArray, BoolArray]:
    require_shape(truth, grid, "true mask")
    require_shape(prediction, grid, "predicted mask")
    return as_mask(truth), as_mask(prediction)


def _touched(mask: BoolArray, other: BoolArray, connectivity: Connectivity) -> tuple[int, int]:
    labels, count = label_components(mask, connectivity)
    return count, int(np.count_nonzero(overlap_counts(labels, other)[1:]))


def _untouched_voxels(mask: BoolArray, other: BoolArray, connectivity: Connectivity) -> int:
    labels, _ = label_components(mask, connectivity)
    untouched = overlap_counts(labels, other) == 0
    untouched[0] = False
    return int(label_sizes(labels)[untouched].sum())
