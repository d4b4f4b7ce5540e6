"""`make_phantom`: one seed in, one synthetic patient with PET, CT and true lesions out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid
from annotations.imaging.phantom.frame import build_frame
from annotations.imaging.phantom.lesions import PlannedLesion, plan_lesions
from annotations.imaging.phantom.organs import build_organs
from annotations.imaging.phantom.person import Part, Person, draw_person
from annotations.imaging.phantom.scan import label_lesions, measure_ct, measure_pet, paint, shape_volume_ml
from annotations.imaging.phantom.shapes import inside_of, stack
from annotations.imaging.volume import FloatArray, LabelArray

Size = Literal["small", "full"]
FWHM_MM = 5.5
NOISE_AT_SUV_5 = 0.15
CT_NOISE_HU = 11.0
LEAST_LESION_ML = 0.1


@dataclass(frozen=True)
class PhantomLesion:
    """True values of one lesion.

    label: in the truth map. site: liver | node | bone | lung. volume_ml: of its voxels on the PET grid;
    shape_volume_ml: of its ideal surface. uptake_suv: painted, before blur and noise. suv_max, suv_mean:
    of the PET image over its voxels.
    """

    label: int
    site: str
    centre_xyz_mm: tuple[float, float, float]
    volume_ml: float
    shape_volume_ml: float
    uptake_suv: float
    suv_max: float
    suv_mean: float


@dataclass(frozen=True)
class Phantom:
    """Synthetic patient. pet_suv: float32 [z, y, x] SUVbw; ct_hu: float32 [z, y, x] HU, own grid, same
    frame of reference; truth: uint16 [z, y, x] on the PET grid, 0 background, label n is lesions[n - 1].
    """

    seed: int
    size: Size
    negative: bool
    person: Person
    pet_suv: FloatArray
    pet_grid: Grid
    ct_hu: FloatArray
    ct_grid: Grid
    truth: LabelArray
    lesions: tuple[PhantomLesion, ...]


def phantom_grids(size: Size) -> tuple[Grid, Grid]:
    """PET and CT grid. The patient lies head first, supine; z = 0 is the top of the head."""
    if size == "small":
        return _centred((200, 128, 128), (4.07283, 4.07283, 5.0)), _centred(
            (250, 192, 192), (2.734, 2.734, 4.0)
        )
    if size == "full":
        return _centred((326, 200, 200), (4.07283, 4.07283, 3.0)), _centred(
            (326, 400, 400), (1.36719, 1.36719, 3.0)
        )
    raise InvalidInput("A phantom is small or full.", size=size)


def _centred(shape_zyx: tuple[int, int, int], spacing: tuple[float, float, float]) -> Grid:
    nz, ny, nx = shape_zyx
    origin = (-(nx - 1) / 2 * spacing[0], -(ny - 1) / 2 * spacing[1], 12.0 - (nz - 1) * spacing[2])
    return Grid(shape_zyx, spacing, tuple(round(v, 4) for v in origin))  # type: ignore[arg-type]  # three of them


def make_phantom(seed: int, size: Size = "small", negative: bool = False) -> Phantom:
    """Make the phantom of `seed`. The same arguments give the same voxels.

    negative: a negative control without lesions, the same person otherwise. Raises InvalidInput for
    a seed below 0 or an unknown size.
    """
    if seed < 0:
        raise InvalidInput("The seed of a phantom is 0 or more.", seed=seed)
    pet_grid, ct_grid = phantom_grids(size)
    anatomy, disease, grain = (np.random.default_rng([seed, stream]) for stream in range(3))
    person = draw_person(anatomy)
    frame = build_frame(person, anatomy)
    organs = build_organs(frame, anatomy)
    parts = (*frame.parts, *organs.parts)
    planned = plan_lesions(person, frame, organs, disease, negative)
    planned = _large_enough(pet_grid, planned)
    truth = label_lesions(pet_grid, planned)
    pet = measure_pet(
        paint(pet_grid, person, parts, planned, "suv"), pet_grid, FWHM_MM, NOISE_AT_SUV_5, grain
    )
    ct_parts = (_table(), *parts)
    ct = measure_ct(paint(ct_grid, person, ct_parts, planned, "hu"), ct_grid, CT_NOISE_HU, grain)
    lesions = _true_values(pet, pet_grid, truth, planned)
    return Phantom(seed, size, negative, person, pet, pet_grid, ct, ct_grid, truth, lesions)


def _table() -> Part:
    """The scanner's table under the patient: a curved board, seen on CT alone."""
    top, under = (
        stack([(-30, 215, 60, 82), (1400, 215, 60, 82)]),
        stack([(-30, 220, 60, 94), (1400, 220, 60, 94)]),
    )
    board = inside_of(under, lambda x, y, d: np.maximum(-top.at(x, y, d), 118 - y))
    return Part("table", board, None, -150)


def _large_enough(grid: Grid, planned: list[PlannedLesion]) -> list[PlannedLesion]:
    """Drop lesions that end up with less than 0.1 mL of voxels before they are painted."""
    while planned:
        counts = np.bincount(label_lesions(grid, planned).ravel(), minlength=len(planned) + 1)[1:]
        kept = [
            p for p, n in zip(planned, counts, strict=True) if n * grid.voxel_volume_ml >= LEAST_LESION_ML
        ]
        if len(kept) == len(planned):
            return planned
        planned = kept
    return planned


def _true_values(
    pet: FloatArray, grid: Grid, truth: LabelArray, planned: list[PlannedLesion]
) -> tuple[PhantomLesion, ...]:
    lesions = []
    flat, values = truth.ravel(), pet.ravel()
    order = np.flatnonzero(flat)
    for label, plan in enumerate(planned, start=1):
        inside = values[order[flat[order] == label]].astype(np.float64)
        lesions.append(
            PhantomLesion(
                label=label,
                site=plan.site,
                centre_xyz_mm=plan.centre_xyz_mm,
                volume_ml=len(inside) * grid.voxel_volume_ml,
                shape_volume_ml=shape_volume_ml(plan.shape(), max(0.5, plan.radius_mm / 20)),
                uptake_suv=plan.uptake_suv,
                suv_max=float(inside.max()),
                suv_mean=float(inside.mean()),
            )
        )
    return tuple(lesions)
