import numpy as np
import pytest

from annotations.errors import InvalidInput
from annotations.imaging.checks import OutsideGrid
from annotations.imaging.frames import encode_frames
from annotations.imaging.geometry import GridMismatch
from annotations.imaging.mip import (
    hottest_along_ray,
    locate_on_mip,
    mip_geometry,
    project_labels,
    rotating_mip,
)

from .cases import PRONE, grid

ANGLES = [0, 10, 45, 77.5, 90, 135, 180, 190, 225, 270, 359]


def slow_pixels(space, angle_deg):
    """(depth, column) of every voxel, one at a time, from LPS places alone (equal in-plane spacing)."""
    depth, columns = space.shape_zyx[1:]
    width = max(depth, columns)
    centre = space.index_to_world([(columns - 1) / 2, (depth - 1) / 2, 0])
    found = {}
    for y in range(depth):
        for x in range(columns):
            left, back, _ = space.index_to_world([x, y, 0]) - centre
            angle = np.radians(angle_deg)
            u = left * np.cos(angle) + back * np.sin(angle)
            v = back * np.cos(angle) - left * np.sin(angle)
            column = int(np.floor(u / space.spacing_xyz_mm[0] + width / 2 + 1e-6))
            found[y, x] = (v, min(max(column, 0), width - 1))
    return found


@pytest.mark.parametrize("direction", [None, PRONE])
@pytest.mark.parametrize("angle", [0, 10, 45, 77.5, 90, 135])
def test_frames_agree_with_a_slow_twin(angle, direction):
    rng = np.random.default_rng(4)
    values = rng.random((3, 14, 17)).astype(np.float32)
    labels = (rng.random(values.shape) < 0.05).astype(np.uint16) * rng.integers(1, 9, values.shape)
    labels = labels.astype(np.uint16)
    space = grid(values.shape, (2.0, 2.0, 3.0), (-9.0, 4.0, 8.0), direction)
    pixels = slow_pixels(space, angle)
    wanted = np.zeros((3, 17), np.float32)
    nearest = np.full((3, 17), np.inf)
    wanted_labels = np.zeros((3, 17), np.uint16)
    for (y, x), (v, u) in pixels.items():
        wanted[:, u] = np.maximum(wanted[:, u], values[:, y, x])
        for z in range(3):
            if labels[z, y, x] and v < nearest[z, u] - 1e-9:
                nearest[z, u], wanted_labels[z, u] = v, labels[z, y, x]
    assert np.array_equal(rotating_mip(values, space, [angle])[0], wanted)
    assert np.array_equal(project_labels(labels, space, angle), wanted_labels)


def test_frames_are_what_the_viewer_sees():
    """One voxel left, one at the back, one at the right: seen from front, left, behind, right."""
    values = np.zeros((2, 9, 9), np.float32)
    values[0, 4, 7], values[0, 8, 4], values[1, 4, 1] = 3.0, 5.0, 7.0
    front, left, behind, right = rotating_mip(values, grid(values.shape), [0, 90, 180, 270])
    assert (front[0, 7], front[0, 4], front[1, 1]) == (3.0, 5.0, 7.0)
    assert (left[0, 4], left[0, 8], left[1, 4]) == (3.0, 5.0, 7.0)
    assert (behind[0, 1], behind[0, 4], behind[1, 7]) == (3.0, 5.0, 7.0)
    assert (right[0, 4], right[0, 0], right[1, 4]) == (3.0, 5.0, 7.0)


def test_half_a_turn_on_is_the_mirror():
    values = np.random.default_rng(0).random((4, 15, 12)).astype(np.float32)
    for angle in (0, 30, 90, 111):
        one, other = rotating_mip(values, grid(values.shape), [angle, angle + 180])
        assert np.array_equal(one, other[:, ::-1])


@pytest.mark.parametrize("spacing", [(2.0, 2.0, 3.0), (2.0, 3.1, 3.0), (4.0, 1.5, 2.0)])
def test_no_hot_voxel_is_ever_lost(spacing):
    values = np.random.default_rng(1).random((5, 21, 18)).astype(np.float32)
    frames = rotating_mip(values, grid(values.shape, spacing), ANGLES)
    for frame in frames:
        assert np.array_equal(frame.max(axis=1), values.max(axis=(1, 2)))


def test_angle_zero_is_the_plain_maximum_and_ninety_the_sideways_one():
    values = np.random.default_rng(2).random((5, 10, 10)).astype(np.float32)
    front, left = rotating_mip(values, grid(values.shape), [0, 90])
    assert np.array_equal(front, values.max(axis=1))
    assert np.array_equal(left, values.max(axis=2))


def test_unequal_spacing_keeps_millimetres():
    values = np.zeros((1, 8, 16), np.float32)  # 32 mm x 32 mm
    values[0, 1, 2] = 1.0
    space = grid(values.shape, (2.0, 4.0, 3.0))
    geometry = mip_geometry(space)
    assert (geometry.pixel_mm, geometry.row_mm, geometry.rows, geometry.columns) == (2.0, 3.0, 1, 16)
    front, left = rotating_mip(values, space, [0, 90])
    assert np.flatnonzero(front[0]).tolist() == [2]
    assert np.flatnonzero(left[0]).tolist() == [2, 3]  # the voxel is 4 mm deep


def test_the_label_in_front_is_seen():
    labels = np.zeros((1, 9, 9), np.uint16)
    labels[0, 2, 4], labels[0, 6, 4] = 1, 2  # 1 in front, 2 at the back
    space = grid(labels.shape)
    assert project_labels(labels, space, 0)[0, 4] == 1
    assert project_labels(labels, space, 180)[0, 4] == 2
    assert sorted(set(project_labels(labels, space, 90)[0].tolist())) == [0, 1, 2]


@pytest.mark.parametrize("angle", [0, 45, 270])
def test_a_map_without_lesions_gives_an_empty_projection(angle):
    labels = np.zeros((3, 8, 11), np.uint16)
    frame = project_labels(labels, grid(labels.shape), angle)
    assert frame.shape == (3, 11)
    assert frame.dtype == np.uint16
    assert not frame.any()


@pytest.mark.parametrize("angle", ANGLES)
def test_the_way_back_finds_the_voxel_that_was_seen(angle):
    values = np.random.default_rng(3).random((4, 13, 16)).astype(np.float32)
    for direction in (None, PRONE):
        space = grid(values.shape, (3.0, 3.0, 3.0), direction=direction)
        frame = rotating_mip(values, space, [angle])[0]
        for row, column in ((0, 5), (3, 8), (2, 11)):
            place = hottest_along_ray(values, space, angle, row, column)
            assert values[place] == frame[row, column]
            assert locate_on_mip(space, place, angle)[:2] == (row, column)


def test_depth_grows_away_from_the_viewer():
    space = grid((1, 9, 9), (2.0, 2.0, 2.0))
    assert locate_on_mip(space, (0, 0, 4), 0) == (0, 4, -8.0)
    assert locate_on_mip(space, (0, 0, 4), 180)[2] == pytest.approx(8.0)
    assert locate_on_mip(space, (0, 4, 8), 90)[2] == pytest.approx(-8.0)


def test_rays_and_images_that_do_not_exist_are_refused():
    values = np.zeros((2, 3, 5), np.float32)
    space = grid(values.shape)
    for row, column in ((2, 0), (-1, 0), (0, 5), (0, -1)):
        with pytest.raises(OutsideGrid):
            hottest_along_ray(values, space, 0, row, column)
    with pytest.raises(OutsideGrid):
        hottest_along_ray(values, space, 90, 0, 0)  # the frame is 5 wide, the body 3 deep
    with pytest.raises(GridMismatch):
        rotating_mip(values, grid((2, 3, 4)), [0])


def test_frames_as_bytes_come_back_within_half_a_step():
    frames = np.linspace(0, 66.5, 4000, dtype=np.float32).reshape(1, 40, 100)
    encoded = encode_frames(frames)
    assert encoded.encoded.dtype == np.uint8
    assert encoded.scale_max == 66.5
    step = 2 * np.sqrt(frames / 66.5) / 255 * 66.5
    assert (np.abs(encoded.decode() - frames) <= step / 2 + 66.5 / 510**2 * 1.001).all()
    low = encode_frames(np.array([1.0, 1.3], np.float32), scale_max=66.5).encoded
    assert low[1] - low[0] >= 4  # steps stay fine at low SUV whatever the bladder holds


def test_bytes_are_the_documented_formula():
    encoded = encode_frames(np.array([-1.0, 0.0, 2.5, 10.0, 40.0], np.float32), scale_max=10.0)
    assert encoded.encoded.tolist() == [0, 0, 128, 255, 255]


def test_empty_frames_and_nonsense():
    assert encode_frames(np.zeros((1, 2, 2), np.float32)).scale_max == 1.0
    with pytest.raises(InvalidInput):
        encode_frames(np.array([np.nan], np.float32))
    with pytest.raises(InvalidInput):
        encode_frames(np.array([np.inf], np.float32))
