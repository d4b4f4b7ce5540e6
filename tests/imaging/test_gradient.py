import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.boxes import grow_box, margins_of
from annotations.imaging.gradient import gradient_boundary
from annotations.imaging.phantom.model import make_phantom
from annotations.imaging.watershed import NotInRegion

from .cases import ball, grid, two_balls


def blurred_sphere(diameter_mm, contrast, noise):
    """Synthetic: a sphere between voxels of 2 mm, blurred to 6 mm, background 1."""
    random, size, fine = np.random.default_rng(diameter_mm), 41, 4
    centre = (size * fine - 1) / 2 + random.uniform(-0.5, 0.5, 3) * fine
    inside = ball((size * fine,) * 3, centre, diameter_mm / 2, (2.0 / fine,) * 3)
    share = inside.reshape(size, fine, size, fine, size, fine).mean(axis=(1, 3, 5))
    clean = 1 + (contrast - 1) * ndimage.gaussian_filter(share, 6 / 2.3548 / 2)
    return (clean + noise * np.sqrt(clean) * random.standard_normal(clean.shape)).astype(np.float32)


@pytest.mark.parametrize("noise", [0.05, 0.15])
@pytest.mark.parametrize("contrast", [4, 8])
@pytest.mark.parametrize(("diameter_mm", "limit"), [(37, 0.04), (28, 0.04), (22, 0.04), (17, 0.10)])
def test_a_blurred_sphere_is_bounded_at_its_surface(diameter_mm, limit, contrast, noise):
    suv = blurred_sphere(diameter_mm, contrast, noise)
    found = gradient_boundary(suv, grid(suv.shape, (2.0, 2.0, 2.0)), (20, 19, 22), 30.0)
    volume = np.count_nonzero(found.mask) * 8.0
    assert volume == pytest.approx(np.pi / 6 * diameter_mm**3, rel=limit)
    assert found.core_maximum_suv > found.boundary_suv > 1.5


def coarse_sphere(diameter_mm, contrast, seed):
    """Synthetic: a sphere blurred to 6 mm at 1 mm, averaged to voxels of 4 x 4 x 5 mm, noise 15 %."""
    random, fine = np.random.default_rng([diameter_mm, seed]), (5, 4, 4)
    shape = np.array([17, 21, 21])
    centre = (shape * fine - 1) / 2 + random.uniform(-0.5, 0.5, 3) * fine
    inside = ball(tuple(shape * fine), centre, diameter_mm / 2).astype(np.float32)
    share = ndimage.gaussian_filter(inside, 6 / 2.3548).reshape(17, 5, 21, 4, 21, 4).mean(axis=(1, 3, 5))
    clean = 1 + (contrast - 1) * share
    return (clean + 0.15 * np.sqrt(clean) * random.standard_normal(clean.shape)).astype(np.float32)


@pytest.mark.parametrize("contrast", [4, 8])
@pytest.mark.parametrize(
    ("diameter_mm", "limit"), [(37, 0.15), (28, 0.15), (22, 0.15), (17, 0.25), (13, 0.75)]
)
def test_voxels_of_five_millimetres_keep_the_volume_within_the_stated_error(diameter_mm, limit, contrast):
    for seed in range(6):
        suv = coarse_sphere(diameter_mm, contrast, seed)
        found = gradient_boundary(suv, grid(suv.shape, (4.0, 4.0, 5.0)), (8, 10, 10), 30.0)
        volume = np.count_nonzero(found.mask) * 80.0
        assert volume == pytest.approx(np.pi / 6 * diameter_mm**3, rel=limit), seed


@pytest.mark.parametrize("contrast", [4, 8])
def test_a_sphere_near_the_resolution_is_at_most_thirty_per_cent_off(contrast):
    suv = blurred_sphere(13, contrast, 0.15)
    found = gradient_boundary(suv, grid(suv.shape, (2.0, 2.0, 2.0)), (20, 20, 20), 30.0)
    assert np.count_nonzero(found.mask) * 8.0 == pytest.approx(np.pi / 6 * 13**3, rel=0.30)


def lone_lesions(phantom, apart_mm=12.0, radius_mm=30.0):
    """(true mL, hottest voxel) of lesions of 1 mL and more that lie alone and fit the search."""
    space = phantom.pet_grid
    for lesion, tight in zip(phantom.lesions, ndimage.find_objects(phantom.truth), strict=True):
        box = grow_box(tight, margins_of(space, apart_mm), space.shape_zyx)
        truth = phantom.truth[box]
        own, others = truth == lesion.label, (truth != 0) & (truth != lesion.label)
        away = ndimage.distance_transform_edt(~own, sampling=space.spacing_xyz_mm[::-1])
        reach_mm = (lesion.volume_ml * 1000 * 0.75 / np.pi) ** (1 / 3)
        if lesion.volume_ml < 1 or (others & (away < apart_mm)).any() or reach_mm + 6 > radius_mm:
            continue
        hottest = np.unravel_index(np.where(own, phantom.pet_suv[box], -1).argmax(), own.shape)
        yield lesion.volume_ml, tuple(int(i) + side.start for i, side in zip(hottest, box, strict=True))


def test_lone_lesions_of_phantoms_keep_their_size():
    ratios = []
    for seed in (0, 1, 2):
        phantom = make_phantom(seed)
        for volume_ml, hottest in lone_lesions(phantom):
            found = gradient_boundary(phantom.pet_suv, phantom.pet_grid, hottest, 30.0)
            ratios.append(np.count_nonzero(found.mask) * phantom.pet_grid.voxel_volume_ml / volume_ml)
    assert len(ratios) >= 10
    assert 0.7 < np.median(ratios) < 1.4


def test_the_gradient_keeps_out_of_neighbours_and_blocked_voxels():
    suv, _, space = two_balls(12, (8.0, 8.0))
    found = gradient_boundary(suv, space, (8, 12, 14), 24.0).mask
    assert found[8, 12, 14]
    assert not found[:, :, 22:].any()
    blocked = np.zeros(space.shape_zyx, np.uint16)
    blocked[:, :, 16:] = 9
    kept = gradient_boundary(suv, space, (8, 12, 13), 24.0, blocked=blocked).mask
    assert kept[8, 12, 13]
    assert not kept[:, :, 16:].any()


def test_a_seed_without_uptake_or_too_small_a_sphere_is_refused():
    suv, _, space = two_balls(9)
    with pytest.raises(NotInRegion):
        gradient_boundary(np.zeros_like(suv), space, (8, 12, 15), 20.0)
    with pytest.raises(NotInRegion):
        gradient_boundary(suv, space, (8, 12, 15), 2.0)
