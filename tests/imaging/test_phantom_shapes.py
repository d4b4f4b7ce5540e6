"""The phantom's shapes have the volumes and distances of geometry."""

import numpy as np
import pytest

from annotations.imaging.phantom.scan import shape_volume_ml
from annotations.imaging.phantom.shapes import (
    Field,
    Shape,
    ellipsoid,
    grown,
    inside_of,
    outside,
    rotation,
    shell,
    stack,
    tube,
    union,
)


def at(shape: Shape, *point: float) -> float:
    x, y, d = (np.asarray([v], dtype=np.float32) for v in point)
    return float(shape.at(x, y, d)[0])


def test_a_sphere_gives_the_true_distance_everywhere() -> None:
    ball = ellipsoid((10, 20, 30), (5, 5, 5))
    assert at(ball, 10, 20, 38) == pytest.approx(3, abs=1e-4)
    assert at(ball, 10, 20, 33) == pytest.approx(-2, abs=1e-4)


@pytest.mark.parametrize("tilt", [(0.0, 0.0, 0.0), (30.0, -20.0, 50.0)])
def test_an_ellipsoid_keeps_its_volume_when_turned(tilt: tuple[float, float, float]) -> None:
    body = ellipsoid((1, 2, 3), (10, 20, 30), tilt)
    assert shape_volume_ml(body, 1.0) == pytest.approx(4 / 3 * np.pi * 6, rel=0.01)


def test_a_turned_ellipsoid_points_where_its_axes_were_turned_to() -> None:
    body = ellipsoid((0, 0, 0), (40, 5, 5), (0, 0, 90))
    assert at(body, 0, 39, 0) < 0 < at(body, 39, 0, 0)


def test_the_box_of_a_turned_ellipsoid_holds_it_closely() -> None:
    body = ellipsoid((0, 0, 0), (40, 5, 5), (0, 0, 45))
    reach = np.sqrt((40**2 + 5**2) / 2)
    assert body.box[1][:2] == pytest.approx((reach, reach))
    assert body.box[0][2] == pytest.approx(-5)


def test_rotations_are_about_x_then_y_then_d() -> None:
    assert rotation((90, 0, 0)) @ [0, 1, 0] == pytest.approx([0, 0, 1])
    assert rotation((0, 0, 90)) @ [1, 0, 0] == pytest.approx([0, 1, 0])


def test_a_rod_has_the_volume_of_a_cylinder_and_two_caps() -> None:
    rod = tube([(0, 0, 0), (0, 0, 60)], 10)
    assert shape_volume_ml(rod, 1.0) == pytest.approx(
        (np.pi * 100 * 60 + 4 / 3 * np.pi * 1000) / 1000, rel=0.01
    )


def test_a_tapered_rod_is_thinner_at_its_thin_end() -> None:
    rod = tube([(0, 0, 0), (0, 0, 100)], (20, 10))
    assert at(rod, 18, 0, 5) < 0 < at(rod, 18, 0, 95)


def test_a_tube_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="two points"):
        at(tube([(0, 0, 0)], 1), 0, 0, 0)


def test_a_stack_of_equal_ellipses_is_a_cylinder() -> None:
    column = stack([(0, 30, 20, 5), (50, 30, 20, 5), (100, 30, 20, 5)], power=2)
    assert shape_volume_ml(column, 1.0) == pytest.approx(np.pi * 30 * 20 * 100 / 1000, rel=0.01)
    assert at(column, 0, 24, 50) < 0 < at(column, 0, 26, 50)
    assert at(column, 0, 5, 101) > 0


def test_a_blended_union_fills_the_crease_and_stays_in_its_box() -> None:
    left, right = ellipsoid((-9, 0, 0), (10, 10, 10)), ellipsoid((9, 0, 0), (10, 10, 10))
    plain, blended = union(left, right), union(left, right, blend_mm=8)
    assert at(blended, 0, 5.5, 0) < 0 < at(plain, 0, 5.5, 0)
    assert shape_volume_ml(blended, 0.5) > shape_volume_ml(plain, 0.5)
    assert blended.box[1][1] > plain.box[1][1]


def test_walls_limits_and_growth_follow_the_distance() -> None:
    ball = ellipsoid((0, 0, 0), (10, 10, 10))
    wall, bigger = shell(ball, 3), grown(ball, 2)
    assert at(wall, 8, 0, 0) < 0 < at(wall, 6, 0, 0)
    assert at(bigger, 11, 0, 0) == pytest.approx(-1, abs=1e-4)

    def upper(x: Field, y: Field, d: Field) -> Field:
        return d

    half = inside_of(ball, upper)
    assert shape_volume_ml(half, 0.5) == pytest.approx(shape_volume_ml(ball, 0.5) / 2, rel=0.02)
    far = inside_of(ball, outside(ellipsoid((0, 0, 0), (4, 4, 4)), 1))
    assert at(far, 4.5, 0, 0) > 0 > at(far, 5.5, 0, 0)
