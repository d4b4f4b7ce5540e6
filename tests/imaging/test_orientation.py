import itertools

import numpy as np
import pytest

from annotations.imaging.orientation import patient_orientation

from .cases import ROTATED, grid


def directions():
    """All 24 right-handed ways to store a volume along the patient's axes."""
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            matrix = np.zeros((3, 3))
            for column, (row, sign) in enumerate(zip(order, signs, strict=True)):
                matrix[row, column] = sign
            if np.linalg.det(matrix) > 0:
                yield tuple(matrix.ravel().tolist())


@pytest.mark.parametrize("direction", list(directions()))
def test_every_storage_order_is_turned_to_head_back_left(direction):
    space = grid((3, 4, 5), (1.0, 2.0, 3.0), direction=direction)
    orientation = patient_orientation(space)
    world = space.index_to_world(np.argwhere(np.ones(space.shape_zyx, bool))[:, ::-1])
    for axis in range(3):  # x left, y back, z head grow along the turned axes
        place = orientation.turn(world[:, axis].reshape(space.shape_zyx))
        assert place.shape == orientation.turned_shape_zyx
        steps = np.diff(place, axis=2 - axis)
        assert np.allclose(steps, orientation.spacing_xyz_mm[axis])
    numbers = np.arange(60).reshape(space.shape_zyx)
    for index in ((0, 0, 0), (2, 1, 4), (1, 3, 2)):
        turned = orientation.index_to(index)
        assert orientation.turn(numbers)[turned] == numbers[index]
        assert orientation.index_from(turned) == index


def test_a_tilted_grid_is_shown_along_its_nearest_axes():
    orientation = patient_orientation(grid((3, 4, 5), direction=ROTATED))
    assert (orientation.order, orientation.flipped) == ((0, 1, 2), (False, False, False))
