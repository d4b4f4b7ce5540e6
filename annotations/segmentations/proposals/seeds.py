"""One lesion from one point."""

from annotations.imaging.boxes import relative_index
from annotations.imaging.checks import IndexZYX
from annotations.imaging.gradient import gradient_boundary
from annotations.imaging.region_growing import BACKGROUND_SHELL_MM, grow_background_adapted
from annotations.imaging.spheres import sphere_in_grid
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals.borders import outlined, taken_by_others
from annotations.segmentations.proposals.flab import draw_flab, flab_settings
from annotations.segmentations.proposals.outcome import Drawn, NothingFound
from annotations.segmentations.proposals.scene import NoSuchLesion, Scene

RADIUS_MM = (5.0, 100.0)
GRADIENT_RADIUS_MM = (5.0, 60.0)  # as far as an answer under a second reaches
FLAB_RADIUS_MM = (4.0, 60.0)
CLIMB_RADIUS_MM = 15.0  # as in the reading room: pointing near a lesion is enough


class SeedInLesion(NoSuchLesion):
    """The point lies in another lesion."""

    code = "seed_in_lesion"


def seed_gradient(scene: Scene, asked: Asked) -> Drawn:
    """{seed_xyz, label, stop_radius_mm}: bounded where the uptake falls most steeply.

    A radius over 60 mm is taken as 60 mm, and the report says which was used.
    """
    label, seed = outline_seed(scene, asked)
    radius_mm = min(asked.number("stop_radius_mm", *RADIUS_MM), GRADIENT_RADIUS_MM[1])
    asked.finish()
    part = scene.sphere(seed, radius_mm)
    here = relative_index(seed, part.box)
    blocked = taken_by_others(part.labels, label)
    found = gradient_boundary(part.suv, part.grid, here, radius_mm, blocked=blocked)
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, found.mask),
        label=label,
        lesions=[{"label": label, "boundary_rule": f"gradient (edge at SUV {found.boundary_suv:.2f})"}],
        settings={"seed_xyz": list(seed[::-1]), "label": label, "stop_radius_mm": radius_mm},
        results={"boundary_suv": found.boundary_suv, "maximum_suv": found.core_maximum_suv},
        numbers={"threshold_suv": found.boundary_suv},
    )


def seed_background(scene: Scene, asked: Asked) -> Drawn:
    """{seed_xyz, fraction, label, stop_radius_mm}: above background + fraction * (maximum - background).

    From the seed's local maximum, as far as `stop_radius_mm` from it.
    """
    label, seed = outline_seed(scene, asked)
    fraction = asked.number("fraction", 0.01, 0.99)
    radius_mm = asked.number("stop_radius_mm", *RADIUS_MM)
    asked.finish()
    part = scene.sphere(seed, CLIMB_RADIUS_MM + radius_mm + BACKGROUND_SHELL_MM[1])
    region, threshold = grow_background_adapted(
        part.suv,
        part.grid,
        relative_index(seed, part.box),
        fraction,
        radius_mm,
        CLIMB_RADIUS_MM,
        blocked=taken_by_others(part.labels, label),
    )
    if not region.any():
        raise NothingFound("There is no region above the threshold here.", threshold_suv=threshold.suv)
    found = threshold.parameters
    background, maximum = found["background_suv"], found["maximum_suv"]
    top = [i + side.start for i, side in zip(found["maximum_index_zyx"], part.box, strict=True)]
    rule = f"SUV > {threshold.suv:.2f} ({fraction * 100:.0f} % from {background:.2f} to {maximum:.2f})"
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, region),
        label=label,
        lesions=[{"label": label, "boundary_rule": rule}],
        settings={
            "seed_xyz": list(seed[::-1]),
            "label": label,
            "fraction": fraction,
            "stop_radius_mm": radius_mm,
            "climb_radius_mm": CLIMB_RADIUS_MM,
            "connectivity": 26,
        },
        results={
            "threshold_suv": threshold.suv,
            "background_suv": background,
            "maximum_suv": maximum,
            "maximum_xyz": top[::-1],
        },
    )


def seed_flab(scene: Scene, asked: Asked) -> Drawn:
    """{seed_xyz, label, radius_mm, classes?, initial?, stochastic?, random_seed?}: FLAB in a sphere."""
    label, seed = outline_seed(scene, asked)
    radius_mm = asked.number("radius_mm", *FLAB_RADIUS_MM)
    settings = flab_settings(asked)
    asked.finish()
    part = scene.sphere(seed, radius_mm)
    here = relative_index(seed, part.box)
    _, sphere = sphere_in_grid(part.grid, scene.place(seed), radius_mm)
    return draw_flab(
        part, label, sphere, settings, {"seed_xyz": list(seed[::-1]), "radius_mm": radius_mm}, at=here
    )


def outline_seed(scene: Scene, asked: Asked) -> tuple[int, IndexZYX]:
    """The lesion to outline and the voxel pointed at. Raises SeedInLesion."""
    label, seed = scene.outline_label(asked), asked.voxel("seed_xyz", scene.grid)
    there = int(scene.labels[seed])
    if there not in (0, label):
        raise SeedInLesion(f"This point lies in lesion {there} already.", label=there)
    return label, seed
