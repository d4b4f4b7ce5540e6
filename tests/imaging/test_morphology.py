import numpy as np
import pytest

from annotations.errors import InvalidInput
from annotations.imaging.morphology import NoSuchLabel, fill_label, grow_label, shrink_label, smooth_label

from .cases import ANISOTROPIC, ball, blobs, grid


def random_labels(seed, shape=(14, 16, 18)):
    labels = np.zeros(shape, np.uint16)
    for number in range(1, 6):
        labels[blobs(10 * seed + number, shape, 3) & (labels == 0)] = number
    return labels


def distances(own, space):
    """mm from every voxel to the nearest voxel of a mask, one by one."""
    spacing = np.array(space.spacing_xyz_mm[::-1])
    members = np.argwhere(own) * spacing
    every = np.argwhere(np.ones(own.shape, bool)) * spacing
    return np.array([np.linalg.norm(members - p, axis=1).min() for p in every]).reshape(own.shape)


@pytest.mark.parametrize("distance_mm", [0.0, 2.0, 4.1, 7.5])
def test_growing_and_shrinking_agree_with_a_slow_twin(distance_mm):
    labels = random_labels(1)
    space = grid(labels.shape, ANISOTROPIC)
    own = labels == 2
    near = distances(own, space) <= distance_mm
    grown = grow_label(labels, space, 2, distance_mm)
    assert np.array_equal(grown == 2, own | (near & (labels == 0)))
    edge = distances(~own, space) <= distance_mm
    assert np.array_equal(shrink_label(labels, space, 2, distance_mm) == 2, own & ~edge)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("label", [1, 3, 5])
def test_no_other_label_ever_changes(seed, label):
    labels = random_labels(seed)
    before = labels.copy()
    space = grid(labels.shape, ANISOTROPIC)
    others = (labels != 0) & (labels != label)
    for result in (
        grow_label(labels, space, label, 6.0),
        shrink_label(labels, space, label, 3.0),
        fill_label(labels, space, label),
        smooth_label(labels, space, label, 6.0),
    ):
        assert np.array_equal(result[others], labels[others])
        assert set(np.unique(result[~others])) <= {0, label}
    assert np.array_equal(labels, before)


def test_growing_keeps_out_of_blocked_voxels():
    labels = np.zeros((1, 1, 7), np.uint16)
    labels[0, 0, 3] = 4
    blocked = np.array([[[0, 0, 0, 0, 1, 0, 0]]])
    assert grow_label(labels, grid(labels.shape), 4, 2.0, blocked)[0, 0].tolist() == [0, 4, 4, 4, 0, 4, 0]


def test_the_border_of_the_image_does_not_eat():
    labels = np.ones((1, 1, 5), np.uint16)
    space = grid(labels.shape)
    assert shrink_label(labels, space, 1, 1.0).sum() == 5
    labels[0, 0, 4] = 0
    assert shrink_label(labels, space, 1, 1.0)[0, 0].tolist() == [1, 1, 1, 0, 0]


def test_holes_are_filled_and_lesions_in_them_stay():
    shell = ball((15, 15, 15), (7, 7, 7), 6.0) & ~ball((15, 15, 15), (7, 7, 7), 3.5)
    labels = shell.astype(np.uint16) * 7
    labels[7, 7, 7] = 2
    filled = fill_label(labels, grid(labels.shape), 7)
    assert np.array_equal(filled != 0, ball((15, 15, 15), (7, 7, 7), 6.0))
    assert filled[7, 7, 7] == 2
    assert filled[7, 7, 8] == 7


def test_an_open_bowl_is_not_filled_nor_one_closed_by_the_image_border():
    bowl = np.ones((5, 5, 5), np.uint16)
    bowl[1:, 2, 2] = 0
    assert np.array_equal(fill_label(bowl, grid(bowl.shape), 1), bowl)


def test_smoothing_takes_spikes_off_and_closes_dents():
    whole = ball((21, 21, 21), (10, 10, 10), 6.0)
    labels = whole.astype(np.uint16) * 3
    labels[10, 10, 17:21] = 3  # a spike
    labels[10, 4, 10] = 0  # a dent
    smooth = smooth_label(labels, grid(labels.shape), 3, 3.0)
    assert not smooth[10, 10, 18:].any()
    assert smooth[10, 4, 10] == 3 or smooth[10, 5, 10] == 3
    assert 2 * np.count_nonzero((smooth == 3) & whole) / (np.count_nonzero(smooth) + whole.sum()) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_smoothing_keeps_the_volume(seed):
    labels = random_labels(seed)
    space = grid(labels.shape, ANISOTROPIC)
    for label in (1, 2, 3):
        before = np.count_nonzero(labels == label)
        assert np.count_nonzero(smooth_label(labels, space, label, 5.0) == label) == pytest.approx(
            before, abs=2
        )


def test_a_lesion_too_small_to_smooth_is_left():
    labels = np.zeros((5, 5, 5), np.uint16)
    labels[2, 2, 2] = 1
    assert np.array_equal(smooth_label(labels, grid(labels.shape), 1, 6.0), labels)


def test_labels_and_distances_that_make_no_sense_are_refused():
    labels = random_labels(0)
    space = grid(labels.shape)
    for label in (0, 77):
        with pytest.raises(NoSuchLabel):
            grow_label(labels, space, label, 1.0)
    with pytest.raises(InvalidInput):
        shrink_label(labels, space, 1, -1.0)
