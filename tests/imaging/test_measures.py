import json

import numpy as np
import pytest
import SimpleITK as sitk

from annotations.imaging.components import number_lesions
from annotations.imaging.measures import label_boxes, measure_lesions, summarise
from annotations.imaging.peaks import PEAK_RADIUS_MM
from tests.shared_data import shared

from .cases import ANISOTROPIC, ROTATED, ball, blobs, grid


def slow_peak(suv, space, index_zyx):
    """Mean of every voxel of the image whose centre is within 6.2035 mm, one by one."""
    spacing = np.array(space.spacing_xyz_mm[::-1])
    every = np.argwhere(np.ones(suv.shape, bool))
    near = np.linalg.norm((every - index_zyx) * spacing, axis=1) <= PEAK_RADIUS_MM
    return suv[tuple(every[near].T)].astype(np.float64).mean()


def test_ibsi_digital_phantom():
    nibabel = pytest.importorskip("nibabel")
    folder = shared("ibsi1_digital_phantom")
    image = nibabel.load(folder / "phantom.nii.gz").get_fdata().T.astype(np.float32)
    mask = nibabel.load(folder / "mask.nii.gz").get_fdata().T.astype(np.uint16)
    (lesion,) = measure_lesions(mask, image, grid(image.shape, (2.0, 2.0, 2.0)))
    assert lesion.volume_ml * 1000 == pytest.approx(592, abs=1e-9)
    assert lesion.suv_max == 6
    assert lesion.suv_mean == pytest.approx(2.15, abs=0.005)
    assert lesion.suv_peak_local == pytest.approx(2.6, abs=0.05)
    assert lesion.suv_peak_global == pytest.approx(3.1, abs=0.05)


def test_real_tumours_measure_as_published():
    nibabel = pytest.importorskip("nibabel")
    crops = shared("ibsi_sts_petct_crops")
    published = {
        shared("sts001_wholebody_pet") / "IBSI_crop": (5095, 366.08, 7.911, 2.555),
        crops / "STS_002": (555, 54.28, 21.676, 7.370),
        crops / "STS_003": (817, 79.90, 10.265, 5.816),
    }
    for folder, (voxels, volume_ml, suv_max, suv_mean) in published.items():
        files = sorted(folder.rglob("*PET*.nii.gz"))
        image_file = next(f for f in files if "mask" not in f.name.lower())
        mask_file = next(f for f in files if "mask" in f.name.lower())
        image = nibabel.load(image_file)
        spacing = tuple(float(v) for v in image.header.get_zooms())
        suv = np.ascontiguousarray(image.get_fdata().T.astype(np.float32))
        mask = (nibabel.load(mask_file).get_fdata().T > 0).astype(np.uint16)
        (lesion,) = measure_lesions(mask, suv, grid(suv.shape, spacing))
        assert lesion.voxel_count == voxels
        assert lesion.volume_ml == pytest.approx(volume_ml, abs=0.005)
        assert lesion.suv_max == pytest.approx(suv_max, abs=0.0005)
        assert lesion.suv_mean == pytest.approx(suv_mean, abs=0.0005)


def test_places_and_intensities_agree_with_an_independent_library_on_a_rotated_grid():
    space = grid((20, 24, 28), ANISOTROPIC, (-100.0, 40.0, -900.0), ROTATED)
    labels = number_lesions(blobs(6), space, minimum_ml=0)
    suv = np.random.default_rng(6).gamma(2.0, 2.0, labels.shape).astype(np.float32)
    image, intensity = sitk.GetImageFromArray(labels), sitk.GetImageFromArray(suv)
    for one in (image, intensity):
        one.SetSpacing(space.spacing_xyz_mm)
        one.SetOrigin(space.origin_xyz_mm)
        one.SetDirection(space.direction)
    theirs = sitk.LabelIntensityStatisticsImageFilter()
    theirs.Execute(image, intensity)
    found = measure_lesions(labels, suv, space)
    assert [one.label for one in found] == sorted(theirs.GetLabels())
    for one in found:
        assert one.volume_ml * 1000 == pytest.approx(theirs.GetPhysicalSize(one.label))
        assert one.centroid_xyz_mm == pytest.approx(theirs.GetCentroid(one.label))
        assert one.max_index_xyz == theirs.GetMaximumIndex(one.label)
        assert one.suv_max == pytest.approx(theirs.GetMaximum(one.label))
        assert one.suv_mean == pytest.approx(theirs.GetMean(one.label))
        assert one.suv_sd == pytest.approx(theirs.GetStandardDeviation(one.label))


def test_by_hand_on_an_anisotropic_rotated_grid():
    space = grid((4, 5, 6), ANISOTROPIC, (10.0, 20.0, 30.0), ROTATED)
    suv = np.zeros(space.shape_zyx, np.float32)
    labels = np.zeros(space.shape_zyx, np.uint16)
    labels[1, 2, 3:5] = 7
    suv[1, 2, 3:5] = 4.0, 8.0
    (lesion,) = measure_lesions(labels, suv, space)
    assert (lesion.label, lesion.voxel_count) == (7, 2)
    assert lesion.volume_ml == pytest.approx(0.06)
    assert (lesion.suv_max, lesion.suv_mean) == (8.0, 6.0)
    assert lesion.suv_sd == pytest.approx(8**0.5)
    assert lesion.tlg == pytest.approx(0.36)
    assert lesion.max_index_xyz == (4, 2, 1)
    # index (4, 2, 1) is (8, 6, 5) mm along axes turned by 30 degrees
    assert lesion.max_xyz_mm == pytest.approx((10 + 8 * 0.75**0.5 - 3, 20 + 4 + 6 * 0.75**0.5, 35))
    assert lesion.centroid_xyz_mm == pytest.approx((10 + 7 * 0.75**0.5 - 3, 20 + 3.5 + 6 * 0.75**0.5, 35))
    assert (lesion.box_min_index_xyz, lesion.box_max_index_xyz) == ((3, 2, 1), (4, 2, 1))


@pytest.mark.parametrize(
    "spacing", [(2.0, 2.0, 3.0), (4.6875, 4.6875, 3.27), (7.0, 7.0, 7.0), (1.0, 2.0, 5.0)]
)
def test_peaks_agree_with_a_slow_twin(spacing):
    rng = np.random.default_rng(1)
    mask = blobs(2, (10, 12, 14), 4)
    space = grid(mask.shape, spacing)
    suv = rng.gamma(2.0, 2.0, mask.shape).astype(np.float32)
    (lesion,) = measure_lesions(mask.astype(np.uint16), suv, space)
    slow = {tuple(i): slow_peak(suv, space, i) for i in np.argwhere(mask)}
    assert lesion.suv_peak_global == pytest.approx(max(slow.values()), rel=1e-12)
    assert lesion.suv_peak_local == pytest.approx(slow[lesion.max_index_xyz[::-1]], rel=1e-12)


def test_a_large_lesion_measured_in_slabs_gives_the_same_peak(monkeypatch):
    mask = blobs(5, (30, 20, 20), 8, (3, 6))
    suv = np.random.default_rng(0).random(mask.shape).astype(np.float32)
    space = grid(mask.shape, (2.0, 2.0, 2.0))
    whole = measure_lesions(mask.astype(np.uint16), suv, space)
    monkeypatch.setattr("annotations.imaging.peaks.SLAB_VOXELS", 1000)
    assert measure_lesions(mask.astype(np.uint16), suv, space) == whole


def test_the_sphere_is_cut_at_the_border_and_reaches_outside_the_lesion():
    space = grid((1, 1, 5), (4.0, 4.0, 4.0))
    suv = np.array([[[9.0, 3.0, 0.0, 0.0, 0.0]]], np.float32)
    labels = np.array([[[1, 0, 0, 0, 0]]], np.uint16)
    (lesion,) = measure_lesions(labels, suv, space)
    assert lesion.suv_peak_local == pytest.approx(6.0)  # two voxels, not nine padded with zeros


def test_of_several_hottest_voxels_the_highest_peak_counts():
    space = grid((1, 1, 7), (5.0, 5.0, 5.0))
    suv = np.array([[[5.0, 1.0, 1.0, 1.0, 4.0, 5.0, 4.0]]], np.float32)
    labels = np.ones(suv.shape, np.uint16)
    (lesion,) = measure_lesions(labels, suv, space)
    assert lesion.max_index_xyz == (0, 0, 0)
    assert lesion.suv_peak_local == pytest.approx(13 / 3)


def test_without_suv_only_volumes_and_places_are_known():
    labels = np.zeros((3, 3, 3), np.uint16)
    labels[1, 1, 1:] = 4
    (lesion,) = measure_lesions(labels, None, grid((3, 3, 3), (10.0, 10.0, 10.0)))
    assert lesion.volume_ml == 2.0
    assert lesion.centroid_xyz_mm == (15.0, 10.0, 10.0)
    for name in ("suv_max", "suv_mean", "suv_sd", "suv_peak_local", "suv_peak_global", "tlg", "max_xyz_mm"):
        assert getattr(lesion, name) is None
    summary = summarise([lesion])
    assert (summary.ttv_ml, summary.lesion_count) == (2.0, 1)
    assert summary.lowest_suv_mean is summary.suv_max is summary.tlg is None


def test_values_that_are_not_numbers_undefine_only_what_needs_them():
    space = grid((1, 1, 9), (4.0, 4.0, 4.0))
    labels = np.array([[[1, 1, 0, 0, 0, 0, 0, 2, 2]]], np.uint16)
    suv = np.array([[[1, 2, np.nan, 0, 0, 0, 0, 3, 4]]], np.float32)
    first, second = measure_lesions(labels, suv, space)
    assert (first.suv_max, first.suv_peak_global) == (2.0, None)
    assert second.suv_peak_global == 3.5
    suv[0, 0, 0] = np.inf
    assert measure_lesions(labels, suv, space, only={1})[0].suv_mean is None


def test_only_the_asked_labels_are_measured_in_ascending_order():
    labels = np.array([[[9, 0, 3, 0, 65535]]], np.uint16)
    suv = np.ones(labels.shape, np.float32)
    space = grid(labels.shape)
    assert [one.label for one in measure_lesions(labels, suv, space)] == [3, 9, 65535]
    assert [one.label for one in measure_lesions(labels, suv, space, only={9, 4})] == [9]


def test_boxes_are_tight_for_labels_anywhere():
    labels = np.zeros((6, 7, 8), np.uint16)
    labels[2:4, 3, 5] = 2
    labels[5, 6, 7] = 300
    assert label_boxes(labels) == [
        (2, (slice(2, 4), slice(3, 4), slice(5, 6))),
        (300, (slice(5, 6), slice(6, 7), slice(7, 8))),
    ]


def test_a_single_voxel_has_no_standard_deviation():
    (lesion,) = measure_lesions(
        np.ones((1, 1, 1), np.uint16), np.ones((1, 1, 1), np.float32), grid((1, 1, 1))
    )
    assert lesion.suv_sd is None
    assert json.loads(json.dumps(lesion.to_json(), allow_nan=False))["suv_peak_local"] == 1.0


def test_the_patient_summary_names_the_lesion_with_the_lowest_mean():
    space = grid((1, 1, 8), (10.0, 10.0, 10.0))
    labels = np.array([[[1, 1, 1, 0, 2, 2, 0, 3]]], np.uint16)
    suv = np.array([[[5, 5, 5, 0, 2, 4, 0, 12]]], np.float32)
    summary = summarise(measure_lesions(labels, suv, space))
    assert summary.ttv_ml == pytest.approx(6.0)
    assert (summary.lowest_suv_mean, summary.lowest_suv_mean_label) == (3.0, 2)
    assert summary.lowest_suv_mean_volume_ml == pytest.approx(2.0)
    assert (summary.suv_max, summary.lesion_count) == (12.0, 3)
    assert summary.tlg == pytest.approx(15 + 6 + 12)


def test_no_lesion_is_zero_volume_and_an_undefined_mean():
    summary = summarise([])
    assert (summary.ttv_ml, summary.tlg, summary.lesion_count) == (0.0, 0.0, 0)
    assert summary.lowest_suv_mean is summary.lowest_suv_mean_label is summary.suv_max is None


def test_the_centroid_of_a_ball_is_its_centre():
    labels = ball((30, 30, 30), (14, 15, 16), 9.0, (1.0, 2.0, 3.0)).astype(np.uint16)
    (lesion,) = measure_lesions(labels, None, grid(labels.shape, (1.0, 2.0, 3.0), (5.0, 6.0, 7.0)))
    assert lesion.centroid_xyz_mm == pytest.approx((21.0, 36.0, 49.0))
    assert lesion.volume_ml == pytest.approx(np.count_nonzero(labels) * 0.006)
