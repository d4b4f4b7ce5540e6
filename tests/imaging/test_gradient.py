import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.gradient import gradient_boundary
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
