import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from annotations.imaging.agreement import compare_lesions, compare_voxels, false_volumes
from annotations.imaging.geometry import GridMismatch

from .cases import blobs, grid

LINE = grid((1, 1, 12), (10.0, 10.0, 10.0))


def line(text):
    """'##..' as a mask on LINE."""
    return np.array([[[letter == "#" for letter in text.ljust(12, ".")]]])


def test_voxel_counts_by_hand():
    found = compare_voxels(line("####"), line("..#####"), LINE)
    assert (found.true_positive, found.false_positive, found.false_negative) == (2, 3, 2)
    assert found.dice == pytest.approx(4 / 9)
    assert found.precision == pytest.approx(2 / 5)
    assert found.sensitivity == pytest.approx(2 / 4)
    assert (found.true_volume_ml, found.predicted_volume_ml) == (4.0, 5.0)


def test_both_empty_is_not_defined():
    found = compare_voxels(line(""), line(""), LINE)
    assert (found.dice, found.precision, found.sensitivity) == (None, None, None)
    lesions = compare_lesions(line(""), line(""), LINE)
    assert (lesions.dice, lesions.precision, lesions.sensitivity) == (None, None, None)
    assert lesions.dice_by_prediction is None


def test_only_the_prediction_has_tumour():
    found = compare_voxels(line(""), line("##"), LINE)
    assert (found.dice, found.precision, found.sensitivity) == (0.0, 0.0, None)
    lesions = compare_lesions(line(""), line("##"), LINE)
    assert (lesions.dice, lesions.precision, lesions.sensitivity) == (0.0, 0.0, None)


def test_only_the_truth_has_tumour():
    found = compare_voxels(line("##"), line(""), LINE)
    assert (found.dice, found.precision, found.sensitivity) == (0.0, None, 0.0)
    lesions = compare_lesions(line("##"), line(""), LINE)
    assert (lesions.dice, lesions.precision, lesions.sensitivity) == (0.0, None, 0.0)


def test_a_lesion_is_found_by_one_voxel():
    found = compare_lesions(line("###.##.#"), line("..#.....##"), LINE)
    assert (found.n_true, found.n_predicted) == (3, 2)
    assert (found.found, found.missed, found.hits, found.false) == (1, 2, 1, 1)
    assert found.sensitivity == pytest.approx(1 / 3)
    assert found.precision == pytest.approx(1 / 2)
    assert found.dice == pytest.approx(2 / 5)


def test_merged_lesions_are_counted_both_ways():
    found = compare_lesions(line("##.##"), line("#####..#"), LINE)
    assert (found.n_true, found.n_predicted, found.found, found.hits, found.false) == (2, 2, 2, 1, 1)
    assert found.dice == pytest.approx(4 / 5)
    assert found.dice_by_prediction == pytest.approx(2 / 3)


def test_a_split_lesion_is_counted_both_ways():
    found = compare_lesions(line("#####"), line("##.##"), LINE)
    assert (found.found, found.hits, found.missed, found.false) == (1, 2, 0, 0)
    assert (found.dice, found.dice_by_prediction, found.precision, found.sensitivity) == (1, 1, 1, 1)


def test_false_volumes_are_of_whole_components_without_overlap():
    found = false_volumes(line("##..###"), line(".##....##.#"), LINE)
    assert found.connectivity == 18
    assert found.false_positive_volume_ml == pytest.approx(3.0)
    assert found.false_negative_volume_ml == pytest.approx(3.0)
    nothing = false_volumes(line(""), line(""), LINE)
    assert (nothing.false_positive_volume_ml, nothing.false_negative_volume_ml) == (0.0, 0.0)


def test_connectivity_decides_and_is_reported():
    truth = np.zeros((2, 2, 2), bool)
    truth[0, 0, 0] = truth[1, 1, 1] = True
    prediction = np.zeros_like(truth)
    prediction[0, 0, 0] = True
    space = grid(truth.shape)
    assert [compare_lesions(truth, prediction, space, c).n_true for c in (6, 18, 26)] == [2, 2, 1]
    assert compare_lesions(truth, prediction, space, 6).connectivity == 6
    assert false_volumes(truth, prediction, space).false_negative_volume_ml == pytest.approx(0.001)
    assert false_volumes(truth, prediction, space, 26).false_negative_volume_ml == 0.0


def test_labels_count_as_tumour_whatever_their_number():
    found = compare_voxels(line("####").astype(np.uint16) * 7, line("####").astype(np.uint16) * 300, LINE)
    assert found.dice == 1.0


def test_small_components_are_dropped_from_both_when_asked():
    space = grid((1, 1, 12), (2.0, 2.0, 3.0))
    truth, prediction = line("#########..#"), line("#########.#.")
    assert compare_lesions(truth, prediction, space).missed == 1
    found = compare_lesions(truth, prediction, space, minimum_ml=0.1)
    assert (found.n_true, found.n_predicted, found.missed, found.false) == (1, 1, 0, 0)


@pytest.mark.parametrize("connectivity", [6, 18, 26])
@pytest.mark.parametrize("seed", range(3))
def test_lesions_agree_with_a_slow_twin(seed, connectivity):
    truth, prediction = blobs(seed), blobs(seed + 100)
    structure = ndimage.generate_binary_structure(3, {6: 1, 18: 2, 26: 3}[connectivity])
    space = grid(truth.shape, (2.0, 2.0, 3.0))
    found = compare_lesions(truth, prediction, space, connectivity)
    volumes = false_volumes(truth, prediction, space, connectivity)
    for mask, other, count, touched, untouched_ml in (
        (truth, prediction, found.n_true, found.found, volumes.false_negative_volume_ml),
        (prediction, truth, found.n_predicted, found.hits, volumes.false_positive_volume_ml),
    ):
        labels, number = ndimage.label(mask, structure)
        parts = [labels == i for i in range(1, number + 1)]
        assert count == number
        assert touched == sum((part & other).any() for part in parts)
        lost = sum(part.sum() for part in parts if not (part & other).any())
        assert untouched_ml == pytest.approx(lost * 0.012)


@pytest.mark.parametrize("seed", range(3))
def test_voxels_agree_with_an_independent_library(seed):
    truth, prediction = blobs(seed), blobs(seed + 50)
    found = compare_voxels(truth, prediction, grid(truth.shape))
    theirs = sitk.LabelOverlapMeasuresImageFilter()
    theirs.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in (prediction, truth)))
    assert found.dice == pytest.approx(theirs.GetDiceCoefficient())
    assert found.sensitivity == pytest.approx(1 - theirs.GetFalseNegativeError())
    assert found.precision == pytest.approx(1 - theirs.GetFalseDiscoveryRate())


def test_masks_of_different_grids_are_refused():
    with pytest.raises(GridMismatch):
        compare_voxels(line("#"), np.zeros((1, 1, 11), bool), LINE)
