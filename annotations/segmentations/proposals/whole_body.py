"""The standardized semi-automatic method: every component above one threshold in the whole body.

Only unlabelled voxels are labelled: what is there stays as it is and nothing joins it. A component that
touches an existing lesion becomes a lesion of its own with its border there; the report counts these.
Components are numbered by descending volume from `next_label` on.
"""

from typing import Any

import numpy as np
from scipy import ndimage

from annotations.imaging.checks import Connectivity
from annotations.imaging.components import MINIMUM_LESION_ML, TooManyLesions, number_lesions, relabel
from annotations.imaging.organs import RULES
from annotations.imaging.thresholds import Threshold, fixed_threshold, strict_limit
from annotations.imaging.volume import LabelArray
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.outcome import Doubt, Drawn, NothingFound
from annotations.segmentations.proposals.parts import new_numbers
from annotations.segmentations.proposals.scene import Scene
from annotations.segmentations.rois import MOST_ROIS, read_roi, roi_of

CONNECTIVITIES: tuple[Connectivity, ...] = (6, 18, 26)
MOST_LESIONS = 1000


def whole_body(scene: Scene, asked: Asked) -> Drawn:
    """{rule, rois?, value?, minimum_ml?, connectivity?, next_label}.

    rule: liver, spleen or blood_pool (with an ROI there), or fixed (with a SUV as value).
    """
    rule = asked.choice("rule", (*RULES, "fixed"))
    minimum_ml = asked.number("minimum_ml", 0.0, 100.0, MINIMUM_LESION_ML)
    connectivity: Connectivity = asked.choice("connectivity", CONNECTIVITIES, 26)
    next_label = scene.new_label(asked)
    volume = scene.version.segmentation.volume
    rois = [read_roi(one, volume, scene.revision) for one in asked.parts("rois", MOST_ROIS)]
    if rule == "fixed":
        threshold = fixed_threshold(asked.number("value", 0.0, 1e5))
    else:
        decisive = roi_of(rois, rule)
        if decisive is None:
            raise asked.refusal("rois", f"a list with an ROI in the {RULES[rule].name}", len(rois))
        threshold = decisive.threshold
    asked.finish()
    part = scene.whole()
    above = part.suv > strict_limit(threshold.suv)
    above &= part.labels == 0
    found = number_lesions(above, scene.grid, connectivity, minimum_ml)
    count = len(np.unique(found[found != 0]))
    if count == 0:
        raise NothingFound("No region is above the threshold.", threshold_suv=threshold.suv)
    if count > MOST_LESIONS:
        raise TooManyLesions(
            "There are too many separate regions: the threshold is too low.", most=MOST_LESIONS, got=count
        )
    numbers = new_numbers(next_label, count)
    given = relabel(found, np.array([0, *_placed(numbers)], dtype=np.uint16))
    touching = _touching(given, part.labels)
    voxels = int(np.count_nonzero(given))
    return Drawn(
        box=part.box,
        labels=np.where(given != 0, given, part.labels),
        label=numbers[0],
        lesions=[{"label": number, "boundary_rule": _rule_text(rule, threshold)} for number in numbers],
        settings={
            "rule": rule,
            "minimum_ml": minimum_ml,
            "connectivity": connectivity,
            "next_label": next_label,
            "rois": [one.to_json() for one in rois],
        },
        results={"threshold_suv": threshold.suv},
        numbers={
            "voxel_count": voxels,
            "volume_ml": voxels * scene.grid.voxel_volume_ml,
            "lesion_count": count,
            "touching_count": touching,
        },
        doubts=_doubts(rois, touching),
    )


def _placed(numbers: list[int]) -> list[int]:
    """Numbers by component: number_lesions leaves out 255, too."""
    return numbers if len(numbers) < 255 else [*numbers[:254], 0, *numbers[254:]]


def _touching(given: LabelArray, labels: LabelArray) -> int:
    """How many new lesions have a neighbour (26) that is another lesion."""
    if not labels.any():
        return 0
    near = ndimage.binary_dilation(labels != 0, np.ones((3, 3, 3), dtype=np.bool_))
    return int(np.count_nonzero(np.unique(given[near])))


def _rule_text(rule: str, threshold: Threshold) -> str:
    how = "fixed" if rule == "fixed" else f"{RULES[rule].name}, {RULES[rule].formula}"
    return f"SUV > {threshold.suv:.2f} ({how})"


def _doubts(rois: list[Any], touching: int) -> list[Doubt]:
    doubts = [Doubt(one.code, one.message) for roi in rois for one in roi.warnings]
    if touching:
        said = "One new lesion touches" if touching == 1 else f"{touching} new lesions touch"
        doubts.append(Doubt("touches_lesion", f"{said} a lesion that is there: nothing was joined."))
    return doubts
