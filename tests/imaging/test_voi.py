"""Drawn volumes of interest, by hand: boxes, spheres, outlines on planes, what lies between planes."""

import numpy as np
import pytest

from annotations.imaging.checks import OutsideGrid
from annotations.imaging.geometry import Grid
from annotations.imaging.voi import BoxShape, EmptyVoi, PlanesShape, SphereShape, VoiTooComplex, voi_mask

GRID = Grid((9, 10, 12), (2.0, 3.0, 4.0), (-10.0, 20.0, 5.0))


def whole(add, subtract=(), grid=GRID) -> np.ndarray:
    box, inside = voi_mask(add, subtract, grid)
    mask = np.zeros(grid.shape_zyx, dtype=bool)
    mask[box] = inside
    return mask


def square(centre: tuple[float, float], half: float) -> list[tuple[float, float]]:
    u, v = centre
    return [(u - half, v - half), (u + half, v - half), (u + half, v + half), (u - half, v + half)]


def test_a_box_holds_both_its_corners_in_any_order():
    mask = whole([BoxShape((5, 2, 7), (3, 4, 6))])
    wanted = np.zeros(GRID.shape_zyx, dtype=bool)
    wanted[3:6, 2:5, 6:8] = True
    assert np.array_equal(mask, wanted)


def test_a_sphere_is_measured_in_mm():
    centre = tuple(float(v) for v in GRID.index_to_world((5, 5, 4)))
    mask = whole([SphereShape(centre, 4.0)])
    # x every 2 mm: 2 voxels each way; y every 3 mm: 1; z every 4 mm: 1; and x, y = (1, 1): 13 mm2 < 16.
    assert [tuple(i) for i in np.argwhere(mask)] == sorted(
        {(4, 5, x) for x in range(3, 8)}
        | {(4, y, x) for y in (4, 6) for x in (4, 5, 6)}
        | {(3, 5, 5), (5, 5, 5)}
    )


def test_shapes_are_joined_then_others_taken_out():
    mask = whole(
        [BoxShape((1, 1, 1), (2, 2, 2)), BoxShape((7, 8, 9), (7, 8, 11))],
        [BoxShape((2, 2, 2), (7, 8, 9)), BoxShape((0, 0, 0), (0, 0, 0))],
    )
    wanted = np.zeros(GRID.shape_zyx, dtype=bool)
    wanted[1:3, 1:3, 1:3] = True
    wanted[7, 8, 9:12] = True
    wanted[2:8, 2:9, 2:10] = False
    assert np.array_equal(mask, wanted)


@pytest.mark.parametrize(
    ("axis", "place"),
    [("z", np.s_[4, 3:6, 4:8]), ("y", np.s_[3:6, 4, 4:8]), ("x", np.s_[3:6, 4:8, 4])],
)
def test_u_and_v_are_the_other_axes_in_the_order_x_y_z(axis, place):
    corners = [(3.5, 2.5), (7.5, 2.5), (7.5, 5.5), (3.5, 5.5)]  # u 4..7, v 3..5
    wanted = np.zeros(GRID.shape_zyx, dtype=bool)
    wanted[place] = True
    assert np.array_equal(whole([PlanesShape(axis, {4: [corners]})]), wanted)


def test_squares_of_half_4_and_2_have_one_of_half_3_midway():
    space = Grid((3, 11, 11), (1.0, 1.0, 1.0))
    mask = whole([PlanesShape("z", {0: [square((5, 5), 4.2)], 2: [square((5, 5), 2.2)]})], grid=space)
    for plane, half in enumerate((4, 3, 2)):
        wanted = np.zeros((11, 11), dtype=bool)
        wanted[5 - half : 6 + half, 5 - half : 6 + half] = True
        assert np.array_equal(mask[plane], wanted)


def test_the_weights_follow_the_planes_and_not_the_middle():
    space = Grid((5, 19, 19), (1.0, 1.0, 1.0))
    mask = whole([PlanesShape("z", {0: [square((9, 9), 8.5)], 4: [square((9, 9), 0.5)]})], grid=space)
    # Half width 8.5, 6.5, 4.5, 2.5, 0.5: on the axis, where the nearest edge is the side.
    assert [int(plane[9].sum()) for plane in mask] == [17, 13, 9, 5, 1]


def test_distances_between_planes_are_in_mm_on_anisotropic_pixels():
    """Offset in x only: the same outline moved by 4 voxels of 2 mm moves by 2 voxels midway."""
    space = Grid((3, 9, 30), (2.0, 5.0, 3.0))
    first = [(2.5, 0.5), (16.5, 0.5), (16.5, 7.5), (2.5, 7.5)]
    second = [(u + 4, v) for u, v in first]
    mask = whole([PlanesShape("z", {0: [first], 2: [second]})], grid=space)
    columns = [np.flatnonzero(plane[4]) for plane in mask]
    assert [(int(c[0]), int(c[-1])) for c in columns] == [(3, 16), (5, 18), (7, 20)]


def test_outlines_on_one_plane_are_joined_and_a_crossing_one_is_even_odd():
    two = whole([PlanesShape("z", {1: [square((2, 2), 1.2), square((7, 7), 1.2)]})])
    assert two.sum() == 18
    inner, outer = square((5, 5), 1.2), square((5, 5), 3.2)
    ring = [*outer, outer[0], inner[0], *reversed(inner), outer[0]]
    mask = whole([PlanesShape("z", {1: [ring]})])
    assert mask.sum() == 49 - 9
    assert not mask[1, 5, 5]


def test_nothing_is_added_beyond_the_outermost_planes():
    mask = whole([PlanesShape("z", {2: [square((5, 5), 2.2)], 6: [square((5, 5), 2.2)]})])
    assert np.flatnonzero(mask.any(axis=(1, 2))).tolist() == [2, 3, 4, 5, 6]


def test_outlines_may_reach_beyond_the_image():
    mask = whole([PlanesShape("z", {0: [square((0, 0), 3.5)]})])
    assert np.array_equal(np.argwhere(mask[0]), np.argwhere(np.ones((4, 4))))


def test_what_cannot_be_is_refused():
    with pytest.raises(OutsideGrid):
        whole([PlanesShape("z", {9: [square((5, 5), 2)]})])
    with pytest.raises(EmptyVoi):
        whole([SphereShape((1000.0, 0.0, 0.0), 5.0)])
    with pytest.raises(EmptyVoi):
        whole([BoxShape((1, 1, 1), (2, 2, 2))], [BoxShape((0, 0, 0), (5, 5, 5))])
    with pytest.raises(EmptyVoi):
        whole([])
    many = [(5 + np.cos(a), 5 + np.sin(a)) for a in np.linspace(0, 6, 5000)]
    with pytest.raises(VoiTooComplex):
        whole([PlanesShape("z", {1: [many]})])
