"""Errors planted in an AI label map, to see whether a reader finds them. Drawn by a seed; recorded.

- added: a false positive, a ball of the volume of one of the lesions (0.5 to 5 mL), inside the body and
  clear of every lesion, under a number of its own;
- removed: one lesion taken out;
- truncated: the half of a lesion beyond a plane through its middle, across its longest extent, taken off.
A lesion is touched by one error only. Whether an error was corrected is told from the voxels again.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from annotations.imaging.components import HIGHEST_LABEL, RESERVED_LABEL
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, LabelArray
from annotations.reads.errors import PlantingImpossible

CORRECTED_SHARE = 0.5
"""An error counts as corrected when at least half of its voxels were put right."""

FEWEST_VOXELS = 8
CLEARANCE_MM = 6.0
TRIES = 400


@dataclass(frozen=True)
class PlantedError:
    """label: of the ball that was added, or of the lesion that lost voxels. volume_ml: of the voxels
    that are wrong now.
    """

    kind: str
    label: int
    voxel_count: int
    volume_ml: float
    centroid_xyz_mm: tuple[float, float, float]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def plant_errors(
    labels: LabelArray,
    body: BoolArray,
    grid: Grid,
    *,
    seed: int,
    next_label: int,
    added: int = 0,
    removed: int = 0,
    truncated: int = 0,
) -> tuple[LabelArray, list[PlantedError]]:
    """The label map with the errors, and what they are. labels, body: [z, y, x] on `grid`.

    Raises PlantingImpossible when there are too few lesions of at least 8 voxels, or no room.
    """
    generator = random.Random(f"{seed}/planting")
    sizes = np.bincount(labels.reshape(-1), minlength=2)
    lesions = [int(one) for one in np.flatnonzero(sizes >= FEWEST_VOXELS) if one]
    if removed + truncated > len(lesions):
        text = "The version holds too few lesions for the errors to plant."
        raise PlantingImpossible(text, lesions=len(lesions), wanted=removed + truncated)
    chosen = generator.sample(lesions, removed + truncated)
    result, errors = labels.copy(), []
    for number, label in enumerate(chosen):
        whole = labels == label
        wrong = whole if number < removed else _far_half(whole, grid)
        result[wrong] = 0
        errors.append(_error("removed" if number < removed else "truncated", label, wrong, grid))
    typical = [float(sizes[one]) * grid.voxel_volume_ml for one in lesions] or [1.0]
    for label in _numbers(next_label, added):
        volume_ml = min(5.0, max(0.5, generator.choice(typical)))
        ball = _free_ball(result, labels, body, grid, volume_ml, generator)
        result[ball] = label
        errors.append(_error("added", label, ball, grid))
    return result, errors


def corrections(
    errors: Sequence[Mapping[str, Any]], original: LabelArray, planted: LabelArray, final: LabelArray
) -> list[dict[str, Any]]:
    """Each error with `share` (of its voxels put right) and `corrected`. All maps [z, y, x] on one grid."""
    result = []
    for error in errors:
        label = int(error["label"])
        if error["kind"] == "added":
            wrong = planted == label
            right = np.count_nonzero(wrong & (final == 0))
        else:
            wrong = (original == label) & (planted == 0)
            right = np.count_nonzero(wrong & (final != 0))
        total = int(np.count_nonzero(wrong))
        share = float(right / total) if total else None
        corrected = None if share is None else share >= CORRECTED_SHARE
        result.append({**error, "share": share, "corrected": corrected})
    return result


def _numbers(first: int, count: int) -> list[int]:
    free = (number for number in range(first, HIGHEST_LABEL + 1) if number != RESERVED_LABEL)
    return list(islice(free, count))


def _far_half(whole: BoolArray, grid: Grid) -> BoolArray:
    """The voxels beyond the middle along the axis in which the lesion is longest."""
    places = np.argwhere(whole)
    spacing_zyx = np.asarray(grid.spacing_xyz_mm[::-1])
    axis = int(np.argmax((places.max(axis=0) - places.min(axis=0)) * spacing_zyx))
    middle = np.median(places[:, axis])
    far = places[places[:, axis] > middle]
    if not len(far):
        far = places[len(places) // 2 :]
    half = np.zeros_like(whole)
    half[tuple(far.T)] = True
    return half


def _free_ball(
    labels: LabelArray,
    original: LabelArray,
    body: BoolArray,
    grid: Grid,
    volume_ml: float,
    generator: random.Random,
) -> BoolArray:
    radius = (3 * volume_ml * 1000 / (4 * np.pi)) ** (1 / 3)
    places = np.argwhere(body)
    spacing = np.asarray(grid.spacing_xyz_mm[::-1])
    reach = np.ceil((radius + CLEARANCE_MM) / spacing).astype(int)
    taken = (labels != 0) | (original != 0)
    for _ in range(TRIES if len(places) else 0):
        centre = places[generator.randrange(len(places))]
        low, high = np.maximum(centre - reach, 0), np.minimum(centre + reach + 1, body.shape)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        index = np.indices([b - a for a, b in zip(low, high, strict=True)])
        offset = (index + low[:, None, None, None] - centre[:, None, None, None]) * spacing[
            :, None, None, None
        ]
        distance = np.sqrt((offset**2).sum(axis=0))
        ball = distance <= radius
        if taken[box][distance <= radius + CLEARANCE_MM].any() or not body[box][ball].all():
            continue
        whole = np.zeros(body.shape, dtype=bool)
        whole[box] = ball
        return whole
    raise PlantingImpossible("There is no room in the body for a false positive.", volume_ml=volume_ml)


def _error(kind: str, label: int, wrong: BoolArray, grid: Grid) -> PlantedError:
    count = int(np.count_nonzero(wrong))
    z, y, x = np.argwhere(wrong).mean(axis=0)
    place = grid.index_to_world([x, y, z])
    return PlantedError(
        kind, label, count, count * grid.voxel_volume_ml, (float(place[0]), float(place[1]), float(place[2]))
    )
