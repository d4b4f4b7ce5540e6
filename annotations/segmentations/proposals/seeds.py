"""One lesion from one point."""

from annotations.imaging.boxes import relative_index
from annotations.imaging.checks import IndexZYX
from annotations.imaging.gradient import gradient_boundary
from annotations.segmentations.proposals.asked import Asked
from annotations.segmentations.proposals.borders import outlined, part_with, taken_by_others
from annotations.segmentations.proposals.outcome import Drawn
from annotations.segmentations.proposals.scene import NoSuchLesion, Scene

RADIUS_MM = (5.0, 100.0)


class SeedInLesion(NoSuchLesion):
    """The point lies in another lesion."""

    code = "seed_in_lesion"


def seed_gradient(scene: Scene, asked: Asked) -> Drawn:
    """{seed_xyz, label, stop_radius_mm}: bounded where the uptake falls most steeply."""
    label, seed = outline_seed(scene, asked)
    radius_mm = asked.number("stop_radius_mm", *RADIUS_MM)
    asked.finish()
    part = scene.sphere(seed, radius_mm)
    here = relative_index(seed, part.box)
    blocked = taken_by_others(part.labels, label)
    found = gradient_boundary(part.suv, part.grid, here, radius_mm, blocked=blocked)
    region = found.mask & ~blocked
    region = part_with(region, here) if region[here] else region
    return Drawn(
        box=part.box,
        labels=outlined(part.labels, label, region),
        label=label,
        lesions=[{"label": label, "boundary_rule": f"gradient (edge at SUV {found.boundary_suv:.2f})"}],
        settings={"seed_xyz": list(seed[::-1]), "label": label, "stop_radius_mm": radius_mm},
        results={"boundary_suv": found.boundary_suv, "maximum_suv": found.core_maximum_suv},
        numbers={"threshold_suv": found.boundary_suv},
    )


def outline_seed(scene: Scene, asked: Asked) -> tuple[int, IndexZYX]:
    """The lesion to outline and the voxel pointed at. Raises SeedInLesion."""
    label, seed = scene.outline_label(asked), asked.voxel("seed_xyz", scene.grid)
    there = int(scene.labels[seed])
    if there not in (0, label):
        raise SeedInLesion(f"This point lies in lesion {there} already.", label=there)
    return label, seed
