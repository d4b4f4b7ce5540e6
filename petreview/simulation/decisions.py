"""What a scripted reader does with a label map: steps drawn by a seed from the truth of a phantom."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotations.imaging.boxes import Box
from annotations.imaging.volume import BoolArray, LabelArray

HALF = 0.5


@dataclass(frozen=True)
class Skill:
    """Made up, and spread so that readers differ. Shares are chances for each lesion; seconds are medians.

    finds: sees a lesion that is not marked. removes: sees a mark that is no lesion. reshapes: corrects an
    outline that shares less than half with the lesion. wavers: gives a score one row off.
    """

    finds: float = 0.93
    removes: float = 0.96
    reshapes: float = 0.6
    wavers: float = 0.15
    pace: float = 1.0
    look_s: float = 75.0
    delete_s: float = 4.0
    add_s: float = 13.0
    reshape_s: float = 28.0
    spread: float = 0.35

    @classmethod
    def drawn(cls, random: np.random.Generator) -> "Skill":
        return cls(
            finds=float(random.uniform(0.88, 0.98)),
            removes=float(random.uniform(0.92, 0.99)),
            pace=float(random.lognormal(0.0, 0.2)),
        )


@dataclass(frozen=True)
class Step:
    """One edit. `labels`: the whole label map after it."""

    tool: str
    labels: LabelArray
    seconds: float


def plan_steps(
    labels: LabelArray, truth: LabelArray, next_label: int, skill: Skill, random: np.random.Generator
) -> Iterator[Step]:
    """Delete what is no lesion, reshape what is far off, add what is missing; in that order."""
    labels = labels.copy()
    for label in _present(labels):
        box = _box_of(labels, label)
        hit = truth[box][labels[box] == label]
        if not hit.any():
            if random.random() < skill.removes:
                labels[box][labels[box] == label] = 0
                yield Step("delete", labels.copy(), _time(skill.delete_s, skill, random))
        elif (hit != 0).mean() < HALF and random.random() < skill.reshapes:
            labels[box][(labels[box] == label) & (truth[box] == 0)] = 0
            yield Step("erase", labels.copy(), _time(skill.reshape_s, skill, random))
    for lesion in _present(truth):
        box = _box_of(truth, lesion)
        inside = truth[box] == lesion
        if labels[box][inside].any() or random.random() >= skill.finds:
            continue
        drawn = _unsteady(inside, random) & (labels[box] == 0)
        if not drawn.any():
            continue
        next_label += next_label == 255
        labels[box][drawn] = next_label
        next_label += 1
        yield Step("add_seed", labels.copy(), _time(skill.add_s, skill, random))


def look_time(skill: Skill, random: np.random.Generator) -> float:
    """Seconds of looking before the first edit."""
    return _time(skill.look_s, skill, random)


def find_liver(
    pet_suv: npt.NDArray[np.floating], spacing_zyx_mm: tuple[float, float, float]
) -> tuple[int, int, int]:
    """The voxel (x, y, z) in the patient's right half round which 3 cm are most even at a liver's uptake."""
    size = [max(3, round(30 / mm)) for mm in spacing_zyx_mm]
    mean = ndimage.uniform_filter(pet_suv.astype(np.float32), size)
    square = ndimage.uniform_filter(pet_suv.astype(np.float32) ** 2, size)
    variation = np.sqrt(np.maximum(square - mean**2, 0)) / np.maximum(mean, 1e-3)
    variation[(mean < 2.5) | (mean > 12)] = np.inf
    variation[:, :, pet_suv.shape[2] // 2 :] = np.inf  # columns run to the patient's left
    z, y, x = np.unravel_index(int(np.argmin(variation)), variation.shape)
    return int(x), int(y), int(z)


def _unsteady(inside: BoolArray, random: np.random.Generator) -> BoolArray:
    """The lesion as a hand draws it: each voxel of its surface may be missed."""
    core = ndimage.binary_erosion(inside)
    drawn: BoolArray = core | (inside & (random.random(inside.shape) < 0.85))
    return drawn if drawn.any() else inside


def _time(median_s: float, skill: Skill, random: np.random.Generator) -> float:
    return float(median_s * skill.pace * random.lognormal(0.0, skill.spread))


def _present(labels: LabelArray) -> list[int]:
    return [int(label) for label in np.unique(labels[labels != 0])]


def _box_of(labels: LabelArray, label: int) -> Box:
    z, y, x = np.nonzero(labels == label)
    return (
        slice(int(z.min()), int(z.max()) + 1),
        slice(int(y.min()), int(y.max()) + 1),
        slice(int(x.min()), int(x.max()) + 1),
    )
