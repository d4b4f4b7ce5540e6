import numpy as np
import pytest
from scipy import ndimage

from annotations.imaging.checks import InvalidConnectivity
from annotations.imaging.components import (
    TooManyLesions,
    label_components,
    lesion_numbers,
    minimum_voxels,
    number_lesions,
    remove_small,
    remove_small_labels,
)
from annotations.imaging.geometry import GridMismatch

from .cases import blobs, grid

STRUCTURE_RANK = {6: 1, 18: 2, 26: 3}


@pytest.mark.parametrize("connectivity", [6, 18, 26])
@pytest.mark.parametrize("seed", range(4))
def test_components_are_those_of_an_independent_library(connectivity, seed):
    mask = np.random.default_rng(seed).random((15, 16, 17)) < 0.2
    labels, count = label_components(mask, connectivity)
    theirs, their_count = ndimage.label(
        mask, ndimage.generate_binary_structure(3, STRUCTURE_RANK[connectivity])
    )
    assert count == their_count
    pairs = {(int(a), int(b)) for a, b in zip(labels[mask], theirs[mask], strict=True)}
    assert len(pairs) == count  # one to one
    assert not labels[~mask].any()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5, 5), (3, 3, 3), (1, 9, 30), (9, 1, 1)])
def test_isolated_voxels_on_thin_odd_grids_are_all_found(shape):
    mask = np.zeros(shape, bool)
    mask[::2, ::2, ::2] = True
    labels, count = label_components(mask, 26)
    assert count == mask.sum()
    assert labels.shape == shape


def test_two_voxels_touching_at_a_corner_are_one_only_for_26():
    mask = np.zeros((2, 2, 2), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    assert [label_components(mask, c)[1] for c in (6, 18, 26)] == [2, 2, 1]
    mask[1, 1, 1] = False
    mask[0, 1, 1] = True
    assert [label_components(mask, c)[1] for c in (6, 18, 26)] == [2, 1, 1]


def test_another_connectivity_is_refused():
    with pytest.raises(InvalidConnectivity) as refused:
        label_components(np.zeros((2, 2, 2), bool), 8)
    assert refused.value.code == "invalid_connectivity"


def test_nine_voxels_of_2x2x3_mm_stay_and_eight_go():
    space = grid((3, 10, 10), (2.0, 2.0, 3.0))
    assert minimum_voxels(space, 0.1) == 9
    mask = np.zeros(space.shape_zyx, bool)
    mask[0, 0, :9] = True
    mask[2, 9, :8] = True
    kept = remove_small(mask, space)
    assert kept[0].sum() == 9
    assert kept.sum() == 9


def test_exactly_the_minimum_stays_despite_rounding():
    space = grid((1, 10, 10), (1.0, 1.0, 1.0))
    assert remove_small(np.ones(space.shape_zyx, bool), space, 0.1).all()
    assert minimum_voxels(space, 0.1) == 100
    assert minimum_voxels(space, 0.0) == 1


def test_small_labels_are_judged_as_a_whole_not_in_pieces():
    space = grid((1, 1, 12), (2.0, 2.0, 3.0))
    labels = np.array([[[5, 5, 5, 5, 5, 0, 5, 5, 5, 5, 0, 6]]], np.uint16)
    assert np.unique(remove_small_labels(labels, space)).tolist() == [0, 5]
    assert labels[0, 0, 11] == 6  # the argument is untouched


def test_lesions_are_numbered_by_descending_volume_with_ties_in_scan_order():
    space = grid((1, 1, 12))
    mask = np.array([[[1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0]]], bool)
    labels = number_lesions(mask, space, minimum_ml=0)
    assert labels.dtype == np.uint16
    assert labels[0, 0].tolist() == [4, 0, 2, 2, 0, 1, 1, 1, 0, 3, 3, 0]


def test_255_is_never_assigned():
    space = grid((1, 1, 1200))
    mask = np.zeros(space.shape_zyx, bool)
    mask[0, 0, ::2] = True
    labels = number_lesions(mask, space, minimum_ml=0)
    used = np.unique(labels)
    assert used.tolist() == [n for n in range(602) if n != 255]


def test_more_lesions_than_uint16_are_refused():
    assert lesion_numbers(65534)[-1] == 65535
    with pytest.raises(TooManyLesions):
        lesion_numbers(65535)


def test_an_empty_mask_gives_no_lesion():
    space = grid((3, 4, 5))
    empty = np.zeros(space.shape_zyx, bool)
    assert not number_lesions(empty, space).any()
    assert not remove_small(empty, space).any()
    assert label_components(empty)[1] == 0


def test_numbering_agrees_with_a_slow_twin():
    mask = blobs(3)
    space = grid(mask.shape, (2.0, 2.0, 3.0))
    labels = number_lesions(mask, space)
    theirs, count = ndimage.label(mask, np.ones((3, 3, 3)))
    sizes = sorted((n for i in range(1, count + 1) if (n := (theirs == i).sum()) >= 9), reverse=True)
    assert [(labels == i).sum() for i in range(1, labels.max() + 1)] == sizes


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(GridMismatch):
        number_lesions(np.zeros((2, 2, 2), bool), grid((2, 2, 3)))
