"""Pixels to polygons and back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from annotations.dicom.polygons import fill_even_odd, trace_edges

MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(MASKS)
@settings(deadline=None, max_examples=400)
def test_edges_of_any_mask_fill_to_that_mask(mask: np.ndarray) -> None:
    assert np.array_equal(fill_even_odd(trace_edges(mask), *mask.shape), mask)


@given(MASKS)
@settings(deadline=None, max_examples=200)
def test_one_polygon_for_each_connected_piece(mask: np.ndarray) -> None:
    assert len(trace_edges(mask)) == ndimage.label(mask)[1]


@given(MASKS)
@settings(deadline=None, max_examples=100)
def test_points_rounded_as_in_a_file_still_fill_to_that_mask(mask: np.ndarray) -> None:
    step, corner = 4.0728, -297.65625
    polygons = [(np.round(corner + polygon * step, 4) - corner) / step for polygon in trace_edges(mask)]
    assert np.array_equal(fill_even_odd(polygons, *mask.shape), mask)


def test_a_single_pixel_has_its_four_corners() -> None:
    mask = np.zeros((3, 4), np.bool_)
    mask[1, 2] = True
    (polygon,) = trace_edges(mask)
    assert sorted(map(tuple, polygon.tolist())) == [(1.5, 0.5), (1.5, 1.5), (2.5, 0.5), (2.5, 1.5)]


def test_pixels_that_touch_at_a_corner_stay_apart() -> None:
    assert len(trace_edges(np.eye(3, dtype=np.bool_))) == 3


def test_a_ring_is_one_polygon_with_a_keyhole() -> None:
    ring = np.ones((5, 5), np.bool_)
    ring[2, 2] = False
    (polygon,) = trace_edges(ring)
    assert len(polygon) == 4 + 4 + 3  # outline, hole, and the cut's points on the outline and back
    assert np.array_equal(fill_even_odd([polygon], 5, 5), ring)


def test_inner_polygon_is_a_hole_and_a_third_one_an_island() -> None:
    def square(low: float, high: float) -> np.ndarray:
        return np.array([[low, low], [high, low], [high, high], [low, high]])

    filled = fill_even_odd([square(-0.5, 8.5), square(1.5, 6.5), square(3.5, 4.5)], 9, 9)
    assert filled.sum() == 81 - 25 + 1
    assert filled[4, 4]
    assert not filled[3, 3]


def test_polygon_outside_the_image_is_cut_at_its_border() -> None:
    triangle = np.array([[-50.0, -50.0], [50.0, -50.0], [-50.0, 50.0]])
    expected = np.add.outer(np.arange(6), np.arange(7)) < 0
    assert np.array_equal(fill_even_odd([triangle], 6, 7), expected)
    assert fill_even_odd([triangle + 100.0], 6, 7).sum() == 0
    assert fill_even_odd([triangle * 10 + 300], 6, 7).all()


def test_fill_agrees_with_a_point_in_polygon_rule_written_out() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        polygon = rng.uniform(-2, 12, (rng.integers(3, 9), 2))
        expected = np.zeros((10, 9), np.bool_)
        for y in range(10):
            for x in range(9):
                for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
                    if (y0 <= y) != (y1 <= y) and x >= x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                        expected[y, x] ^= True
        assert np.array_equal(fill_even_odd([polygon], 10, 9), expected)
