"""Organs with the physiological uptake of [64Cu]Cu-DOTATATE.

SUVmean ranges follow what is published for the tracer about one hour after injection in general
terms (liver 4-6, spleen 10-25, kidneys 10-15, adrenals and pituitary 5-12, blood about 1); shapes and
exact values are ours.
"""

from dataclasses import dataclass

import numpy as np

from annotations.imaging.phantom.frame import Frame
from annotations.imaging.phantom.person import Part
from annotations.imaging.phantom.shapes import (
    Point,
    Shape,
    ellipsoid,
    grown,
    inside_of,
    mirrored,
    outside,
    tube,
    union,
)

AORTA: tuple[Point, ...] = (
    (8, -14, 415), (4, -16, 375), (12, 4, 360), (24, 34, 372), (27, 46, 400), (22, 44, 470), (14, 34, 560),
    (8, 20, 640), (4, 14, 738),
)  # fmt: skip
ILIACS: tuple[Point, ...] = ((4, 14, 738), (28, 26, 785), (54, 10, 835), (74, -34, 892), (84, -40, 960))
CAVA: tuple[Point, ...] = ((-22, -4, 470), (-24, 10, 560), (-22, 18, 640), (-18, 18, 738))


@dataclass(frozen=True)
class Organs:
    """Named organ shapes, their painted parts in order, and the liver's uptake (SUVmean)."""

    shapes: dict[str, Shape]
    parts: tuple[Part, ...]
    liver_suv: float


def build_organs(frame: Frame, random: np.random.Generator) -> Organs:
    liver_suv = float(random.uniform(4.0, 5.8))
    blood = float(random.uniform(0.8, 1.3))
    first = (_vessels(frame, blood), _chest_and_neck(random), _upper_abdomen(frame, liver_suv, random))
    named: dict[str, Shape] = {}
    parts: list[Part] = []
    for group in (*first, _bowel(frame, random), _urinary(frame, random), _incidental(random)):
        parts += group
        named.update({part.name: part.shape for part in group})
    return Organs(named, tuple(parts), liver_suv)


def _vessels(frame: Frame, blood: float) -> list[Part]:
    iliacs = mirrored(lambda s: tube([(x * s, y, d) for x, y, d in ILIACS], (8, 6, 6, 5, 5)))
    carotids = mirrored(lambda s: tube([(14 * s, 4, 360), (24 * s, -4, 290), (28 * s, 4, 190)], (5, 4, 3.5)))
    return [
        Part("heart muscle", frame.heart, blood * 1.1, 95),
        Part("heart chambers", grown(frame.heart, -12), blood, 145),
        Part("aorta", tube(AORTA, (14, 13, 12.5, 12, 11.5, 11, 10, 9, 8)), blood, 155),
        Part("vena cava", tube(CAVA, 11), blood, 135),
        Part("iliac vessels", iliacs, blood, 130),
        Part("neck vessels", carotids, blood, 130),
    ]


def _chest_and_neck(random: np.random.Generator) -> list[Part]:
    uniform = random.uniform

    lobes = mirrored(lambda s: ellipsoid((19 * s, -10, 284), (9, 9, 21), (0, 12 * s, 0)))
    parotids = mirrored(lambda s: ellipsoid((56 * s, 4, 158), (9, 17, 23)))
    submandibular = mirrored(lambda s: ellipsoid((31 * s, -26, 206), (9, 13, 10)))
    return [
        Part("thyroid", lobes, float(uniform(1.6, 3.4)), 120),
        Part("parotid glands", parotids, uniform(1.8, 4.5), 20),
        Part("submandibular glands", submandibular, uniform(2.0, 4.5), 45),
        Part("tongue", ellipsoid((0, -48, 182), (22, 28, 18)), 1.0, 60),
        Part("pituitary", ellipsoid((0, -8, 104), (6.5, 5, 4.5)), uniform(6, 14), 60),
    ]


def _upper_abdomen(frame: Frame, liver_suv: float, random: np.random.Generator) -> list[Part]:
    uniform = random.uniform
    big = uniform(0.93, 1.08)
    limits = (grown(frame.cage, -7), outside(Shape(frame.diaphragm, frame.cage.box), 3))
    liver = inside_of(
        union(
            ellipsoid((-66, 4, 556), (72 * big, 88, 78 * big), (0, -8, 0)),
            ellipsoid((8, -40, 543), (64 * big, 42, 32), (0, -14, 0)),
            ellipsoid((-98, 12, 620), (30, 52, 62 * big)),
            blend_mm=26,
        ),
        *limits,
    )
    size = uniform(0.85, 1.15)
    spleen = inside_of(ellipsoid((100, 42, 560), (25 * size, 46 * size, 58 * size), (24, 12, -18)), *limits)
    stomach = _stomach(frame)
    adrenals = mirrored(
        lambda s: union(
            tube([(34 * s, 30, 588), (38 * s, 44, 606)], (4.2, 3.4)),
            tube([(34 * s, 30, 588), (29 * s, 46, 610)], (4.2, 3.2)),
        )
    )
    pancreas = tube(
        [(72, 22, 590), (40, 0, 604), (8, -16, 622), (-20, -10, 640), (-22, 2, 664)], (9, 10, 10, 13, 11)
    )
    return [
        Part("liver", liver, liver_suv, 108),
        Part("stomach", stomach, uniform(1.6, 4.0), 60),
        Part("stomach lumen", grown(stomach, -6), 0.8, uniform(-20, 30)),
        Part("spleen", spleen, uniform(10, 24), 122),
        Part("pancreas", pancreas, uniform(1.4, 2.6), 88),
        Part("uncinate process", ellipsoid((-20, 2, 660), (10, 9, 12)), uniform(2.5, 7.5), 88),
        Part("gallbladder", ellipsoid((-52, -48, 618), (14, 17, 27), (-20, 12, 0)), uniform(0.8, 6.0), 8),
        Part("adrenals", adrenals, uniform(7, 16), 62),
    ]  # fmt: skip


def _stomach(frame: Frame) -> Shape:
    sac = union(
        ellipsoid((52, 8, 548), (34, 38, 40)),
        ellipsoid((50, -30, 598), (25, 26, 46), (14, 0, 0)),
        tube([(42, -44, 628), (8, -50, 642), (-22, -40, 636)], (19, 16, 11)),
        blend_mm=24,
    )
    return inside_of(sac, outside(Shape(frame.diaphragm, frame.cage.box), 4), grown(frame.cage, -8))


def _bowel(frame: Frame, random: np.random.Generator) -> list[Part]:
    parts: list[Part] = []
    colon: tuple[tuple[Point, ...], ...] = (
        ((-100, 14, 828), (-106, 18, 770), (-106, 14, 700), (-92, -18, 664)),
        ((-92, -18, 664), (-50, -62, 690), (0, -72, 704), (50, -60, 680), (92, -6, 632)),
        ((92, -6, 632), (106, 24, 672), (108, 24, 740), (102, 16, 800)),
        ((102, 16, 800), (66, 4, 850), (20, 6, 838), (6, 44, 858), (0, 56, 905)),
    )
    for number, path in enumerate(colon):
        wall = tube(path, (21, 23, 22, 20, 19)[: len(path)])
        lumen = float(random.choice([-350.0, -120.0, 20.0]))
        parts.append(Part(f"colon {number}", wall, float(random.uniform(0.8, 2.6)), 45))
        parts.append(Part(f"colon lumen {number}", grown(wall, -4), None, lumen))
    duodenum = tube([(-22, -40, 636), (-52, -18, 634), (-54, 2, 684), (-10, 6, 700), (34, -4, 668)], 11)
    parts.append(Part("duodenum", duodenum, float(random.uniform(1.8, 5.0)), 50))
    parts.append(Part("duodenum lumen", grown(duodenum, -5), None, 20))
    for number, turns in enumerate(_small_bowel(random)):
        loop = tube(turns, float(random.uniform(10, 13)))
        uptake = float(np.clip(random.lognormal(0.75, 0.45), 1.0, 5.5))
        parts.append(Part(f"small bowel {number}", loop, uptake, 48))
        parts.append(Part(f"small bowel lumen {number}", grown(loop, -5), None, 15))
    return parts


def _small_bowel(random: np.random.Generator) -> list[list[Point]]:
    """Loops that snake from side to side, stacked from the upper left to the lower right."""
    loops = []
    for level in range(6):
        d = 706 + 25 * level
        turns: list[Point] = []
        side = 1 if level % 2 == 0 else -1
        for x in np.linspace(-72, 72, 7) * side:
            y = float(random.uniform(-62, -8))
            turns.append((float(x), y, float(d + random.uniform(-13, 13))))
        loops += [turns[:4], turns[3:]]
    return loops


def _urinary(frame: Frame, random: np.random.Generator) -> list[Part]:
    cortex_suv = float(random.uniform(10, 16))
    low = float(random.uniform(-8, 10))

    def kidney(side: float) -> Shape:
        lower = 12 if side < 0 else 0
        centre = (62 * side, 46, 646 + lower + low)
        hilum = ellipsoid((40 * side, 36, 646 + lower + low), (16, 14, 13))
        return inside_of(ellipsoid(centre, (26, 25, 54), (-12, 14 * side, 24 * side)), outside(hilum))

    kidneys = mirrored(kidney)
    pelvis = mirrored(lambda s: ellipsoid((50 * s, 41, 648 + (12 if s < 0 else 0) + low), (9, 9, 20)))
    fill = float(random.uniform(0.75, 1.2))
    bladder = ellipsoid((0, -28, 886 - 6 * fill), (36 * fill, 30 * fill, 26 * fill))
    parts = [
        Part("kidneys", kidneys, cortex_suv, 175),
        Part("kidney medulla", grown(kidneys, -11), cortex_suv * 0.72, 140),
        Part("kidney pelvis", pelvis, cortex_suv * float(random.uniform(0.4, 1.1)), 10),
        Part("pelvic organ", ellipsoid((0, 14, 884), (24, 18, 26)), 0.9, 55),
        Part("bladder wall", bladder, 1.5, 45),
        Part("bladder", grown(bladder, -3), float(random.uniform(5, 32)), 8),
    ]
    return parts + _ureters(random, low)


def _ureters(random: np.random.Generator, low: float) -> list[Part]:
    """Parts of a ureter that happen to hold urine: hot, thin, and not a lesion."""
    parts = []
    for side in (1.0, -1.0):
        whole: list[Point] = [
            (44 * side, 36, 672 + low), (38 * side, 30, 720), (36 * side, 34, 770), (52 * side, 44, 820),
            (46 * side, 26, 868), (20 * side, -4, 884),
        ]  # fmt: skip
        for start in range(5):
            if random.random() < 0.22:
                segment = whole[start : start + 2]
                parts.append(
                    Part(f"ureter {side:+.0f} {start}", tube(segment, 3.0), float(random.uniform(5, 16)), 20)
                )
    return parts


def _incidental(random: np.random.Generator) -> list[Part]:
    """Uptake that a reader has to know: accessory spleen, injection site."""
    parts = []
    if random.random() < 0.12:
        parts.append(Part("accessory spleen", ellipsoid((82, 14, 598), (7, 7, 7)), 14.0, 120))
    if random.random() < 0.25:
        side = 1.0 if random.random() < 0.5 else -1.0
        vein = tube([(198 * side, 2, 598), (196 * side, 0, 640)], 4.0)
        parts.append(Part("injection site", vein, float(random.uniform(3, 14)), 40))
    return parts
