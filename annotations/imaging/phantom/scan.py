"""The scanner: paints a person's parts onto a voxel grid, blurs, adds noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from annotations.imaging.geometry import Grid
from annotations.imaging.phantom.lesions import PlannedLesion
from annotations.imaging.phantom.person import Part, Person
from annotations.imaging.phantom.shapes import Box, Field, Shape
from annotations.imaging.volume import FloatArray, LabelArray

Slices = tuple[slice, slice, slice]
SLAB = 10


@dataclass(frozen=True)
class Canvas:
    """Part of an axis-aligned grid: voxel centres along z, y, x in LPS mm, broadcastable."""

    z: Field
    y: Field
    x: Field
    voxel_mm: float

    @classmethod
    def of(cls, grid: Grid) -> "Canvas":
        nz, ny, nx = grid.shape_zyx
        sx, sy, sz = grid.spacing_xyz_mm
        ox, oy, oz = grid.origin_xyz_mm
        axes = (oz + sz * np.arange(nz), oy + sy * np.arange(ny), ox + sx * np.arange(nx))
        z, y, x = (axis.astype(np.float32) for axis in axes)
        return cls(z[:, None, None], y[None, :, None], x[None, None, :], float(np.cbrt(sx * sy * sz)))

    def window(self, box: Box) -> Slices | None:
        """Index ranges that hold the box (LPS mm); None when it lies outside."""
        found = []
        for axis, values in ((2, self.z), (1, self.y), (0, self.x)):
            line = values.ravel()
            first = int(np.searchsorted(line, box[0][axis] - self.voxel_mm))
            last = int(np.searchsorted(line, box[1][axis] + self.voxel_mm))
            if first >= last:
                return None
            found.append(slice(first, last))
        return found[0], found[1], found[2]

    def cut(self, at: Slices) -> "Canvas":
        return Canvas(self.z[at[0]], self.y[:, at[1]], self.x[:, :, at[2]], self.voxel_mm)

    def slabs(self) -> Iterator[tuple[slice, "Canvas"]]:
        for first in range(0, self.z.shape[0], SLAB):
            rows = slice(first, first + SLAB)
            yield rows, Canvas(self.z[rows], self.y, self.x, self.voxel_mm)


def paint(
    grid: Grid, person: Person, parts: Sequence[Part], lesions: Sequence[PlannedLesion], quantity: str
) -> FloatArray:
    """Ideal image float32 [z, y, x] of `quantity`: "suv" (0 in air) or "hu" (-1000 in air)."""
    image = np.full(grid.shape_zyx, 0.0 if quantity == "suv" else -1000.0, dtype=np.float32)
    solids = [(lesion.shape(), lesion.uptake_suv if quantity == "suv" else lesion.hu) for lesion in lesions]
    for rows, canvas in Canvas.of(grid).slabs():
        slab = image[rows]
        warped = [np.asarray(v) for v in person.to_standard(canvas.x, canvas.y, canvas.z)]
        views: dict[str, tuple[Field, Field, Field]] = {}
        for part in parts:
            value = part.suv if quantity == "suv" else part.hu
            at = canvas.window(person.world_box(part.shape.box)) if value is not None else None
            if value is None or at is None:
                continue
            # Parts with the same box get the very same arrays, so that shapes can remember answers.
            x, y, d = views.setdefault(str(at), _views(warped, slab.shape, at))
            _blend(slab[at], part.shape.at(x, y, d), value, canvas.voxel_mm)
        for shape, value in solids:
            if (at := canvas.window(shape.box)) is not None:
                part_of = canvas.cut(at)
                _blend(slab[at], shape.at(part_of.x, part_of.y, part_of.z), value, canvas.voxel_mm)
    return image


def _views(warped: Sequence[Field], shape: tuple[int, ...], at: Slices) -> tuple[Field, Field, Field]:
    x, y, d = (np.broadcast_to(values, shape)[at] for values in warped)
    return x, y, d


def _blend(view: FloatArray, distance: Field, value: float, voxel_mm: float) -> None:
    """Set `view` to `value` by the share of each voxel that lies inside (partial volume)."""
    inside = np.clip(np.float32(0.5) - distance / np.float32(voxel_mm), 0, 1)
    view += inside * (np.float32(value) - view)


def label_lesions(grid: Grid, lesions: Sequence[PlannedLesion]) -> LabelArray:
    """uint16 [z, y, x]: lesion n of the list has label n + 1 where the voxel centre lies inside it.

    Where two lesions meet, a voxel belongs to the one it lies deeper in.
    """
    labels = np.zeros(grid.shape_zyx, dtype=np.uint16)
    depth = np.zeros(grid.shape_zyx, dtype=np.float32)
    canvas = Canvas.of(grid)
    for number, lesion in enumerate(lesions, start=1):
        shape = lesion.shape()
        at = canvas.window(shape.box)
        if at is None:
            continue
        part_of = canvas.cut(at)
        distance = shape.at(part_of.x, part_of.y, part_of.z)
        wins = distance < np.minimum(depth[at], 0)
        labels[at][wins] = number
        depth[at][wins] = distance[wins]
    return labels


def shape_volume_ml(shape: Shape, step_mm: float) -> float:
    """Volume by sampling the shape every `step_mm`."""
    lower, upper = np.asarray(shape.box[0]), np.asarray(shape.box[1])
    x, y, z = (np.arange(lower[i] + step_mm / 2, upper[i], step_mm, dtype=np.float32) for i in range(3))
    field = shape.at(x[None, None, :], y[None, :, None], z[:, None, None])
    return float(np.count_nonzero(field < 0) * step_mm**3 / 1000)


def measure_pet(
    ideal: FloatArray, grid: Grid, fwhm_mm: float, noise: float, random: np.random.Generator
) -> FloatArray:
    """Blur to the scanner's resolution and add correlated noise.

    noise: relative SD at SUV 5; it falls with the square root of the uptake. Values below 0 are cut, as
    iterative reconstruction does. Attenuation and scatter are not modelled.
    """
    sigma = [fwhm_mm / 2.3548 / s for s in reversed(grid.spacing_xyz_mm)]
    blurred = gaussian_filter(ideal, sigma, mode="constant", truncate=3.5)
    grain = correlated_noise(grid, 4.2, random)
    level = np.float32(noise) * np.sqrt(np.float32(5.0) * (blurred + np.float32(0.02)))
    return np.asarray(np.maximum(blurred + level * grain, 0), dtype=np.float32)


def correlated_noise(grid: Grid, fwhm_mm: float, random: np.random.Generator) -> FloatArray:
    """Zero mean, unit SD float32 [z, y, x], smooth over about `fwhm_mm`."""
    white = random.standard_normal(grid.shape_zyx, dtype=np.float32)
    sigma = [fwhm_mm / 2.3548 / s for s in reversed(grid.spacing_xyz_mm)]
    smooth: npt.NDArray[np.float32] = gaussian_filter(white, sigma, truncate=3.0)
    return np.asarray(smooth / smooth.std(), dtype=np.float32)


def measure_ct(ideal: FloatArray, grid: Grid, noise_hu: float, random: np.random.Generator) -> FloatArray:
    """Slight blur, grainy noise, rounded to whole HU as stored."""
    sigma = [0.9 / s for s in reversed(grid.spacing_xyz_mm)]
    image = gaussian_filter(ideal, sigma, mode="nearest", truncate=3.0)
    image += np.float32(noise_hu) * correlated_noise(grid, 2.2, random)
    return np.asarray(np.rint(np.clip(image, -1024, 3071)), dtype=np.float32)
