"""One invented person: sizes and a gentle warp drawn from the seed, and the parts that get painted.

Anatomy is written once, for a standard person of 172 cm, in millimetres: x to the patient's left,
y to the back, d downwards from the vertex. A person is that anatomy scaled and warped, so no two
seeds have the same organs. Nothing is taken from a real scan.
"""

from dataclasses import dataclass

import numpy as np

from annotations.imaging.phantom.shapes import Box, Field, Point, Shape

WARP_MM = 5.0


@dataclass(frozen=True)
class Part:
    """A painted shape. `suv` / `hu`: value of the tissue, None leaves what lies beneath."""

    name: str
    shape: Shape
    suv: float | None
    hu: float | None


@dataclass(frozen=True)
class Person:
    """Body size and the warp from patient coordinates (LPS mm) to the standard person.

    scale_xyz: patient / standard. fat_mm: subcutaneous fat at the belly. waves: rows of
    (amplitude mm, wavelength 1, phase 1, wavelength 2, phase 2) two for each axis.
    """

    scale_xyz: Point
    fat_mm: float
    height_m: float
    weight_kg: float
    sex: str
    age_years: int
    waves: tuple[tuple[float, float, float, float, float], ...]

    def to_standard(self, x: Field, y: Field, z: Field) -> tuple[Field, Field, Field]:
        """LPS mm (z upwards, 0 at the vertex) to standard x, y, d; arguments broadcast."""
        sx, sy, sz = self.scale_xyz
        u, v, d = x / np.float32(sx), y / np.float32(sy), -z / np.float32(sz)
        dx = self._wave(0, v, d)
        dy = self._wave(2, u, d)
        dd = self._wave(4, u, v)
        return u + dx, v + dy, d + dd

    def _wave(self, row: int, first: Field, second: Field) -> Field:
        total = np.float32(0.0)
        for amplitude, length_1, phase_1, length_2, phase_2 in self.waves[row : row + 2]:
            one = np.sin(first * np.float32(2 * np.pi / length_1) + np.float32(phase_1))
            two = np.sin(second * np.float32(2 * np.pi / length_2) + np.float32(phase_2))
            total = total + np.float32(amplitude) * one * two
        return np.asarray(total, dtype=np.float32)

    def world_box(self, box: Box) -> Box:
        """Box in standard x, y, d to a box in LPS mm that is sure to hold the warped shape."""
        lower, upper = np.asarray(box[0]) - 2 * WARP_MM, np.asarray(box[1]) + 2 * WARP_MM
        sx, sy, sz = self.scale_xyz
        return (
            (float(lower[0] * sx), float(lower[1] * sy), float(-upper[2] * sz)),
            (float(upper[0] * sx), float(upper[1] * sy), float(-lower[2] * sz)),
        )

    def to_world(self, point: Point) -> Point:
        """Standard x, y, d to LPS mm, by three fixed-point steps (error well under 1 mm)."""
        sx, sy, sz = self.scale_xyz
        target = np.asarray(point, dtype=np.float32)
        guess = target.copy()
        for _ in range(4):
            world = guess * np.array([sx, sy, -sz], dtype=np.float32)
            reached = self.to_standard(*(np.asarray(v) for v in world))
            guess = guess + target - np.asarray(reached, dtype=np.float32)
        x, y, z = (float(v) for v in guess * np.array([sx, sy, -sz], dtype=np.float32))
        return x, y, z


def draw_person(random: np.random.Generator) -> Person:
    """Adult of 155-190 cm; breadth, depth and fat go together as they do in people."""
    tall = float(np.clip(random.normal(1.0, 0.035), 0.92, 1.08))
    stout = float(np.clip(random.normal(0.0, 1.0), -1.6, 2.0))
    broad = float(np.clip(0.97 + 0.02 * stout + random.normal(0, 0.015), 0.90, 1.03))
    deep = float(np.clip(0.98 + 0.045 * stout + random.normal(0, 0.02), 0.86, 1.12))
    height_m = round(1.72 * tall, 2)
    index = 24.5 + 3.2 * stout + float(random.normal(0, 0.8))
    waves = tuple(
        (
            float(random.uniform(0.4, 1.0) * WARP_MM / 2),
            float(random.uniform(110, 420)),
            float(random.uniform(0, 2 * np.pi)),
            float(random.uniform(110, 420)),
            float(random.uniform(0, 2 * np.pi)),
        )
        for _ in range(6)
    )
    return Person(
        scale_xyz=(broad, deep, 0.95 * tall),
        fat_mm=float(np.clip(15 + 6 * stout, 6, 30)),
        height_m=height_m,
        weight_kg=round(index * height_m**2, 1),
        sex="F" if random.random() < 0.5 else "M",
        age_years=int(random.integers(38, 84)),
        waves=waves,
    )
