"""How far the folds of the release behind a read's start disagree, where the plan lets the reader see it."""

from typing import Any

import numpy as np

from annotations.errors import NotFound
from annotations.imaging.components import label_sizes
from annotations.reads.models import Read
from annotations.segmentations.models import CompanionMap, Version
from annotations.segmentations.voxels import read_companion, read_labels

HIDES_DISAGREEMENT = frozenset({"arm", "release", "disagreement"})
"""It names a model, so whatever hides the model hides it, too."""


class NoDisagreement(NotFound):
    """No release with several folds made the start, or the plan masks it."""

    code = "no_disagreement"


def find_disagreement(read: Read) -> CompanionMap | None:
    """None where there is none, or the plan masks it: the reader cannot tell which."""
    if read.start_version_id is None or HIDES_DISAGREEMENT & set(read.assignment.plan.masked):
        return None
    maps = CompanionMap.objects.filter(version=read.start_version_id, kind=CompanionMap.Kind.DISAGREEMENT)
    return maps.select_related("blob").first()


def get_disagreement(read: Read) -> CompanionMap:
    """Raises NoDisagreement."""
    found = find_disagreement(read)
    if found is None:
        raise NoDisagreement("There is no model disagreement for this read.")
    return found


def lesion_disagreement(companion: CompanionMap, version: Version) -> list[dict[str, Any]]:
    """Mean and maximum (0 to 1) over the voxels of each lesion of a version on the same volume."""
    labels = read_labels(version)
    inside = np.flatnonzero(labels)
    numbers = labels.reshape(-1)[inside]
    values = read_companion(companion, labels.shape).reshape(-1)[inside]
    sizes = label_sizes(numbers)
    sums = np.bincount(numbers, weights=values, minlength=len(sizes))
    highest = np.zeros(len(sizes), dtype=np.uint8)
    np.maximum.at(highest, numbers, values)
    present = [int(label) for label in np.flatnonzero(sizes) if label]
    return [
        {
            "label": label,
            "mean": float(sums[label] / sizes[label] / 255),
            "maximum": float(highest[label] / 255),
        }
        for label in present
    ]
