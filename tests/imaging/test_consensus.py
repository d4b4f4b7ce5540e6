import json

import numpy as np
import pytest
import SimpleITK as sitk

from annotations.imaging.consensus import ConsensusFailed, majority, staple

from .cases import ball, grid

SHAPE = (16, 18, 20)
SPACE = grid(SHAPE)


def readers(seed, rates=((0.9, 0.98), (0.8, 0.99), (0.7, 0.97))):
    """A known truth, and readers who err at known rates (sensitivity, specificity)."""
    random = np.random.default_rng(seed)
    truth = ball(SHAPE, (8, 9, 10), 6.0)
    masks = [np.where(truth, random.random(SHAPE) < p, random.random(SHAPE) > q) for p, q in rates]
    return truth, masks


def test_majority_by_hand():
    line = grid((1, 1, 4))
    masks = [np.array([[row]], bool) for row in ([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0])]
    assert majority(masks, line).ravel().tolist() == [True, True, False, False]
    assert majority(masks[:2], line).ravel().tolist() == [True, True, False, False]  # a tie is no tumour
    labels = [m.astype(np.uint16) * (k + 3) for k, m in enumerate(masks)]
    assert np.array_equal(majority(labels, line), majority(masks, line))


@pytest.mark.parametrize("seed", range(3))
def test_staple_agrees_with_an_independent_library(seed):
    _, masks = readers(seed)
    for mask in masks:  # the corners make the box of all masks the whole image, as there
        mask[0, 0, 0] = mask[-1, -1, -1] = True
    ours = staple(masks, SPACE)
    images = [sitk.GetImageFromArray(m.astype(np.uint8)) for m in masks]
    theirs = sitk.STAPLEImageFilter()
    theirs.SetForegroundValue(1)
    probability = sitk.GetArrayFromImage(theirs.Execute(images))
    assert ours.probability == pytest.approx(probability, abs=1e-4)
    assert ours.sensitivities == pytest.approx(theirs.GetSensitivity(), abs=1e-4)
    assert ours.specificities == pytest.approx(theirs.GetSpecificity(), abs=1e-4)


def test_staple_finds_truth_and_performance():
    truth, masks = readers(5, ((0.95, 0.99), (0.9, 0.98), (0.85, 0.99), (0.6, 0.9)))
    found = staple(masks, SPACE)
    assert 2 * (found.mask & truth).sum() / (found.mask.sum() + truth.sum()) > 0.97
    assert found.sensitivities == pytest.approx((0.95, 0.9, 0.85, 0.6), abs=0.04)
    assert found.specificities == pytest.approx((0.99, 0.98, 0.99, 0.9), abs=0.01)
    best_single = max(2 * (m & truth).sum() / (m.sum() + truth.sum()) for m in masks)
    assert 2 * (found.mask & truth).sum() / (found.mask.sum() + truth.sum()) > best_single


def test_readers_who_agree_are_the_consensus():
    truth, _ = readers(0)
    found = staple([truth, truth, truth], SPACE)
    assert np.array_equal(found.mask, truth)
    assert found.sensitivities == pytest.approx((1, 1, 1))


def test_the_region_does_not_depend_on_the_size_of_the_scan():
    truth, masks = readers(1, ((0.9, 1.0), (0.8, 1.0), (0.85, 1.0)))
    large = grid((40, 50, 60))
    placed = []
    for mask in masks:
        whole = np.zeros(large.shape_zyx, bool)
        whole[10:26, 20:38, 30:50] = mask
        placed.append(whole)
    small, wide = staple(masks, SPACE, margin_voxels=1), staple(placed, large, margin_voxels=1)
    assert wide.prior == small.prior
    assert wide.sensitivities == small.sensitivities
    assert np.array_equal(wide.mask[10:26, 20:38, 30:50], small.mask)
    assert wide.mask.sum() == small.mask.sum()
    assert truth.any()


def test_nothing_from_nobody_is_nothing():
    empty = np.zeros(SHAPE, bool)
    found = staple([empty, empty], SPACE)
    assert not found.mask.any()
    assert found.sensitivities == (None, None)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["prior"] == 0.0
    assert not majority([empty, empty], SPACE).any()


def test_one_mask_or_an_estimate_that_does_not_settle_is_refused():
    _, masks = readers(0)
    with pytest.raises(ConsensusFailed):
        majority(masks[:1], SPACE)
    with pytest.raises(ConsensusFailed):
        staple(masks * 6, SPACE)
    with pytest.raises(ConsensusFailed):
        staple(masks, SPACE, most_iterations=1)
