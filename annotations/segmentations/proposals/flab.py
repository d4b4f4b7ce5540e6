"""FLAB (imaging/flab.py) in a volume of interest, with the initial values a reader may give."""

from itertools import pairwise
from typing import Any

import numpy as np

from annotations.imaging.boxes import box_shape, occupied_box
from annotations.imaging.checks import IndexZYX
from annotations.imaging.flab import FlabSettings, segment_flab
from annotations.imaging.volume import BoolArray
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.borders import main_part, outlined, part_with, taken_by_others
from annotations.segmentations.proposals.outcome import Doubt, Drawn, NothingFound
from annotations.segmentations.proposals.scene import Part, RegionTooLarge

MOST_VOXELS = 200_000
"""Of the VOI's box: three classes take most of a second there. A margin so wide misleads FLAB anyway."""

DOUBTS = {
    "small_lesion": "The lesion is smaller than FLAB can measure: its volume is drawn too large.",
    "wide_margin": "The volume of interest is much wider than the lesion: a margin of 1 to 2 cm is better.",
}


def flab_settings(asked: Asked) -> FlabSettings:
    """{classes 2|3, initial {means?, sds?}, stochastic, random_seed}; the default is two classes, K-means."""
    classes = asked.choice("classes", (2, 3), 2)
    means = sds = None
    if asked.has("initial"):
        initial = asked.part("initial")
        means = initial.numbers("means", classes, -1e4, 1e6) if initial.has("means") else None
        sds = initial.numbers("sds", classes, 1e-6, 1e6) if initial.has("sds") else None
        if means is not None and any(b <= a for a, b in pairwise(means)):
            raise initial.refusal("means", "in ascending order", means)
        initial.finish()
    stochastic = asked.flag("stochastic")
    seed = asked.whole("random_seed", 0, 2**31 - 1, 1)
    return FlabSettings(
        classes=classes,
        means=means,
        variances=None if sds is None else tuple(sd * sd for sd in sds),
        seed=seed if stochastic else None,
    )


def draw_flab(
    part: Part,
    label: int,
    voi: BoolArray,
    settings: FlabSettings,
    said: dict[str, Any],
    at: IndexZYX | None = None,
) -> Drawn:
    """voi: bool [z, y, x] of the part; other lesions are taken out of it, so that they are no class of it.

    The lesion is the piece that holds `at`, or else the main part. Raises RegionTooLarge, NothingFound,
    FlabFailed.
    """
    free = voi & ~taken_by_others(part.labels, label)
    _refuse_too_large(free)
    found = segment_flab(part.suv, part.grid, free, settings)
    if not found.mask.any():
        raise NothingFound("FLAB finds no lesion in this volume of interest.")
    if at is not None and found.mask[at]:
        region = part_with(found.mask, at)
    else:
        region = main_part(found.mask, part.suv)
    doubts = [Doubt(code, DOUBTS[code]) for code in found.warnings if code in DOUBTS]
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, region),
        label=label,
        lesions=[{"label": label, "boundary_rule": f"FLAB, {settings.classes} classes"}],
        settings={**said, "label": label, **_settings_json(settings)},
        results={
            "initial_means": list(found.initial_means),
            "initial_sds": [variance**0.5 for variance in found.initial_variances],
            "means": list(found.means),
            "sds": [variance**0.5 for variance in found.variances],
        },
        doubts=[*doubts, *other_parts(part, found.mask & ~region)],
    )


def other_parts(part: Part, rest: BoolArray) -> list[Doubt]:
    """A doubt about what a method found apart from the lesion and left out."""
    if not rest.any():
        return []
    ml = float(np.count_nonzero(rest)) * part.grid.voxel_volume_ml
    return [Doubt("other_parts", f"{ml:.2f} mL apart from the lesion are left out.")]


def _settings_json(settings: FlabSettings) -> dict[str, Any]:
    return {
        "classes": settings.classes,
        "iterations": settings.iterations,
        "initial_means_given": settings.means is not None,
        "initial_sds_given": settings.variances is not None,
        "random_seed": settings.seed,
    }


def _refuse_too_large(voi: BoolArray) -> None:
    tight = occupied_box(voi)
    count = 0 if tight is None else int(np.prod(box_shape(tight)))
    if count > MOST_VOXELS:
        raise RegionTooLarge(
            "The volume of interest is too large for FLAB: draw it closer to the lesion.",
            most=MOST_VOXELS,
            got=count,
        )
