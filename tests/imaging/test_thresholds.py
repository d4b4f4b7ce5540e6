import json

import numpy as np
import pytest

from annotations.errors import InvalidInput
from annotations.imaging.checks import OutsideGrid
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.thresholds import (
    EmptyRegion,
    UndefinedThreshold,
    background_adapted,
    blood_pool_threshold,
    fixed_threshold,
    hottest_in_sphere,
    liver_threshold,
    measure_sphere_roi,
    percent_of_local_maximum,
    percent_of_maximum,
    segment_above,
    spleen_threshold,
    strict_limit,
    value_at,
)

from .cases import ANISOTROPIC, ROTATED, grid


def test_liver_and_spleen_formulas_by_hand():
    space = grid((1, 1, 4), (5.0, 5.0, 5.0))
    suv = np.array([[[2.0, 4.0, 6.0, 90.0]]], np.float32)
    roi = measure_sphere_roi(suv, space, (5.0, 0.0, 0.0), diameter_mm=12.0)
    assert (roi.voxel_count, roi.suv_mean, roi.suv_sd, roi.suv_max) == (3, 4.0, 2.0, 6.0)
    assert roi.volume_ml == pytest.approx(0.375)
    assert roi.coefficient_of_variation == 0.5
    assert not roi.homogeneous
    assert roi.cut_at_border
    assert liver_threshold(roi).suv == pytest.approx(10.0)
    assert spleen_threshold(roi).suv == pytest.approx(0.67 * 4 + 4)
    assert blood_pool_threshold(roi).suv == pytest.approx(12.0)
    stored = json.loads(json.dumps(liver_threshold(roi).to_json(), allow_nan=False))
    assert stored["rule"] == "liver"
    assert stored["roi"]["sd_estimator"] == "sample"
    assert stored["parameters"] == {"mean_factor": 1.5, "sd_factor": 2.0}


def test_the_default_roi_is_a_3_cm_sphere():
    space = grid((30, 30, 30), (2.0, 2.0, 3.0))
    suv = np.full(space.shape_zyx, 5.0, np.float32)
    roi = measure_sphere_roi(suv, space, (29.0, 29.0, 43.5))
    assert roi.diameter_mm == 30.0
    assert roi.volume_ml == pytest.approx(14.137, rel=0.02)
    assert (roi.suv_sd, roi.coefficient_of_variation, roi.homogeneous, roi.cut_at_border) == (
        0,
        0,
        True,
        False,
    )


def test_a_sphere_on_an_anisotropic_rotated_grid_by_brute_force():
    space = grid((9, 11, 13), ANISOTROPIC, (-7.0, 3.0, 11.0), ROTATED)
    every = np.argwhere(np.ones(space.shape_zyx, bool))
    world = space.index_to_world(every[:, ::-1])
    for centre in (world[400] + 0.7, world[0], world[-1] + 6.0):
        inside = np.linalg.norm(world - centre, axis=1) <= 8.0
        box, mask = sphere_in_grid(space, tuple(centre), 8.0)
        whole = np.zeros(space.shape_zyx, bool)
        whole[box] = mask
        assert np.array_equal(whole.ravel(), inside)


def test_an_roi_beside_the_image_or_without_suv_is_refused():
    space = grid((3, 3, 3))
    suv = np.ones(space.shape_zyx, np.float32)
    with pytest.raises(EmptyRegion):
        measure_sphere_roi(suv, space, (500.0, 0.0, 0.0))
    suv[1, 1, 1] = np.nan
    with pytest.raises(UndefinedThreshold):
        measure_sphere_roi(suv, space, (1.0, 1.0, 1.0))


def test_a_cold_roi_has_no_coefficient_of_variation():
    roi = measure_sphere_roi(np.zeros((3, 3, 3), np.float32), grid((3, 3, 3)), (1.0, 1.0, 1.0))
    assert (roi.coefficient_of_variation, roi.homogeneous) == (None, False)


def test_simple_rules():
    assert fixed_threshold(4).suv == 4.0
    assert percent_of_maximum(8.0, 41).suv == pytest.approx(3.28)
    assert background_adapted(2.0, 10.0, 0.4).suv == pytest.approx(5.2)


def test_rules_without_sense_are_refused():
    for percent in (0, 100, -5):
        with pytest.raises(InvalidInput):
            percent_of_maximum(8.0, percent)
    with pytest.raises(UndefinedThreshold):
        background_adapted(5.0, 5.0, 0.4)
    with pytest.raises(UndefinedThreshold):
        fixed_threshold(float("nan"))


def test_the_maximum_is_searched_within_the_radius_only():
    space = grid((1, 1, 10), (4.0, 4.0, 4.0))
    suv = np.array([[[0, 1, 6, 1, 0, 0, 0, 50, 0, np.nan]]], np.float32)
    found = percent_of_local_maximum(suv, space, (12.0, 0.0, 0.0), 50, radius_mm=8.0)
    assert found.suv == 3.0
    assert found.parameters["maximum_index_zyx"] == [0, 0, 2]
    assert hottest_in_sphere(suv, space, (32.0, 0.0, 0.0), 8.0) == (50.0, (0, 0, 7))
    with pytest.raises(EmptyRegion):
        hottest_in_sphere(suv, space, (36.0, 0.0, 0.0), 1.0)


def test_the_semi_automatic_method_takes_what_lies_strictly_above():
    space = grid((1, 1, 8), (10.0, 10.0, 10.0))
    suv = np.array([[[5, 4, 4.5, 0, 9, 9, 0, 4]]], np.float32)
    assert segment_above(suv, space, 4.0)[0, 0].tolist() == [2, 0, 3, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("threshold", [0.1, 2.3, 4.0, 3.28, 1e-3, 41 * 7.911 / 100])
def test_strictly_above_means_the_same_in_single_and_double_precision(threshold):
    nearest = np.float32(threshold)
    around = np.array([np.nextafter(nearest, np.float32(d)) for d in (-np.inf, np.inf)] + [nearest])
    assert np.array_equal(around > strict_limit(threshold), around.astype(np.float64) > threshold)


def test_the_value_at_a_voxel_and_outside():
    space = grid((1, 1, 2))
    assert value_at(np.array([[[1.5, 2.5]]], np.float32), space, (0, 0, 1)) == 2.5
    with pytest.raises(OutsideGrid):
        value_at(np.array([[[1.5, 2.5]]], np.float32), space, (0, 0, -1))
