"""From a question to a patch."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from annotations.errors import InvalidInput
from annotations.imaging.patches import diff_box, patch_to_bytes
from annotations.segmentations.asked import Asked
from annotations.segmentations.digests import normal_json
from annotations.segmentations.proposals.outcome import Drawn, NothingChanges, Proposal
from annotations.segmentations.proposals.scene import Scene
from annotations.segmentations.proposals.table import METHODS


class UnknownMethod(InvalidInput):
    code = "unknown_method"


def propose(*, scene: Scene, method: str, parameters: Mapping[str, Any]) -> Proposal:
    """Compute a method on a version. Nothing is stored.

    Raises UnknownMethod, BadParameter, NoSuchLesion, LabelReserved, LabelDeleted, NoSuv, RegionTooLarge,
    NothingFound, NothingChanges, and what the methods of annotations/imaging refuse by name.
    """
    if method not in METHODS:
        raise UnknownMethod("There is no such method.", got=method, known=list(METHODS))
    drawn = METHODS[method](scene, Asked(method, parameters))
    patch = diff_box(scene.labels, drawn.box, drawn.labels)
    if len(patch) == 0:
        raise NothingChanges("Nothing would change.", method=method)
    return Proposal(
        patch=patch_to_bytes(patch),
        lesions=[dict(one) for one in drawn.lesions],
        tool=method,
        parameters=normal_json({"method": method, **drawn.settings, **drawn.results}),
        report=normal_json(_report(scene, drawn)),
    )


def _report(scene: Scene, drawn: Drawn) -> dict[str, Any]:
    """Of the lesion that is shown: before (null for a new one) and as it would be."""
    after = int(np.count_nonzero(drawn.labels == drawn.label))
    known = scene.measured.lesions[drawn.label] if scene.is_live(drawn.label) else None
    return {
        "voxel_count": after,
        "volume_ml": after * scene.grid.voxel_volume_ml,
        "voxel_count_before": known.voxel_count if known else None,
        "volume_ml_before": known.volume_ml if known else None,
        **drawn.results,
        **drawn.numbers,
        "warnings": [doubt.to_json() for doubt in drawn.doubts],
    }
