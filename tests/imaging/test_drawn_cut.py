import numpy as np
import pytest
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.checks import OutsideGrid
from annotations.imaging.drawn_cut import CutDoesNotSeparate, DrawnLine, cut_along_line
from annotations.imaging.geometry import GridMismatch
from annotations.imaging.watershed import NotInRegion

from .cases import ANISOTROPIC, PRONE, ROTATED, ball, grid


def block(shape_zyx, low_zyx, high_zyx):
    mask = np.zeros(shape_zyx, dtype=bool)
    mask[tuple(slice(a, b) for a, b in zip(low_zyx, high_zyx, strict=True))] = True
    return mask


BAR = block((6, 8, 30), (1, 2, 3), (5, 6, 27))  # 4 x 4 x 24 voxels


@pytest.mark.parametrize("direction", [None, ROTATED, PRONE])
def test_a_bar_comes_apart_at_the_line_and_no_voxel_is_lost(direction):
    space = grid(BAR.shape, ANISOTROPIC, (-40.0, 7.0, 3.0), direction)
    cut = cut_along_line(BAR, space, DrawnLine("z", 2, [(10.4, 3.0), (10.4, 5.0)]))
    assert np.array_equal(cut.parts != 0, BAR)
    assert np.unique(cut.parts[:, :, :11]).tolist() == [0, 2]
    assert np.unique(cut.parts[:, :, 11:]).tolist() == [0, 1]
    # 16 columns of 8 voxels at x = 3 .. 10, and of 16 at x = 11 .. 26; 30 mm3 each.
    assert cut.volumes_ml == pytest.approx((16 * 16 * 0.03, 16 * 8 * 0.03), rel=1e-12)


@pytest.mark.parametrize(("axis", "points"), [
    ("z", [(10.4, 3.0), (10.4, 4.0)]),  # (x, y)
    ("y", [(10.4, 2.0), (10.4, 3.0)]),  # (x, z)
])  # fmt: skip
def test_points_are_in_the_order_x_y_z_of_the_two_other_axes(axis, points):
    cut = cut_along_line(BAR, grid(BAR.shape), DrawnLine(axis, 3, points), minimum_ml=0.0)
    assert (cut.parts[BAR][:8] == 2).all()
    assert (cut.parts[3, 3, 11:27] == 1).all()


def test_on_an_x_plane_the_points_are_y_and_z():
    tall = BAR.transpose(2, 1, 0)  # long axis along z
    line = DrawnLine("x", 3, [(3.0, 10.4), (4.0, 10.4)])
    cut = cut_along_line(tall, grid(tall.shape), line, minimum_ml=0.0)
    assert np.unique(cut.parts[:11]).tolist() == [0, 2]
    assert np.unique(cut.parts[11:]).tolist() == [0, 1]


@pytest.mark.parametrize("x", [10.0, 11.0])
def test_a_line_through_voxel_centres_leaves_them_all_on_one_side(x):
    cut = cut_along_line(BAR, grid(BAR.shape), DrawnLine("z", 2, [(x, 2.0), (x, 5.0)]), minimum_ml=0.0)
    assert np.unique(cut.parts[:, :, : int(x) + 1]).tolist() == [0, 2]
    assert np.unique(cut.parts[:, :, int(x) + 1 :]).tolist() == [0, 1]


def slow_sides(mask, start, end):
    """The side of an endless straight line (x, y) for each voxel of a mask."""
    _, y, x = np.nonzero(mask)
    return (end[0] - start[0]) * (y - start[1]) > (end[1] - start[1]) * (x - start[0])


@pytest.mark.parametrize("angle", np.linspace(0.05, 3.1, 13))
def test_a_slanted_cut_through_a_ball_is_the_half_plane_and_watertight(angle):
    space = grid((21, 25, 31), (2.0, 2.5, 3.0), direction=ROTATED)
    mass = ball(space.shape_zyx, (10.2, 12.1, 15.3), 22.0, space.spacing_xyz_mm)
    start = np.array([15.1, 12.4])
    end = start + 0.7 * np.array([np.cos(angle), np.sin(angle)])  # far shorter than the mass
    cut = cut_along_line(mass, space, DrawnLine("z", 10, [tuple(start), tuple(end)]))
    sides = slow_sides(mass, start, end)
    assert len(cut.volumes_ml) == 2
    assert {len(np.unique(sides[cut.parts[mass] == k])) for k in (1, 2)} == {1}
    # With the wall's voxels open by faces only: each part hangs together on its own.
    assert [ndimage.label(cut.parts == k)[1] for k in (1, 2)] == [1, 1]
    assert sum(cut.volumes_ml) == pytest.approx(mass.sum() * space.voxel_volume_ml, rel=1e-12)


def test_a_bent_line_cuts_off_a_corner():
    plate = block((3, 12, 12), (1, 1, 1), (2, 11, 11))
    line = DrawnLine("z", 1, [(0.0, 5.5), (4.5, 5.5), (4.5, 5.5), (4.5, 0.0)])  # one point said twice
    cut = cut_along_line(plate, grid(plate.shape), line, minimum_ml=0.0)
    assert (cut.parts[1, 1:6, 1:5] == 2).all()
    assert cut.volumes_ml == pytest.approx((0.080, 0.020))


def test_two_balls_fused_in_some_slices_need_only_those_cut():
    # Two bars joined by a bridge in slices 4 and 5 (z = 12 .. 15 mm); plane 4, 3 mm slices.
    mask = block((10, 6, 20), (1, 1, 1), (9, 5, 8)) | block((10, 6, 20), (1, 1, 12), (9, 5, 19))
    mask |= block((10, 6, 20), (4, 2, 8), (6, 4, 12))
    space, line = grid(mask.shape, (2.0, 2.0, 3.0)), DrawnLine("z", 4, [(9.5, 2.4), (9.5, 2.6)])
    cut = cut_along_line(mask, space, line, depth_mm=3.0)
    assert cut.volumes_ml == pytest.approx((8 * 4 * 7 * 0.012 + 2 * 2 * 2 * 0.012,) * 2)
    with pytest.raises(CutDoesNotSeparate):
        cut_along_line(mask, space, line, depth_mm=2.9)  # slice 5 still joins them


def test_the_line_stops_at_the_outer_border_and_leaves_a_second_lobe_alone():
    # A U: two arms along y and a base; the line crosses one arm only.
    mask = block((3, 20, 20), (0, 2, 2), (3, 18, 6)) | block((3, 20, 20), (0, 2, 14), (3, 18, 18))
    mask |= block((3, 20, 20), (0, 14, 2), (3, 18, 18))
    cut = cut_along_line(mask, grid(mask.shape), DrawnLine("z", 1, [(3.0, 8.5), (4.0, 8.5)]), minimum_ml=0.0)
    assert np.unique(cut.parts[:, :9, :7]).tolist() == [0, 2]
    assert np.unique(cut.parts[:, 2:9, 14:18]).tolist() == [1]
    assert cut.volumes_ml[1] == pytest.approx(3 * 7 * 4 * 0.001)


def test_the_line_goes_on_through_a_necrotic_core():
    ring = ball((5, 31, 31), (2, 15, 15), 12.0) & ~ball((5, 31, 31), (2, 15, 15), 6.0)
    cut = cut_along_line(
        ring, grid(ring.shape), DrawnLine("z", 2, [(4.0, 15.4), (6.0, 15.4)]), minimum_ml=0.0
    )
    assert len(cut.volumes_ml) == 2
    assert np.unique(cut.parts[:, :16]).tolist() == [0, 1]


def test_slivers_fall_to_the_part_behind_the_same_wall():
    # The line grazes the bar's upper side: single voxels above it, then turns down and cuts.
    line = DrawnLine("z", 2, [(5.0, 0.5), (5.0, 2.5), (6.9, 2.5), (6.9, 0.5), (12.5, 0.5), (12.5, 7.5)])
    space = grid(BAR.shape, (3.0, 3.0, 3.0))
    fine = cut_along_line(BAR, space, line, minimum_ml=0.0)
    kept = cut_along_line(BAR, space, line, minimum_ml=0.3)
    assert len(fine.volumes_ml) == 3
    assert fine.volumes_ml[2] == pytest.approx(4 * 1 * 0.027)
    assert len(kept.volumes_ml) == 2
    assert (kept.parts[:, :, 3:13][BAR[:, :, 3:13]] == 2).all()


def test_an_island_the_line_does_not_meet_is_a_part_of_its_own():
    islands = BAR | block(BAR.shape, (1, 2, 28), (5, 6, 30))
    line = DrawnLine("z", 2, [(10.4, 3.0), (10.4, 4.0)])
    assert len(cut_along_line(islands, grid(BAR.shape), line, minimum_ml=0.0).volumes_ml) == 3
    with pytest.raises(CutDoesNotSeparate):  # two islands before and after
        cut_along_line(islands, grid(BAR.shape), DrawnLine("z", 2, [(0.0, 0.0), (1.0, 0.0)]))


def test_voxels_joined_by_corners_only_stay_together_off_the_wall():
    stairs = np.zeros((12, 12, 12), dtype=bool)
    stairs[range(12), range(12), range(12)] = True
    cut = cut_along_line(
        stairs, grid(stairs.shape), DrawnLine("z", 6, [(5.5, 5.0), (5.5, 6.0)]), minimum_ml=0.0
    )
    assert [int(cut.parts[k, k, k]) for k in range(12)] in ([1] * 6 + [2] * 6, [2] * 6 + [1] * 6)


@pytest.mark.parametrize(("line", "depth", "refusal"), [
    (DrawnLine("z", 6, [(1.0, 1.0), (2.0, 2.0)]), None, OutsideGrid),
    (DrawnLine("z", 2, [(1.0, 1.0)]), None, InvalidInput),
    (DrawnLine("z", 2, []), None, InvalidInput),
    (DrawnLine("z", 2, [(1.0, 1.0), (1.0, 1.0)]), None, InvalidInput),
    (DrawnLine("z", 2, [(1.0, float("nan")), (1.0, 1.0)]), None, InvalidInput),
    (DrawnLine("z", 2, [(1.0, 1.0), (2.0, 2.0)]), -1.0, InvalidInput),
    (DrawnLine("z", 2, [(1.0, 1.0), (2.0, 2.0)]), float("nan"), InvalidInput),
    (DrawnLine("w", 2, [(1.0, 1.0), (2.0, 2.0)]), None, InvalidInput),
    (DrawnLine("z", 2, [(10.4, 20.0), (10.4, 21.0)]), None, CutDoesNotSeparate),
])  # fmt: skip
def test_lines_that_cut_nothing_are_refused_by_name(line, depth, refusal):
    with pytest.raises(refusal):
        cut_along_line(BAR, grid(BAR.shape), line, depth)


def test_empty_and_foreign_masks_are_refused():
    line = DrawnLine("z", 2, [(1.0, 1.0), (2.0, 2.0)])
    with pytest.raises(NotInRegion):
        cut_along_line(np.zeros_like(BAR), grid(BAR.shape), line)
    with pytest.raises(GridMismatch):
        cut_along_line(BAR, grid((6, 8, 31)), line)
