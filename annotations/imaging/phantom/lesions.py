"""Lesions of the phantom: where they sit, how large and how avid they are.

Sites: liver, lymph nodes (among them some that touch bladder or kidney), bone, lung. Volumes run from
0.2 to 100 mL (the first, the index lesion, has 2 mL or more), uptake over a factor of ten or more; some
lesions touch each other. Every lesion is
bright enough to be seen against what lies around it after the scanner's blur, because a truth that no
image shows could be neither learned nor judged.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.imaging.phantom.frame import Frame, spine_y
from annotations.imaging.phantom.organs import AORTA, ILIACS, Organs
from annotations.imaging.phantom.person import Person
from annotations.imaging.phantom.shapes import Field, Point, Shape, ellipsoid, grown, union

SITES = ("liver", "node", "bone", "lung")
MOST_LESIONS = 60
LARGEST_ML = {"liver": 100.0, "node": 28.0, "bone": 24.0, "lung": 14.0}
SMALLEST_ML = 0.2
INDEX_ML = 2.0
BLUR_MM = 5.5
PATTERNS = (
    # weights for liver, node, bone, lung: kinds of disease as they are met in the clinic
    (0.70, 0.22, 0.05, 0.03),
    (0.20, 0.65, 0.10, 0.05),
    (0.15, 0.20, 0.60, 0.05),
    (0.35, 0.30, 0.25, 0.10),
    (0.10, 0.40, 0.10, 0.40),
)
TISSUE_HU = {"liver": 62.0, "node": 78.0, "bone": 620.0, "lung": 35.0}


@dataclass(frozen=True)
class PlannedLesion:
    """A lesion in patient space. centre: LPS mm. uptake_suv: painted, before blur and noise."""

    site: str
    centre_xyz_mm: Point
    volume_ml: float
    radii_mm: Point
    tilt_deg: Point
    bump: Point
    uptake_suv: float
    hu: float

    @property
    def radius_mm(self) -> float:
        return float((3 * self.volume_ml * 1000 / (4 * np.pi)) ** (1 / 3))

    def shape(self) -> Shape:
        """In LPS mm: an ellipsoid with a bump on one side (about 6 % of the volume)."""
        centre = np.asarray(self.centre_xyz_mm)
        near = centre + np.asarray(self.bump) * np.asarray(self.radii_mm)
        a, b, c = (0.55 * r for r in self.radii_mm)
        at: Point = (float(near[0]), float(near[1]), float(near[2]))
        main = ellipsoid(self.centre_xyz_mm, self.radii_mm, self.tilt_deg)
        return union(main, ellipsoid(at, (a, b, c)), blend_mm=0.3 * self.radius_mm)


def plan_lesions(
    person: Person, frame: Frame, organs: Organs, random: np.random.Generator, negative: bool
) -> list[PlannedLesion]:
    """Draw 1-60 lesions (none when `negative`); fewer than drawn where there is no room left."""
    if negative:
        return []
    weights = np.asarray(PATTERNS[int(random.integers(len(PATTERNS)))])
    count = _draw_count(random)
    avidity = float(np.clip(random.lognormal(np.log(17), 0.45), 6, 55))
    planned: list[PlannedLesion] = []
    for _ in range(count):
        site = str(random.choice(SITES, p=weights))
        lesion = _try_to_place(person, frame, organs, random, site, avidity, planned)
        if lesion is not None:
            planned.append(lesion)
    return planned


def _draw_count(random: np.random.Generator) -> int:
    low, high = ((1, 5), (6, 20), (21, MOST_LESIONS))[int(random.choice(3, p=(0.35, 0.40, 0.25)))]
    return int(random.integers(low, high + 1))


def _try_to_place(
    person: Person,
    frame: Frame,
    organs: Organs,
    random: np.random.Generator,
    site: str,
    avidity: float,
    others: list[PlannedLesion],
) -> PlannedLesion | None:
    lesion = _draw_body(random, site, SMALLEST_ML if others else INDEX_ML)
    touching = bool(others) and random.random() < 0.15
    for _ in range(60):
        if touching and (mates := [o for o in others if o.site == site]):
            centre = _beside_lesion(random, mates, lesion.radius_mm)
        else:
            centre = person.to_world(_draw_place(frame, organs, random, site, lesion.radius_mm))
        placed = replace(lesion, centre_xyz_mm=centre)
        if _fits(person, frame, organs, placed, others, touching):
            return replace(placed, uptake_suv=_draw_uptake(random, placed, organs.liver_suv, avidity))
    return None


def _draw_body(random: np.random.Generator, site: str, least_ml: float) -> PlannedLesion:
    share = float(random.beta(1.15, 1.7))
    volume = max(least_ml, SMALLEST_ML * (LARGEST_ML[site] / SMALLEST_ML) ** share)
    stretch = np.exp(random.normal(0, 0.14, 3))
    radius = (3 * volume * 1000 / (4 * np.pi)) ** (1 / 3)
    radii = radius * 0.97 * stretch / np.prod(stretch) ** (1 / 3)
    way = random.normal(size=3)
    bump = 0.62 * way / np.linalg.norm(way)
    tilt = random.uniform(-60, 60, 3)
    lytic = site == "bone" and random.random() < 0.3
    return PlannedLesion(
        site, (0.0, 0.0, 0.0), float(volume), _point(radii), _point(tilt), _point(bump), 0.0,
        90.0 if lytic else TISSUE_HU[site] + float(random.normal(0, 8)),
    )  # fmt: skip


def _point(values: npt.NDArray[Any]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])


def _beside_lesion(random: np.random.Generator, mates: list[PlannedLesion], radius: float) -> Point:
    mate = mates[int(random.integers(len(mates)))]
    way = random.normal(size=3)
    reach = (mate.radius_mm + radius) * 0.97
    return _point(np.asarray(mate.centre_xyz_mm) + reach * way / np.linalg.norm(way))


def _draw_uptake(
    random: np.random.Generator, lesion: PlannedLesion, liver_suv: float, avidity: float
) -> float:
    """SUV inside, at least what keeps the blurred peak clear of the surroundings."""
    background = {"liver": liver_suv, "node": 1.2, "bone": 0.8, "lung": 0.4}[lesion.site]
    ratio = 2 * lesion.radius_mm / BLUR_MM
    recovery = 1 - float(np.exp(-0.42 * ratio**1.6))
    least = background + (0.9 * background + 2.2) / recovery
    drawn = avidity * float(random.lognormal(0, 0.38))
    return float(np.clip(max(drawn, least), 3.0, 90.0))


def _fits(
    person: Person,
    frame: Frame,
    organs: Organs,
    lesion: PlannedLesion,
    others: list[PlannedLesion],
    touching: bool,
) -> bool:
    for other in others:
        apart = float(np.linalg.norm(np.subtract(lesion.centre_xyz_mm, other.centre_xyz_mm)))
        touch = lesion.radius_mm + other.radius_mm
        if apart < (0.93 * touch if touching else 1.12 * touch + 2):
            return False
    return _in_host(person, frame, organs, lesion)


def _in_host(person: Person, frame: Frame, organs: Organs, lesion: PlannedLesion) -> bool:
    """Inside its organ by most of its radius, and a node out of organs that take the tracer up."""
    x, y, z = (np.asarray([v], dtype=np.float32) for v in lesion.centre_xyz_mm)
    place = person.to_standard(x, y, z)

    def gap(shape: Shape) -> float:
        return float(shape.at(*place)[0])

    radius = lesion.radius_mm
    if gap(frame.outline) > -(radius + 6):
        return False
    if lesion.site == "liver":
        return gap(organs.shapes["liver"]) < -0.55 * radius
    if lesion.site == "lung":
        return gap(frame.lungs) < -0.5 * radius and gap(frame.heart) > radius
    if lesion.site == "bone":
        return min(gap(shape) for shape in frame.bones.values()) < 0
    avid = ("liver", "spleen", "kidneys", "bladder wall", "adrenals", "pituitary", "stomach")
    return all(gap(organs.shapes[name]) > 0.92 * radius for name in avid) and gap(frame.lungs) > 0


def _draw_place(frame: Frame, organs: Organs, random: np.random.Generator, site: str, radius: float) -> Point:
    if site == "liver":
        return _inside(organs.shapes["liver"], random, -0.6 * radius)
    if site == "lung":
        return _inside(frame.lungs, random, -0.55 * radius)
    return _bone_place(frame, random) if site == "bone" else _node_place(organs, random, radius)


def _inside(shape: Shape, random: np.random.Generator, level: float) -> Point:
    lower, upper = np.asarray(shape.box[0]), np.asarray(shape.box[1])
    points = random.uniform(lower, upper, (256, 3)).astype(np.float32)
    field = shape.at(points[:, 0], points[:, 1], points[:, 2])
    inner = np.flatnonzero(field < level)
    return _point(points[inner[0]] if len(inner) else points[int(np.argmin(field))])


def _bone_place(frame: Frame, random: np.random.Generator) -> Point:
    kinds = ("vertebra", "pelvis", "ribs", "femora", "humeri", "sternum", "skull")
    kind = str(random.choice(kinds, p=(0.40, 0.25, 0.13, 0.09, 0.05, 0.04, 0.04)))
    if kind == "vertebra":
        d = float(random.uniform(300, 780))
        return float(random.normal(0, 8)), spine_y(d) + float(random.normal(0, 6)), d
    return _inside(frame.bones[kind], random, -1.0)


def _node_place(organs: Organs, random: np.random.Generator, radius: float) -> Point:
    kinds = ("mesentery", "retroperitoneum", "iliac", "mediastinum", "neck", "primary", "bladder", "kidney")
    kind = str(random.choice(kinds, p=(0.26, 0.2, 0.12, 0.12, 0.08, 0.1, 0.06, 0.06)))
    side = 1.0 if random.random() < 0.5 else -1.0
    if kind in ("bladder", "kidney"):
        return _touching_organ(
            organs.shapes["bladder wall" if kind == "bladder" else "kidneys"], random, radius
        )
    if kind == "mesentery":
        return _scatter(random, (0, -22, 715), (38, 18, 38))
    if kind == "primary":
        return _scatter(random, (58, 10, 598) if side > 0 else (-60, -8, 770), (10, 8, 16))
    if kind == "neck":
        return _scatter(random, (34 * side, 8, 262), (10, 8, 20))
    if kind == "iliac":
        x, y, d = ILIACS[int(random.integers(1, len(ILIACS)))]
        return _scatter(random, (x * side, y, d), (11, 9, 12))
    if kind == "mediastinum":
        return _scatter(random, (8 * side, 14, 390), (14, 14, 22))
    return _scatter(random, AORTA[int(random.integers(6, len(AORTA)))], (17, 11, 24))


def _scatter(random: np.random.Generator, centre: Point, spread: Point) -> Point:
    return _point(random.normal(centre, spread))


def _touching_organ(shape: Shape, random: np.random.Generator, radius: float) -> Point:
    """A place whose distance to the organ is the lesion's radius: the two touch."""
    around = grown(shape, 2 * radius)
    lower, upper = np.asarray(around.box[0]), np.asarray(around.box[1])
    points = random.uniform(lower, upper, (512, 3)).astype(np.float32)
    field: Field = shape.at(points[:, 0], points[:, 1], points[:, 2])
    return _point(
        points[int(np.argmin(np.abs(field - np.float32(radius)) + 0.2 * np.maximum(points[:, 2] - 900, 0)))]
    )
