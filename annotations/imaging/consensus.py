"""One mask from several readers' masks: majority and STAPLE.

STAPLE: Warfield SK, Zou KH, Wells WM. IEEE Trans Med Imaging 2004;23:903, binary, without a spatial
prior. Its result depends on how much common background is looked at, so the region is part of the
record: the box of all masks together, grown by a stated margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.boxes import Box, grow_box, in_whole, occupied_box
from annotations.imaging.checks import AnyArray, as_mask, require_shape
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray

MOST_READERS = 16


class ConsensusFailed(InvalidInput):
    """Too few or too many masks, or EM did not settle."""

    code = "consensus_failed"


@dataclass(frozen=True)
class StapleResult:
    """mask: probability above 0.5. probability: float32 [z, y, x]. sensitivities, specificities: one
    for each reader, None where all masks are empty. prior: share of tumour in the region.
    """

    mask: BoolArray
    probability: FloatArray
    sensitivities: tuple[float | None, ...]
    specificities: tuple[float | None, ...]
    prior: float
    iterations: int
    margin_voxels: int

    def to_json(self) -> dict[str, Any]:
        return {
            "sensitivities": list(self.sensitivities),
            "specificities": list(self.specificities),
            "prior": self.prior,
            "iterations": self.iterations,
            "margin_voxels": self.margin_voxels,
        }


def majority(masks: Sequence[AnyArray], grid: Grid) -> BoolArray:
    """Voxels that more than half of the masks (or label maps) hold; a tie is not tumour."""
    checked = _checked(masks, grid)
    votes = np.zeros(grid.shape_zyx, dtype=np.uint8)
    for mask in checked:
        votes += mask
    return np.asarray(2 * votes.astype(np.uint16) > len(checked))


def staple(
    masks: Sequence[AnyArray],
    grid: Grid,
    margin_voxels: int = 5,
    most_iterations: int = 500,
    tolerance: float = 1e-7,
) -> StapleResult:
    """Estimate the hidden truth and each reader's performance together, by EM.

    Voxels with the same votes are one case, so the size of the image does not matter. Starts from
    performance 0.99999; ends when no performance moves by more than `tolerance`. Raises
    ConsensusFailed when it does not settle.
    """
    checked = _checked(masks, grid)
    box = _common_box(checked, grid, margin_voxels)
    if box is None:
        nobody = (None,) * len(checked)
        empty = np.zeros(grid.shape_zyx, dtype=np.float32)
        return StapleResult(empty > 0, empty, nobody, nobody, 0.0, 0, margin_voxels)
    pattern = np.zeros([part.stop - part.start for part in box], dtype=np.uint16)
    for reader, mask in enumerate(checked):
        pattern |= mask[box].astype(np.uint16) << np.uint16(reader)
    seen, which, counts = np.unique(pattern, return_inverse=True, return_counts=True)
    votes = (seen[:, None] >> np.arange(len(checked))) & 1 == 1
    prior = float((votes.mean(axis=1) * counts).sum() / counts.sum())
    weight, sensitivity, specificity, rounds = _settle(votes, counts, prior, most_iterations, tolerance)
    probability = weight[which].reshape(pattern.shape).astype(np.float32)
    return StapleResult(
        mask=in_whole(probability > 0.5, box, grid),
        probability=in_whole(probability, box, grid),
        sensitivities=tuple(float(v) for v in sensitivity),
        specificities=tuple(float(v) for v in specificity),
        prior=prior,
        iterations=rounds,
        margin_voxels=margin_voxels,
    )


def _settle(
    votes: BoolArray, counts: AnyArray, prior: float, most_iterations: int, tolerance: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64], int]:
    """EM over vote patterns [patterns, readers]: P(tumour) of each pattern, and the performances."""
    readers = votes.shape[1]
    sensitivity, specificity = np.full(readers, 0.99999), np.full(readers, 0.99999)
    for rounds in range(1, most_iterations + 1):
        tumour = prior * np.where(votes, sensitivity, 1 - sensitivity).prod(axis=1)
        other = (1 - prior) * np.where(votes, 1 - specificity, specificity).prod(axis=1)
        total = tumour + other
        weight = np.divide(tumour, total, out=np.zeros_like(total), where=total > 0)
        inside, outside = weight * counts, (1 - weight) * counts
        before = np.concatenate([sensitivity, specificity])
        if inside.sum() > 0:
            sensitivity = inside @ votes / inside.sum()
        if outside.sum() > 0:
            specificity = outside @ ~votes / outside.sum()
        if np.abs(np.concatenate([sensitivity, specificity]) - before).max() <= tolerance:
            return weight, sensitivity, specificity, rounds
    raise ConsensusFailed("STAPLE did not settle.", iterations=most_iterations)


def _common_box(masks: Sequence[BoolArray], grid: Grid, margin_voxels: int) -> Box | None:
    together = occupied_box(np.logical_or.reduce(masks))
    if together is None:
        return None
    return grow_box(together, (margin_voxels, margin_voxels, margin_voxels), grid.shape_zyx)


def _checked(masks: Sequence[AnyArray], grid: Grid) -> list[BoolArray]:
    if not 2 <= len(masks) <= MOST_READERS:
        raise ConsensusFailed("A consensus needs 2 to 16 masks.", got=len(masks))
    for mask in masks:
        require_shape(mask, grid, "mask")
    return [as_mask(mask) for mask in masks]
