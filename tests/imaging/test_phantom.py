"""A phantom is a believable synthetic patient whose truth is known."""

import functools

import numpy as np
import pytest

from annotations.errors import InvalidInput
from annotations.imaging.components import label_components
from annotations.imaging.phantom import Phantom, PhantomLesion, make_phantom
from annotations.imaging.phantom.frame import build_frame
from annotations.imaging.phantom.lesions import MOST_LESIONS, plan_lesions
from annotations.imaging.phantom.model import phantom_grids
from annotations.imaging.phantom.organs import build_organs
from annotations.imaging.phantom.person import draw_person
from annotations.imaging.phantom.scan import shape_volume_ml
from annotations.imaging.volume import BoolArray

SEEDS = (3, 4)


@functools.cache
def phantom(seed: int, negative: bool = False) -> Phantom:
    return make_phantom(seed, "small", negative)


def organ(made: Phantom, name: str, erode_mm: float = 6.0) -> BoolArray:
    """Voxels at least `erode_mm` inside an organ, without lesions or anything near one."""
    rng = np.random.default_rng([made.seed, 0])
    person = draw_person(rng)
    frame = build_frame(person, rng)
    shapes = {**build_organs(frame, rng).shapes, "lungs": frame.lungs, "outline": frame.outline}
    z, y, x = np.meshgrid(*(np.arange(n) for n in made.pet_grid.shape_zyx), indexing="ij", sparse=True)
    sx, sy, sz = made.pet_grid.spacing_xyz_mm
    ox, oy, oz = made.pet_grid.origin_xyz_mm
    place = person.to_standard(*(np.float32(v) for v in (ox + sx * x, oy + sy * y, oz + sz * z)))
    return np.asarray(shapes[name].at(*place) < -erode_mm)


def mean_suv(made: Phantom, name: str, erode_mm: float = 6.0) -> float:
    return float(made.pet_suv[organ(made, name, erode_mm)].mean())


def test_the_same_seed_gives_the_same_voxels_and_another_seed_another_person() -> None:
    again = make_phantom(3)
    assert np.array_equal(again.pet_suv, phantom(3).pet_suv)
    assert np.array_equal(again.ct_hu, phantom(3).ct_hu)
    assert again.lesions == phantom(3).lesions
    assert phantom(4).person != phantom(3).person


@pytest.mark.parametrize("seed", SEEDS)
def test_organs_take_the_tracer_up_as_somatostatin_receptors_do(seed: int) -> None:
    made = phantom(seed, negative=True)
    assert 3.7 < mean_suv(made, "liver", 12) < 6.1
    assert float(np.percentile(made.pet_suv[organ(made, "liver", 12)], 99.5)) < 9
    assert 8 < mean_suv(made, "spleen", 8) < 25
    assert 6 < mean_suv(made, "kidneys", 4) < 16
    assert 0.7 < mean_suv(made, "heart chambers", 6) < 1.5
    assert mean_suv(made, "lungs", 10) < 0.6
    assert mean_suv(made, "bladder", 6) > 4


@pytest.mark.parametrize("seed", SEEDS)
def test_the_liver_is_on_the_right_and_the_head_on_top(seed: int) -> None:
    made = phantom(seed, negative=True)
    z, y, x = (float(v.mean()) for v in np.nonzero(organ(made, "liver")))
    assert made.pet_grid.index_to_world((x, y, z))[0] < -30
    pituitary_z = np.nonzero(organ(made, "pituitary", 0.0))[0].mean()
    bladder_z = np.nonzero(organ(made, "bladder", 0.0))[0].mean()
    assert pituitary_z > z > bladder_z


@pytest.mark.parametrize("seed", SEEDS)
def test_air_outside_the_body_is_nearly_empty(seed: int) -> None:
    made = phantom(seed)
    air = ~organ(made, "outline", -25.0)
    assert float(made.pet_suv[air].mean()) < 0.05
    assert float(made.ct_hu[:, :20].mean()) < -950


@pytest.mark.parametrize("seed", SEEDS)
def test_ct_shows_lung_fat_soft_tissue_and_bone(seed: int) -> None:
    made = phantom(seed)
    shares = [np.mean((made.ct_hu > low) & (made.ct_hu < high)) for low, high in
              ((-900, -700), (-130, -60), (20, 90), (300, 1300))]  # fmt: skip
    assert min(shares) > 0.002
    assert made.ct_hu.min() >= -1024
    assert made.ct_hu.max() <= 3071
    assert np.array_equal(made.ct_hu, np.rint(made.ct_hu))


def test_pet_and_ct_have_their_own_grids_of_one_space() -> None:
    made = phantom(3)
    assert made.ct_grid.spacing_xyz_mm[0] < made.pet_grid.spacing_xyz_mm[0]
    for grid in (made.pet_grid, made.ct_grid):
        top = grid.index_to_world((0, 0, grid.shape_zyx[0] - 1))[2]
        assert top == pytest.approx(12.0, abs=0.01)
    assert made.pet_suv.shape == made.truth.shape == made.pet_grid.shape_zyx
    assert made.ct_hu.shape == made.ct_grid.shape_zyx
    assert made.truth.dtype == np.uint16


@pytest.mark.parametrize("seed", SEEDS)
def test_true_values_are_those_of_the_image(seed: int) -> None:
    made = phantom(seed)
    assert 1 <= len(made.lesions) <= MOST_LESIONS
    assert set(np.unique(made.truth)) == {0, *(lesion.label for lesion in made.lesions)}
    for lesion in made.lesions:
        inside = made.pet_suv[made.truth == lesion.label]
        assert lesion.volume_ml == pytest.approx(inside.size * 4.07283**2 * 5 / 1000)
        assert lesion.suv_max == pytest.approx(inside.max())
        assert lesion.suv_mean == pytest.approx(inside.mean(dtype=np.float64))


@pytest.mark.parametrize("seed", SEEDS)
def test_large_lesions_have_the_volume_of_their_shape_and_their_painted_uptake(seed: int) -> None:
    made = phantom(seed)
    large = [lesion for lesion in made.lesions if lesion.shape_volume_ml > 5]
    assert large
    for lesion in large:
        assert lesion.volume_ml == pytest.approx(lesion.shape_volume_ml, rel=0.08)
        assert lesion.suv_max == pytest.approx(lesion.uptake_suv, rel=0.35)


def surroundings(made: Phantom, lesion: PhantomLesion) -> float:
    """Mean SUV in the box round a lesion, outside all lesions."""
    z, y, x = (
        np.flatnonzero((made.truth == lesion.label).any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))
    )
    box = tuple(slice(max(0, a[0] - 3), a[-1] + 4) for a in (z, y, x))
    return float(np.median(made.pet_suv[box][made.truth[box] == 0]))


def test_nearly_every_lesion_can_be_seen() -> None:
    lesions = [(made, lesion) for made in map(phantom, SEEDS) for lesion in made.lesions]
    seen = [lesion.suv_max > 1.3 * surroundings(made, lesion) for made, lesion in lesions]
    assert np.mean(seen) > 0.9


def test_a_negative_control_is_the_same_person_without_lesions() -> None:
    control, made = phantom(3, negative=True), phantom(3)
    assert control.lesions == ()
    assert not control.truth.any()
    assert control.person == made.person
    head = slice(-40, None)
    assert np.array_equal(control.pet_suv[head], made.pet_suv[head])


def test_disease_is_varied_over_the_seeds() -> None:
    counts, sites, volumes, uptakes = [], set(), [], []
    for seed in range(8):
        rng, disease = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
        person = draw_person(rng)
        frame = build_frame(person, rng)
        planned = plan_lesions(person, frame, build_organs(frame, rng), disease, negative=False)
        counts.append(len(planned))
        sites |= {lesion.site for lesion in planned}
        volumes += [lesion.volume_ml for lesion in planned]
        uptakes += [lesion.uptake_suv for lesion in planned]
        assert shape_volume_ml(planned[0].shape(), 0.5) == pytest.approx(planned[0].volume_ml, rel=0.15)
    assert sites == {"liver", "node", "bone", "lung"}
    assert min(counts) < 6
    assert max(counts) > 20
    assert min(volumes) < 0.5
    assert max(volumes) > 20
    assert max(uptakes) > 5 * min(uptakes)


def test_every_label_is_one_piece() -> None:
    made = phantom(4)
    for lesion in made.lesions:
        assert label_components(made.truth == lesion.label, 26)[1] == 1


def test_a_person_is_placed_where_a_standard_point_says() -> None:
    person = draw_person(np.random.default_rng(1))
    world = person.to_world((20.0, -30.0, 500.0))
    back = person.to_standard(*(np.asarray(v, dtype=np.float32) for v in world))
    assert [float(v) for v in back] == pytest.approx([20, -30, 500], abs=0.05)


def test_the_full_size_has_clinical_voxels() -> None:
    pet, ct = phantom_grids("full")
    assert pet.shape_zyx == (326, 200, 200)
    assert ct.shape_zyx == (326, 400, 400)
    assert pet.spacing_xyz_mm == (4.07283, 4.07283, 3.0)


def test_a_negative_seed_and_an_unknown_size_are_refused() -> None:
    with pytest.raises(InvalidInput, match="0 or more"):
        make_phantom(-1)
    with pytest.raises(InvalidInput, match="small or full"):
        make_phantom(1, "huge")  # type: ignore[arg-type]
