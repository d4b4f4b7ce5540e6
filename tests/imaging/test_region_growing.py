import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.checks import OutsideGrid
from annotations.imaging.region_growing import climb_to_maximum, grow_from_seed, grow_percent_of_maximum
from annotations.imaging.thresholds import UndefinedThreshold

from .cases import ROTATED, ball, grid


def line(*values):
    return np.array([[values]], np.float32), grid((1, 1, len(values)), (4.0, 4.0, 4.0))


def picked(mask):
    return np.flatnonzero(mask).tolist()


def test_only_voxels_strictly_above_and_connected_belong():
    suv, space = line(5, 3, 4, 6, 3, 7)
    assert picked(grow_from_seed(suv, space, (0, 0, 3), 3.0)) == [2, 3]


def test_a_seed_below_the_threshold_or_taken_gives_nothing():
    suv, space = line(5, 3, 4, 6)
    assert picked(grow_from_seed(suv, space, (0, 0, 1), 3.0)) == []
    assert picked(grow_from_seed(suv, space, (0, 0, 3), 3.0, blocked=np.array([[[0, 0, 0, 2]]]))) == []


def test_blocked_voxels_are_neither_entered_nor_crossed():
    suv, space = line(5, 5, 5, 5, 5)
    blocked = np.array([[[0, 0, 9, 0, 0]]], np.uint16)
    assert picked(grow_from_seed(suv, space, (0, 0, 0), 1.0, blocked=blocked)) == [0, 1]


def test_growth_stops_at_the_radius():
    suv, space = line(*[5] * 12)
    assert picked(grow_from_seed(suv, space, (0, 0, 5), 1.0, stop_radius_mm=8.0)) == [3, 4, 5, 6, 7]
    assert picked(grow_from_seed(suv, space, (0, 0, 5), 1.0, stop_radius_mm=0.0)) == [5]


def test_connectivity_is_respected():
    suv = np.zeros((2, 2, 2), np.float32)
    suv[0, 0, 0] = suv[1, 1, 1] = 9
    space = grid(suv.shape)
    assert grow_from_seed(suv, space, (0, 0, 0), 1.0, connectivity=26).sum() == 2
    assert grow_from_seed(suv, space, (0, 0, 0), 1.0, connectivity=18).sum() == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("radius_mm", [None, 60.0])
def test_growth_agrees_with_a_slow_twin_also_where_the_region_winds_far(seed, radius_mm):
    rng = np.random.default_rng(seed)
    suv = ndimage.gaussian_filter(rng.random((20, 70, 130)).astype(np.float32), 2)
    space = grid(suv.shape, (2.0, 2.0, 3.0), (1.0, 2.0, 3.0), ROTATED)
    start = tuple(int(i) for i in np.argwhere(suv > np.quantile(suv, 0.6))[1000 * seed + 50])
    blocked = ball(suv.shape, (10, 30, 60), 8)
    blocked[start] = False
    allowed = (suv > np.float32(np.quantile(suv, 0.5))) & ~blocked
    if radius_mm is not None:
        allowed &= ball(suv.shape, start, radius_mm, space.spacing_xyz_mm)
    labels, _ = ndimage.label(allowed, np.ones((3, 3, 3)))
    wanted = labels == labels[start]
    grown = grow_from_seed(suv, space, start, float(np.quantile(suv, 0.5)), radius_mm, blocked)
    assert wanted.sum() > 200
    assert np.array_equal(grown, wanted)


def test_climbing_takes_the_hill_of_the_seed_not_the_hotter_neighbour():
    suv, space = line(1, 2, 4, 3, 1, 0.5, 1, 20, 1)
    top = climb_to_maximum(suv, space, (0, 0, 1), radius_mm=40.0)
    assert (top.suv, top.index_zyx, top.steps) == (4.0, (0, 0, 2), 1)


def test_climbing_stays_within_its_radius():
    suv, space = line(*range(10))
    assert climb_to_maximum(suv, space, (0, 0, 2), radius_mm=8.0).index_zyx == (0, 0, 4)


def test_climbing_goes_on_over_many_steps_and_on_a_rotated_grid():
    place = np.indices((9, 30, 9)).astype(np.float32)
    suv = 50 - np.abs(place[1] - 25) - np.abs(place[0] - 4) - np.abs(place[2] - 4)
    space = grid(suv.shape, (2.0, 2.0, 3.0), (5.0, 5.0, 5.0), ROTATED)
    top = climb_to_maximum(suv, space, (4, 2, 3), radius_mm=100.0)
    assert top.index_zyx == (4, 25, 4)
    assert top.steps > 5


def test_percent_of_the_local_maximum():
    suv, space = line(1, 3, 10, 6, 4, 0, 30, 20)
    mask, threshold = grow_percent_of_maximum(suv, space, (0, 0, 1), 50.0)
    assert threshold.suv == 5.0
    assert threshold.parameters["maximum_index_zyx"] == [0, 0, 2]
    assert picked(mask) == [2, 3]  # the seed itself lies below


def test_nonsense_is_refused():
    suv, space = line(1, 2)
    with pytest.raises(OutsideGrid):
        grow_from_seed(suv, space, (0, 0, 2), 1.0)
    with pytest.raises(UndefinedThreshold):
        grow_from_seed(suv, space, (0, 0, 1), float("nan"))
