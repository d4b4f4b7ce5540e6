"""A seed with a background-adapted threshold: the numbers by hand on a profile without blur."""

import numpy as np
import pytest

from annotations.imaging.geometry import Grid
from annotations.imaging.region_growing import grow_background_adapted
from annotations.imaging.thresholds import UndefinedThreshold

GRID = Grid((21, 21, 21), (4.0, 4.0, 4.0))
MIDDLE = (10, 10, 10)


def hot_cube(background: float = 2.0, core: float = 10.0, rim: float = 7.0) -> np.ndarray:
    """3 x 3 x 3 of `core` in 5 x 5 x 5 of `rim`."""
    suv = np.full(GRID.shape_zyx, background, dtype=np.float32)
    suv[8:13, 8:13, 8:13] = rim
    suv[9:12, 9:12, 9:12] = core
    return suv


@pytest.mark.parametrize(("fraction", "wanted"), [(0.5, 125), (0.6, 125), (0.65, 27), (0.9, 27)])
def test_the_threshold_lies_that_share_of_the_way_up_from_the_background(fraction, wanted):
    mask, threshold = grow_background_adapted(hot_cube(), GRID, MIDDLE, fraction, 40.0)
    assert threshold.parameters["background_suv"] == 2.0
    assert threshold.parameters["maximum_suv"] == 10.0
    assert threshold.suv == pytest.approx(2.0 + fraction * 8.0)
    assert mask.sum() == wanted


def test_a_neighbour_in_the_shell_does_not_move_the_median():
    suv = hot_cube()
    suv[10, 10, 15] = 60.0  # 12 mm from the rim, and no way to it in 5 mm steps
    assert grow_background_adapted(suv, GRID, MIDDLE, 0.5, 40.0)[1].parameters["background_suv"] == 2.0


def test_blocked_voxels_are_neither_background_nor_region():
    suv, blocked = hot_cube(), np.zeros(GRID.shape_zyx, dtype=bool)
    blocked[:, :, 11:] = True
    suv[:, :, 13:] = 50.0
    mask, threshold = grow_background_adapted(
        suv, GRID, MIDDLE, 0.5, 40.0, climb_radius_mm=0.1, blocked=blocked
    )
    assert threshold.parameters["background_suv"] == 2.0
    assert mask.sum() == 5 * 5 * 3


def test_without_contrast_there_is_no_threshold():
    flat = np.full(GRID.shape_zyx, 3.0, dtype=np.float32)
    with pytest.raises(UndefinedThreshold):
        grow_background_adapted(flat, GRID, MIDDLE, 0.5, 20.0)
