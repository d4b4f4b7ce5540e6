import numpy as np
import pytest

from annotations.imaging.spheres import sphere_in_grid

from .cases import PRONE, ROTATED, grid

SPACINGS = [(2.0, 2.0, 3.0), (4.07283, 4.07283, 5.0), (0.1, 0.3, 0.7), (2.7344, 2.7344, 3.27)]
ORIGIN = (-341.7, 212.3, -1009.9)


@pytest.mark.parametrize("direction", [None, ROTATED, PRONE])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_voxels_exactly_on_the_radius_belong_whatever_the_rounding(spacing, direction):
    space = grid((15, 15, 15), spacing, ORIGIN, direction)
    centre = tuple(float(v) for v in space.index_to_world((7, 7, 7)))
    for axis in range(3):
        for steps in range(1, 8):
            box, inside = sphere_in_grid(space, centre, steps * spacing[axis])
            whole = np.zeros(space.shape_zyx, dtype=bool)
            whole[box] = inside
            for sign in (-1, 1):
                index = [7, 7, 7]
                index[2 - axis] += sign * steps
                assert whole[tuple(index)], (axis, steps, sign)


def test_a_pythagorean_distance_is_on_the_radius_and_a_hair_less_is_not():
    space = grid((9, 9, 9), (0.1, 0.1, 0.1), ORIGIN)
    centre = tuple(float(v) for v in space.index_to_world((4, 4, 4)))
    box, inside = sphere_in_grid(space, centre, 0.5)  # 3, 4, 5
    assert np.argwhere(inside).tolist()
    assert inside[4 - box[0].start, 0, 1]
    assert sphere_in_grid(space, centre, 0.5 - 1e-5)[1].sum() < inside.sum()


def test_a_sphere_that_misses_the_grid_is_empty():
    _, inside = sphere_in_grid(grid((4, 4, 4)), (50.0, 1.0, 1.0), 3.0)
    assert inside.size == 0
