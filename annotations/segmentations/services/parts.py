"""Parts of a lesion that was divided: they are the same finding, drawn differently, not the reader's own."""

from collections.abc import Mapping

import numpy as np

from annotations.imaging.patches import PatchArray
from annotations.segmentations.models import Lesion, Version
from annotations.segmentations.selectors import last_version_with

DIVIDING_TOOLS = frozenset({"split_watershed", "cut", "physiological"})


def divided_lesions(tool: str, patch: PatchArray, rows: Mapping[int, Lesion]) -> dict[int, Lesion]:
    """New label to the lesion it was cut from. A label with any voxel from elsewhere is no part."""
    parents = {}
    if tool in DIVIDING_TOOLS:
        for label in {int(number) for number in np.unique(patch[:, 3])} - {0} - set(rows):
            before = np.unique(patch[patch[:, 3] == label, 2])
            if len(before) == 1 and int(before[0]) in rows:
                parents[label] = rows[int(before[0])]
    return parents


def part_status(parent: Version, old: Lesion | None, whole: Lesion | None) -> str:
    """Of a living lesion whose number the start has not. A part of a lesion of the start is edited, and
    stays so when it is changed, taken back and repeated; anything else is added.
    """
    known = whole or old
    if known is not None and known.status == Lesion.Status.DELETED:
        last = last_version_with(parent, known.label)
        # What was deleted before this lineage began is not in its start: come back, it is added.
        here = last is not None and last.segmentation_id == parent.segmentation_id
        known = last.lesions.get(label=known.label) if last and here else None
    is_own = known is None or known.status == Lesion.Status.ADDED
    return Lesion.Status.ADDED if is_own else Lesion.Status.EDITED
