"""One lesion in a volume of interest that the reader drew: a box, a sphere, outlines on planes."""

from typing import Any

import numpy as np

from annotations.imaging.checks import AnyArray
from annotations.imaging.flab import k_means
from annotations.imaging.thresholds import (
    Threshold,
    background_adapted,
    fixed_threshold,
    percent_of_maximum,
    strict_limit,
)
from annotations.imaging.voi import MOST_CORNERS, BoxShape, PlanesShape, Shape, SphereShape, voi_box, voi_mask
from annotations.imaging.volume import BoolArray
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.borders import main_part, outlined, taken_by_others
from annotations.segmentations.proposals.flab import draw_flab, flab_settings, other_parts
from annotations.segmentations.proposals.outcome import Drawn, NothingFound
from annotations.segmentations.proposals.scene import Part, Scene

MOST_SHAPES = 50
MOST_PLANES = 300
AXES = ("x", "y", "z")


def voi_flab(scene: Scene, asked: Asked) -> Drawn:
    """{voi, label, classes?, initial?, stochastic?, random_seed?}: FLAB in what was drawn."""
    label = scene.outline_label(asked)
    settings = flab_settings(asked)
    part, inside, said = _read_voi(scene, asked)
    asked.finish()
    return draw_flab(part, label, inside, settings, {"voi": said})


def voi_threshold(scene: Scene, asked: Asked) -> Drawn:
    """{voi, label, rule {kind, value}}: what lies strictly above a threshold, connected.

    kind "fixed": value is a SUV. "percent": percent of the hottest voxel in the VOI. "background": share
    (0 to 1) of the way from the cooler of two K-means classes of the VOI to its hottest voxel.
    """
    label = scene.outline_label(asked)
    rule = asked.part("rule")
    kind = rule.choice("kind", ("fixed", "percent", "background"))
    value = rule.number("value", *{"fixed": (0.0, 1e5), "percent": (1.0, 99.0)}.get(kind, (0.01, 0.99)))
    rule.finish()
    part, inside, said = _read_voi(scene, asked)
    asked.finish()
    free = inside & ~taken_by_others(part.labels, label)
    threshold = _threshold(kind, value, part.suv[free & np.isfinite(part.suv)])
    found = free & (part.suv > strict_limit(threshold.suv))
    if not found.any():
        raise NothingFound("Nothing in this volume of interest is above the threshold.", suv=threshold.suv)
    region = main_part(found, part.suv)
    numbers = {name: v for name, v in threshold.parameters.items() if name.endswith("_suv")}
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, region),
        label=label,
        lesions=[{"label": label, "boundary_rule": _rule_text(kind, value, threshold)}],
        settings={"voi": said, "label": label, "rule": {"kind": kind, "value": value}},
        results={"threshold_suv": threshold.suv, **numbers},
        doubts=other_parts(part, found & ~region),
    )


def _threshold(kind: str, value: float, values: AnyArray) -> Threshold:
    if values.size == 0:
        raise NothingFound("The volume of interest holds no voxel with a SUV outside other lesions.")
    if kind == "fixed":
        return fixed_threshold(value)
    if kind == "percent":
        return percent_of_maximum(float(values.max()), value)
    cooler = float(k_means(values.astype(np.float64), 2)[0][0])
    return background_adapted(cooler, float(values.max()), value)


def _rule_text(kind: str, value: float, threshold: Threshold) -> str:
    maximum = threshold.parameters.get("maximum_suv", 0.0)
    how = {
        "fixed": "fixed",
        "percent": f"{value:g} % of {maximum:.2f}",
        "background": f"{value * 100:.0f} % from {threshold.parameters.get('background_suv', 0.0):.2f} "
        f"to {maximum:.2f}",
    }
    return f"SUV > {threshold.suv:.2f} ({how[kind]}, in a VOI)"


def _read_voi(scene: Scene, asked: Asked) -> tuple[Part, BoolArray, dict[str, Any]]:
    """(the VOI's box, the VOI in it, as it was asked for). Raises EmptyVoi, RegionTooLarge."""
    voi = asked.part("voi")
    add = [_read_shape(scene, one) for one in voi.parts("add", MOST_SHAPES)]
    subtract = [_read_shape(scene, one) for one in voi.parts("subtract", MOST_SHAPES)]
    voi.finish()
    part = scene.part(voi_box(add, scene.grid))
    _, inside = voi_mask(add, subtract, scene.grid)
    return part, inside, voi.given


def _read_shape(scene: Scene, asked: Asked) -> Shape:
    kind = asked.choice("kind", ("box", "sphere", "planes"))
    shape: Shape
    if kind == "box":
        shape = BoxShape(asked.voxel("from_xyz", scene.grid), asked.voxel("to_xyz", scene.grid))
    elif kind == "sphere":
        shape = SphereShape(asked.place("centre_xyz_mm"), asked.number("radius_mm", 0.5, 500.0))
    else:
        shape = _read_planes(scene, asked)
    asked.finish()
    return shape


def _read_planes(scene: Scene, asked: Asked) -> PlanesShape:
    axis = asked.choice("axis", AXES)
    last = scene.grid.shape_zyx[2 - AXES.index(axis)] - 1
    polygons: dict[int, list[list[tuple[float, float]]]] = {}
    for one in asked.parts("polygons", MOST_PLANES):
        points = one.points("points", MOST_CORNERS)
        if len(points) < 3:
            raise one.refusal("points", "at least three points", len(points))
        polygons.setdefault(one.whole("index", 0, last), []).append(points)
        one.finish()
    if not polygons:
        raise asked.refusal("polygons", "at least one outline", [])
    return PlanesShape(axis, polygons)  # type: ignore[arg-type]  # one of AXES
