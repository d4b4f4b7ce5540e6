"""Organ ROIs: the record, the thresholds of the paper, and each warning."""

import json

import numpy as np
import pytest

from annotations.imaging.geometry import Grid
from annotations.imaging.organs import DOTATATE_CU, measure_organ

GRID = Grid((1, 1, 9), (5.0, 5.0, 5.0))
PLACE = (20.0, 0.0, 0.0)


def roi(organ: str, *values: float, tracer: str = DOTATATE_CU, place=PLACE):
    """Three voxels are in the ROI of 12 mm round the middle of nine."""
    suv = np.zeros(GRID.shape_zyx, dtype=np.float32)
    suv[0, 0, 3:6] = values
    return measure_organ(organ, suv, GRID, place, 12.0, tracer)


def codes(found) -> set[str]:
    return {one.code for one in found.warnings} - {"cut_by_border"}  # one voxel thick: always cut


@pytest.mark.parametrize(
    ("organ", "values", "threshold"),
    [
        ("liver", (4.0, 5.0, 6.0), 1.5 * 5 + 2 * 1),
        ("spleen", (18.0, 20.0, 22.0), 0.67 * 20 + 2 * 2),
        ("blood_pool", (0.5, 1.0, 1.5), 2.0 * 1 + 2 * 0.5),
    ],
)
def test_the_threshold_of_each_organ_by_hand(organ, values, threshold):
    found = roi(organ, *values)
    assert found.threshold.suv == pytest.approx(threshold)
    record = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert record["threshold_suv"] == pytest.approx(threshold)
    assert (record["voxel_count"], record["volume_ml"]) == (3, pytest.approx(0.375))
    assert (record["organ"], record["centre_xyz_mm"], record["diameter_mm"]) == (organ, list(PLACE), 12.0)


def test_sd_is_that_of_a_sample_and_the_coefficient_of_variation_is_sd_by_mean():
    record = roi("liver", 4.0, 5.0, 6.0).to_json()
    assert (record["suv_mean"], record["suv_sd"], record["suv_max"]) == (5.0, 1.0, 6.0)
    assert record["coefficient_of_variation"] == pytest.approx(0.2)
    assert record["limit_coefficient_of_variation"] == 0.25
    assert record["sd_estimator"] == "sample"


def test_a_good_roi_has_no_warning():
    assert codes(roi("liver", 4.0, 5.0, 6.0)) == set()


def test_an_uneven_roi_is_named():
    assert codes(roi("liver", 2.0, 5.0, 8.0)) == {"not_homogeneous"}
    assert codes(roi("liver", 0.0, 0.0, 0.0)) == {"not_homogeneous", "unlike_organ"}


@pytest.mark.parametrize(
    ("organ", "tracer", "suv", "unlike"),
    [
        ("liver", DOTATATE_CU, 5.0, False),
        ("liver", DOTATATE_CU, 40.0, True),
        ("liver", DOTATATE_CU, 0.5, True),
        ("spleen", DOTATATE_CU, 2.0, True),
        ("liver", "[68Ga]Ga-DOTATOC", 5.0, False),
        ("liver", "FDG", 2.0, False),
        ("liver", "FDG", 8.0, True),
        ("liver", "[18F]F-PSMA", 30.0, False),  # no range is known: nothing is said
    ],
)
def test_values_unlike_the_organ_are_named(organ, tracer, suv, unlike):
    assert ("unlike_organ" in codes(roi(organ, suv, suv, suv, tracer=tracer))) is unlike


def test_the_method_is_named_off_its_tracer():
    for tracer in ("FDG", "[68Ga]Ga-DOTATATE", ""):
        assert "off_tracer" in codes(roi("liver", 2.0, 2.0, 2.0, tracer=tracer))
    assert "off_tracer" not in codes(roi("blood_pool", 1.0, 1.0, 1.0, tracer="FDG"))
    assert "off_tracer" in codes(roi("blood_pool", 1.0, 1.0, 1.0))


def test_an_roi_over_the_border_is_named():
    space = Grid((20, 20, 20), (3.0, 3.0, 3.0))
    suv = np.full(space.shape_zyx, 5.0, dtype=np.float32)

    def cut(place):
        return {one.code for one in measure_organ("liver", suv, space, place, 12.0, DOTATATE_CU).warnings}

    assert cut((30.0, 30.0, 30.0)) == set()
    assert cut((3.0, 30.0, 30.0)) == {"cut_by_border"}
