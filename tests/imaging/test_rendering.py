import io
import struct
import zlib

import numpy as np
import pytest

from annotations.errors import InvalidInput
from annotations.imaging.checks import OutsideGrid
from annotations.imaging.colours import lesion_colour
from annotations.imaging.mip import mip_geometry, project_labels, rotating_mip
from annotations.imaging.png import GLYPHS, encode_png, stamp_research_use, stamp_text
from annotations.imaging.rendering import (
    Overlay,
    Underlay,
    Window,
    blend,
    paint,
    render_mip,
    render_plane,
    sample,
)

from .cases import PRONE, ROTATED, grid

UNIT = Window(0.0, 1.0)


def marked(space, left_mm, back_mm, head_mm):
    """A black image with one white voxel at a place relative to the grid's centre."""
    values = np.zeros(space.shape_zyx, np.float32)
    middle = space.index_to_world([(n - 1) / 2 for n in space.shape_zyx[::-1]])
    x, y, z = np.rint(space.world_to_index(middle + np.array([left_mm, back_mm, head_mm]))).astype(int)
    values[z, y, x] = 1.0
    return values, (int(z), int(y), int(x))


@pytest.mark.parametrize("direction", [None, PRONE])
def test_orientation_is_radiological_for_every_storage_order(direction):
    space = grid((7, 9, 11), (2.0, 2.0, 2.0), (40.0, -30.0, 5.0), direction)
    values, (z, y, x) = marked(space, 8, -6, 4)  # left, front, head
    axial = render_plane(values, space, "axial", z, UNIT, "grey")
    coronal = render_plane(values, space, "coronal", y, UNIT, "grey")
    sagittal = render_plane(values, space, "sagittal", x, UNIT, "grey")
    assert (axial.shape, coronal.shape, sagittal.shape) == ((9, 11, 3), (7, 11, 3), (7, 9, 3))
    assert np.argwhere(axial[..., 0]).tolist() == [[1, 9]]  # front is up, left is on the right
    assert np.argwhere(coronal[..., 0]).tolist() == [[1, 9]]  # head is up
    assert np.argwhere(sagittal[..., 0]).tolist() == [[1, 1]]  # front is on the left


def test_a_sagittal_stack_is_rendered_like_an_axial_one():
    axial_grid = grid((6, 7, 8), (2.0, 2.0, 2.0))
    values = np.random.default_rng(0).random(axial_grid.shape_zyx).astype(np.float32)
    # index x runs to the back, y to the head, z to the left
    sagittal_grid = grid((8, 6, 7), (2.0, 2.0, 2.0), direction=(0, 0, 1, 1, 0, 0, 0, 1, 0))
    stack = np.ascontiguousarray(values.transpose(2, 0, 1))
    for plane, index in (("axial", 2), ("coronal", 3), ("sagittal", 5)):
        one = render_plane(values, axial_grid, plane, index, UNIT)
        assert np.array_equal(one, render_plane(stack, sagittal_grid, plane, index, UNIT))


def test_pixels_are_square_millimetres():
    space = grid((10, 20, 20), (2.0, 2.0, 6.0))
    values = np.zeros(space.shape_zyx, np.float32)
    assert render_plane(values, space, "coronal", 3).shape == (30, 20, 3)
    assert render_plane(values, space, "coronal", 3, pixel_mm=1.0).shape == (60, 40, 3)
    assert render_plane(values, space, "axial", 3, pixel_mm=4.0).shape == (10, 10, 3)


def test_windows_and_palettes_by_hand():
    values = np.array([-1.0, 0.0, 2.5, 5.0, 7.5, 10.0, 99.0, np.nan], np.float32)
    window = Window(0.0, 10.0)
    assert paint(values, window, "grey")[:, 0].tolist() == [0, 0, 64, 128, 191, 255, 255, 0]
    assert paint(values, window, "inverse_grey")[:, 2].tolist() == [255, 255, 191, 128, 64, 0, 0, 255]
    assert paint(values, window, "hot_iron")[2:6].tolist() == [
        [128, 0, 0],
        [255, 0, 0],
        [255, 128, 0],
        [255, 255, 255],
    ]


def test_a_window_without_width_is_refused():
    with pytest.raises(InvalidInput):
        Window(3.0, 3.0)


def test_ct_lies_where_the_patient_lies_and_ends_in_black():
    pet_grid = grid((1, 8, 8), (4.0, 4.0, 4.0), (0.0, 0.0, 0.0))
    ct_grid = grid((1, 8, 8), (2.0, 2.0, 4.0), (0.0, 0.0, 0.0))  # covers the upper left quarter
    ct = np.zeros(ct_grid.shape_zyx, np.int16)
    ct[0, 4, 2] = 1000  # 4 mm left, 8 mm back: PET voxel (y 2, x 1)
    picture = render_plane(
        np.zeros(pet_grid.shape_zyx, np.float32),
        pet_grid,
        "axial",
        0,
        UNIT,
        "hot_iron",
        underlay=Underlay(ct, ct_grid, Window(-100.0, 1000.0), share=0.0),
    )
    assert picture[2, 1].tolist() == [255, 255, 255]
    assert picture[0, 0].tolist() == [23, 23, 23]  # 0 HU
    assert picture[5:].max() == 0
    assert picture[:, 5:].max() == 0


def test_fusion_mixes_by_share():
    below, above = np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 200, np.uint8)
    assert blend(below, above, 0.25)[0, 0].tolist() == [125] * 3


def test_outlines_and_fill_have_the_lesion_colour():
    space = grid((1, 7, 7))
    labels = np.zeros(space.shape_zyx, np.uint16)
    labels[0, 1:6, 1:6] = 2
    labels[0, 3, 6] = 1
    values = np.zeros(space.shape_zyx, np.float32)
    picture = render_plane(values, space, "axial", 0, UNIT, "grey", overlay=Overlay(labels))
    assert tuple(picture[1, 1]) == tuple(picture[5, 3]) == lesion_colour(2)
    assert tuple(picture[3, 6]) == lesion_colour(1)
    assert tuple(picture[3, 3]) == (0, 0, 0)  # inside stays visible
    assert tuple(picture[0, 0]) == (0, 0, 0)
    filled = render_plane(
        values, space, "axial", 0, UNIT, "grey", overlay=Overlay(labels, 1.0, outline=False)
    )
    assert tuple(filled[3, 3]) == lesion_colour(2)


def test_labels_are_not_interpolated():
    space = grid((1, 2, 2))
    labels = np.array([[[1, 3], [3, 1]]], np.uint16)
    overlay = Overlay(labels, 1.0, outline=False)
    values = np.zeros(space.shape_zyx, np.float32)
    picture = render_plane(values, space, "axial", 0, UNIT, "grey", overlay=overlay, pixel_mm=0.1)
    assert {tuple(c) for c in picture.reshape(-1, 3)} == {lesion_colour(1), lesion_colour(3)}


def test_sampling_is_linear_and_knows_the_outside():
    values = np.array([[[0.0, 10.0]]], np.float32)
    points = np.array([[0.25, 0, 0], [1.4, 0, 0], [1.6, 0, 0], [-0.4, 0, 0], [-0.6, 0, 0]])
    assert sample(values, points, outside=-7).tolist() == [2.5, 10.0, -7.0, 0.0, -7.0]


def test_a_mip_is_head_up_with_square_pixels():
    values = np.zeros((4, 6, 6), np.float32)
    values[3, 2, 5] = 1.0
    labels = (values > 0).astype(np.uint16) * 5
    space = grid(values.shape, (2.0, 2.0, 4.0))
    frame = rotating_mip(values, space, [0])[0]
    picture = render_mip(frame, mip_geometry(space), UNIT, "grey")
    assert picture.shape == (8, 6, 3)
    assert picture[0, 5, 0] == 255
    assert picture[4:].max() == 0
    coloured = render_mip(
        frame, mip_geometry(space), UNIT, "grey", label_frame=project_labels(labels, space, 0), fill=1.0
    )
    assert tuple(coloured[0, 5]) == tuple(coloured[1, 5]) == lesion_colour(5)
    assert tuple(coloured[2, 5]) != lesion_colour(5)


def test_slices_and_pictures_that_do_not_exist_are_refused():
    space = grid((2, 3, 4), direction=ROTATED)
    values = np.zeros(space.shape_zyx, np.float32)
    for index in (-1, 2):
        with pytest.raises(OutsideGrid):
            render_plane(values, space, "axial", index)
    with pytest.raises(InvalidInput):
        render_plane(values, space, "axial", 0, pixel_mm=1e-4)


def test_png_is_read_by_an_independent_library_with_its_words():
    image_module = pytest.importorskip("PIL.Image")
    rgb = np.random.default_rng(0).integers(0, 256, (17, 23, 3)).astype(np.uint8)
    data = encode_png(rgb, {"Comment": "Research use only"})
    picture = image_module.open(io.BytesIO(data))
    assert np.array_equal(np.asarray(picture), rgb)
    assert picture.text["Comment"] == "Research use only"


def test_png_chunks_carry_their_checksum():
    data = encode_png(np.zeros((1, 1, 3), np.uint8))
    length = struct.unpack(">I", data[8:12])[0]
    assert struct.unpack(">I", data[16 + length : 20 + length])[0] == zlib.crc32(data[12 : 16 + length])
    with pytest.raises(InvalidInput):
        encode_png(np.zeros((2, 2), np.uint8))


def test_the_research_mark_is_on_the_picture_and_the_original_untouched():
    black = np.zeros((60, 300, 3), np.uint8)
    marked_picture = stamp_research_use(black)
    assert black.max() == 0
    assert (marked_picture.sum(axis=2) > 0).sum() > 150
    assert not marked_picture[:40].any()


def test_text_is_drawn_glyph_by_glyph():
    drawn = stamp_text(np.zeros((7, 6, 3), np.uint8), "L", (255, 255, 255), 0, 0)[..., 0] > 0
    assert drawn[:, 0].all()
    assert drawn[6, :5].all()
    assert drawn.sum() == 11
    assert all(len(bits) == 14 for bits in GLYPHS.values())
    with pytest.raises(InvalidInput):
        stamp_text(np.zeros((7, 6, 3), np.uint8), "é", (1, 1, 1), 0, 0)
