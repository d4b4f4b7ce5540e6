import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.body import NoBody, holes, outline_body

from .cases import ball, grid


def person(noise=0.0):
    """A trunk with a cold lung, two legs apart from each other, air with a hot speck. 4 mm voxels."""
    space = grid((40, 60, 80), (4.0, 4.0, 4.0))
    body = np.zeros(space.shape_zyx, bool)
    body[18:, 15:45, 15:65] = True
    body[:18, 20:40, 16:34] = body[:18, 20:40, 46:64] = True
    suv = np.where(body, 0.5, 0.004).astype(np.float32)
    suv[24:36, 22:38, 25:38] = 0.01
    suv[20, 5, 5] = 30.0
    suv[30, 30, 50] = 60.0
    suv += noise * np.random.default_rng(0).standard_normal(suv.shape).astype(np.float32)
    return suv, space, body


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_trunk_lung_and_both_legs_are_body_and_the_speck_is_not(noise):
    suv, space, body = person(noise)
    found = outline_body(suv, space)
    assert not found[20, 5, 5]
    assert found[24:36, 22:38, 25:38].all()
    assert found[10, 30, 20]
    assert found[10, 30, 60]
    assert (found >= body).all()  # nothing of the body is lost
    assert (found <= ndimage.binary_dilation(body, np.ones((3, 3, 3)))).all()  # nor much air taken


def test_separate_legs_in_a_crop_are_both_kept():
    suv, space, _ = person()
    legs = grid((16, 60, 80), space.spacing_xyz_mm)
    found = outline_body(suv[:16], legs)
    assert found[8, 30, 20]
    assert found[8, 30, 60]


def test_an_empty_image_has_no_body():
    with pytest.raises(NoBody) as refused:
        outline_body(np.zeros((5, 5, 5), np.float32), grid((5, 5, 5)))
    assert refused.value.code == "no_body"


def test_values_that_are_not_numbers_are_air():
    suv, space, _ = person()
    suv[:, :3] = np.nan
    assert not outline_body(suv, space)[:, :2].any()


def test_holes_are_closed_only_where_they_are_closed():
    ring = ball((1, 11, 11), (0, 5, 5), 4)[0] & ~ball((1, 11, 11), (0, 5, 5), 2)[0]
    assert holes(ring)[5, 5]
    assert holes(ring).sum() == ball((1, 11, 11), (0, 5, 5), 2).sum()
    open_ring = ring.copy()
    open_ring[:, 5] = False
    assert not holes(open_ring).any()
    assert not holes(np.zeros((3, 3), bool)).any()
    assert not holes(np.ones((3, 3), bool)).any()
