"""The body's frame: outline, fat and muscle, rib cage, lungs, skeleton, airways.

Sizes are ours, set by eye to a standard adult; see `person.py` for the coordinates.
"""

from dataclasses import dataclass

import numpy as np

from annotations.imaging.phantom.person import Part, Person
from annotations.imaging.phantom.shapes import (
    Distance,
    Field,
    Shape,
    ellipsoid,
    grown,
    inside_of,
    mirrored,
    outside,
    remembered,
    shell,
    stack,
    tube,
    union,
)

TORSO = (
    (140, 44, 46, 32), (190, 50, 54, 22), (225, 53, 57, 20), (258, 57, 61, 18),
    (280, 70, 66, 16), (298, 108, 76, 12),
    (316, 142, 88, 8), (345, 160, 102, 4), (400, 158, 113, 0), (460, 154, 116, 0), (540, 149, 112, 0),
    (620, 146, 108, 0), (690, 148, 106, 0), (750, 158, 108, 2), (810, 170, 112, 4), (860, 177, 114, 4),
    (900, 176, 108, 6), (928, 150, 88, 10), (946, 80, 45, 14),
)  # fmt: skip
CAGE = (
    (272, 34, 34, 28), (296, 74, 58, 18), (335, 106, 82, 8), (400, 124, 94, 2), (460, 131, 98, 0),
    (520, 133, 98, 0), (580, 131, 95, 2), (640, 126, 90, 4), (690, 118, 84, 6),
)  # fmt: skip
SPINE = (
    (205, 22), (250, 36), (290, 44), (350, 60), (420, 70), (500, 72), (580, 62), (640, 50), (700, 44),
    (750, 48), (795, 64), (830, 84),
)  # fmt: skip
VERTEBRAE = tuple(
    (float(d), float(np.interp(d, (205, 290, 580, 790), (8, 12, 19, 24))))
    for d in (
        *np.arange(208, 285, 16.0),
        *np.linspace(296, 582, 13)[:-1],
        *np.linspace(584, 790, 7)[:-1],
    )
)


@dataclass(frozen=True)
class Frame:
    """Shapes that organs and lesions are placed by."""

    outline: Shape
    cage: Shape
    lungs: Shape
    heart: Shape
    bones: dict[str, Shape]
    diaphragm: Distance
    parts: tuple[Part, ...]


def spine_y(d: float) -> float:
    table = np.asarray(SPINE)
    return float(np.interp(d, table[:, 0], table[:, 1]))


def build_frame(person: Person, random: np.random.Generator) -> Frame:
    outline = remembered(_outline())
    cage = stack(CAGE, power=2.15)
    heart = ellipsoid((24, -30, 452), (46, 38, 60), (0, 28, 18))
    diaphragm = _diaphragm(float(random.normal(0, 8)))
    lungs = _lungs(cage, heart, diaphragm)
    bones = _bones(cage)
    muscle = Shape(_under_fat(outline, person.fat_mm), outline.box)
    belly = inside_of(
        stack([(d, a * 0.80, b * 0.76, y - 8) for d, a, b, y in TORSO if 450 < d < 930]),
        _under_fat(outline, person.fat_mm + 8),
        outside(Shape(diaphragm, outline.box)),
    )
    parts = (
        Part("skin and fat", outline, 0.25, -100),
        Part("muscle", muscle, 0.55, 52),
        Part("mediastinum", grown(cage, -5), 0.6, 5),
        Part("abdominal fat", belly, 0.35, -92),
        Part("brain", ellipsoid((0, 8, 92), (68, 86, 80)), 0.12, 36),
        Part("lungs", lungs, 0.35, -820),
        *_airways(),
        *(Part(name, shape, 0.75, hu) for name, shape, hu in _painted_bones(bones)),
    )
    return Frame(outline, cage, lungs, heart, bones, diaphragm, parts)


def _outline() -> Shape:
    head = union(
        ellipsoid((0, 8, 92), (76, 96, 92)),
        ellipsoid((0, -34, 146), (57, 60, 80)),
        ellipsoid((0, -96, 138), (11, 16, 20)),
        blend_mm=24,
    )
    trunk = union(head, stack(TORSO), blend_mm=18)
    legs = mirrored(lambda side: tube([(86 * side, 8, 890), (82 * side, 10, 1200)], (86, 62)))
    arms = mirrored(
        lambda side: tube(
            [(158 * side, 10, 332), (206 * side, 20, 610), (208 * side, 0, 850), (203 * side, -8, 900)],
            (45, 35, 24, 21),
        )
    )
    hands = mirrored(
        lambda side: union(
            ellipsoid((200 * side, -12, 935), (14, 34, 52)),
            tube([(192 * side, -32, 905), (184 * side, -48, 950)], (10, 8)),
            blend_mm=10,
        )
    )
    return union(trunk, legs, union(arms, hands, blend_mm=14), blend_mm=14)


def _under_fat(outline: Shape, fat_mm: float) -> Distance:
    """Inside the outline by a fat layer that is thickest at belly and hips and thin on head and arms."""
    levels = np.array([0, 230, 300, 480, 620, 860, 1100])
    shares = np.array([0.22, 0.25, 0.5, 0.7, 1.0, 1.15, 0.6])

    def distance(x: Field, y: Field, d: Field) -> Field:
        thick = np.interp(d, levels, shares * fat_mm).astype(np.float32)
        limb = np.clip((np.abs(x) - 150) / 30, 0, 1) * np.float32(0.65)
        return np.asarray(outline.at(x, y, d) + np.maximum(thick * (1 - limb), 3), dtype=np.float32)

    return distance


def _diaphragm(shift_mm: float) -> Distance:
    """Negative above the two domes (the right one 12 mm higher), deepest along the back."""

    def distance(x: Field, y: Field, d: Field) -> Field:
        middle = np.where(x < 0, np.float32(-68), np.float32(70))
        dome = np.where(x < 0, np.float32(500), np.float32(512)) + np.float32(shift_mm)
        aside = ((x - middle) / 62) ** 2
        back = np.maximum(y + 5, 0) / 90
        front = np.maximum(-y - 25, 0) / 80
        return np.asarray(
            (d - dome - 42 * aside - 70 * back**2 - 26 * front**2) * np.float32(0.6), dtype=np.float32
        )

    return distance


def _lungs(cage: Shape, heart: Shape, diaphragm: Distance) -> Shape:
    def beside(x: Field, y: Field, d: Field) -> Field:
        width = np.float32(24) + 12 * np.clip((y - 20) / 60, 0, 1)
        return np.asarray(width - np.abs(x), dtype=np.float32)

    limits = (beside, diaphragm, outside(heart, 5))
    return inside_of(Shape(grown(cage, -9).distance, ((-125, -95, 285), (125, 95, 640))), *limits)


def _bones(cage: Shape) -> dict[str, Shape]:
    return {
        "skull": shell(grown(ellipsoid((0, 8, 92), (74, 93, 88)), -3), 7),
        "jaw": tube(
            [
                (-47, 0, 150), (-45, -14, 194), (-27, -54, 200), (0, -68, 201), (27, -54, 200),
                (45, -14, 194), (47, 0, 150),
            ],
            6,
        ),
        "face": ellipsoid((0, -52, 146), (42, 32, 34)),
        "spine": _spine(),
        "ribs": _ribs(cage),
        "sternum": ellipsoid((0, -92, 425), (17, 7, 82), (7, 0, 0)),
        "clavicles": mirrored(
            lambda s: tube([(16 * s, -58, 326), (80 * s, -34, 314), (146 * s, 2, 310)], 6.5)
        ),
        "scapulae": mirrored(
            lambda s: union(
                ellipsoid((98 * s, 86, 395), (36, 5.5, 66), (4, 0, 22 * s)),
                tube([(70 * s, 96, 345), (148 * s, 30, 318)], 6.5),
            )
        ),
        "humeri": mirrored(
            lambda s: union(
                ellipsoid((156 * s, 10, 332), (23, 23, 24)),
                tube([(160 * s, 12, 345), (204 * s, 20, 600)], (12, 11)),
                ellipsoid((206 * s, 20, 608), (22, 12, 12)),
                blend_mm=8,
            )
        ),
        "forearms": mirrored(
            lambda s: union(
                tube([(213 * s, 16, 615), (216 * s, -2, 850)], (7, 8)),
                tube([(199 * s, 24, 612), (200 * s, 4, 850)], (8, 6)),
                *(tube([(202 * s, -16 + 9 * i, 865), (200 * s, -34 + 14 * i, 960)], 3.6) for i in range(4)),
            )
        ),
        "pelvis": _pelvis(),
        "femora": mirrored(
            lambda s: union(
                ellipsoid((90 * s, 4, 868), (23, 23, 23)),
                tube([(92 * s, 5, 870), (128 * s, 12, 892)], (15, 17)),
                tube([(130 * s, 12, 888), (118 * s, 10, 950), (96 * s, 8, 1200)], (17, 14, 13)),
                blend_mm=8,
            )
        ),
    }  # fmt: skip


def _spine() -> Shape:
    bodies = []
    for d, radius in VERTEBRAE:
        y, half = spine_y(d), radius * 0.52
        bodies.append(ellipsoid((0, y, d), (radius * 1.08, radius * 0.85, half * 1.35)))
        bodies.append(tube([(-radius * 1.3, y + radius * 1.2, d), (radius * 1.3, y + radius * 1.2, d)], 4.5))
        bodies.append(tube([(0, y + radius * 1.2, d), (0, y + radius * 1.2 + 22, d + 9)], (5.5, 4)))
    return union(*bodies)


def _ribs(cage: Shape) -> Shape:
    def distance(x: Field, y: Field, d: Field) -> Field:
        level = d + np.float32(0.42) * y - np.float32(322)
        band = np.abs(np.mod(level + 13, 26) - 13) - np.float32(6.0)
        wall = np.abs(cage.at(x, y, d)) - np.float32(4.2)
        margin = d - (np.float32(600) + np.float32(1.05) * y)
        window = np.maximum(np.maximum(margin, np.float32(296) - d), d - np.float32(660))
        return np.asarray(np.maximum(np.maximum(wall, band * np.float32(0.9)), window), dtype=np.float32)

    return Shape(distance, ((-140, -106, 290), (140, 106, 666)))


def _pelvis() -> Shape:
    def wing(side: float) -> Shape:
        bowl = shell(ellipsoid((62 * side, -2, 812), (74, 84, 86), (12, 0, 0)), 11)

        def kept(x: Field, y: Field, d: Field) -> Field:
            inner = np.float32(34) - x * np.float32(side)
            front = np.float32(-62) - y
            return np.asarray(
                np.maximum(np.maximum(inner, front), d - (np.float32(868) - 0.25 * y)), dtype=np.float32
            )

        return inside_of(bowl, kept)

    def half(side: float) -> Shape:
        socket = inside_of(
            ellipsoid((92 * side, 6, 866), (35, 34, 34)),
            outside(ellipsoid((90 * side, 4, 868), (26, 26, 26))),
        )
        return union(
            wing(side),
            socket,
            tube([(76 * side, -18, 876), (14 * side, -58, 902)], (10, 9)),
            tube([(80 * side, 32, 884), (58 * side, 42, 944), (14 * side, -50, 916)], (13, 13, 7)),
        )

    sacrum = union(
        ellipsoid((0, 80, 822), (52, 20, 40), (-25, 0, 0)), ellipsoid((0, 96, 868), (22, 10, 34), (20, 0, 0))
    )
    return union(half(1.0), half(-1.0), sacrum)


def _painted_bones(bones: dict[str, Shape]) -> list[tuple[str, Shape, float]]:
    """Dense rind first, marrow over it where bones are thick enough to show one."""
    dense = {"skull": 1050, "jaw": 900, "face": 260, "ribs": 420, "spine": 330, "sternum": 280, "pelvis": 420}
    rinds = [(name, shape, float(dense.get(name, 750))) for name, shape in bones.items()]
    thick = ("spine", "pelvis", "femora", "humeri", "sternum")
    return rinds + [(f"{name} marrow", grown(bones[name], -4), 190.0) for name in thick]


def _airways() -> tuple[Part, ...]:
    throat = tube([(0, -40, 150), (0, -2, 168), (0, -2, 235), (0, 8, 280), (0, 24, 340), (0, 34, 392)], 7.5)
    bronchi = mirrored(lambda s: tube([(0, 34, 390), (34 * s, 32, 418), (52 * s, 30, 440)], (7, 6, 5)))
    sinuses = mirrored(lambda s: ellipsoid((22 * s, -58, 142), (12, 13, 14)))
    return (
        Part("airway", throat, 0.1, -980),
        Part("bronchi", bronchi, 0.2, -960),
        Part("sinuses", sinuses, 0.1, -950),
    )
