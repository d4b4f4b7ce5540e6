"""One lesion grown, shrunk, smoothed or filled (imaging/morphology.py), in its own box."""

from collections.abc import Callable

import numpy as np

from annotations.imaging.morphology import fill_label, grow_label, shrink_label, smooth_label
from annotations.imaging.volume import LabelArray
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.borders import as_connected_as, outlined
from annotations.segmentations.proposals.outcome import Doubt, Drawn, NothingChanges, NothingFound
from annotations.segmentations.proposals.scene import Part, Scene

MOST_MM = 50.0


def grow(scene: Scene, asked: Asked) -> Drawn:
    """{label, mm}: background within `mm` of the lesion joins it."""
    label, mm = _label_and_mm(scene, asked)
    part = scene.lesion(label, mm)
    return _reshaped(part, label, lambda: grow_label(part.labels, part.grid, label, mm), {"mm": mm})


def shrink(scene: Scene, asked: Asked) -> Drawn:
    """{label, mm}: what lies within `mm` of something else leaves the lesion."""
    label, mm = _label_and_mm(scene, asked)
    part = scene.lesion(label)
    return _reshaped(part, label, lambda: shrink_label(part.labels, part.grid, label, mm), {"mm": mm})


def smooth(scene: Scene, asked: Asked) -> Drawn:
    """{label, mm}: edges rounded off over `mm`, the volume kept."""
    label, mm = _label_and_mm(scene, asked)
    part = scene.lesion(label, 2 * mm)
    return _reshaped(part, label, lambda: smooth_label(part.labels, part.grid, label, mm), {"mm": mm})


def fill_holes(scene: Scene, asked: Asked) -> Drawn:
    """{label}: background that the lesion encloses on all sides joins it."""
    label = scene.live_label(asked)
    asked.finish()
    part = scene.lesion(label)
    return _reshaped(part, label, lambda: fill_label(part.labels, part.grid, label), {})


def _label_and_mm(scene: Scene, asked: Asked) -> tuple[int, float]:
    label, mm = scene.live_label(asked), asked.number("mm", 0.1, MOST_MM)
    asked.finish()
    return label, mm


def _reshaped(part: Part, label: int, method: Callable[[], LabelArray], settings: dict[str, float]) -> Drawn:
    before = part.labels == label
    after = method() == label
    if not after.any():
        raise NothingFound("Nothing would be left of the lesion. Delete it instead.", label=label)
    kept = as_connected_as(before, after, part.suv if part.scene.has_suv else None)
    if np.array_equal(before, kept):
        raise NothingChanges("The lesion would stay as it is.", label=label)
    dropped_ml = float(np.count_nonzero(after & ~kept)) * part.grid.voxel_volume_ml
    doubts = []
    if dropped_ml:
        doubts.append(
            Doubt("piece_dropped", f"A piece of {dropped_ml:.2f} mL comes off and leaves the lesion.")
        )
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, kept),
        label=label,
        settings={"label": label, **settings},
        results={"dropped_ml": dropped_ml},
        doubts=doubts,
    )
