"""The folds of a release joined, by hand."""

import numpy as np
import pytest

from inference.segmenters.nnunet.ensemble import FoldEnsemble


def ensemble(*folds: list[float]) -> FoldEnsemble:
    joined = FoldEnsemble()
    for fold in folds:
        joined.add(np.array([[fold]], dtype=np.float32))
    return joined


def test_three_folds_by_hand() -> None:
    joined = ensemble([0.0, 0.25, 0.5, 1.0], [0.0, 0.75, 0.5, 0.25], [0.0, 0.5, 0.5, 0.0])
    disagreement = joined.disagreement()
    assert disagreement is not None
    assert disagreement.tolist() == [[[0.0, 0.5, 0.0, 1.0]]]
    assert joined.mean()[0, 0] == pytest.approx([0.0, 0.5, 0.5, 1.25 / 3])


def test_the_order_of_the_folds_does_not_matter() -> None:
    random = np.random.default_rng(3)
    folds = [random.random((4, 5, 6), dtype=np.float32) for _ in range(5)]
    one, other = FoldEnsemble(), FoldEnsemble()
    for fold in folds:
        one.add(fold.copy())
    for fold in reversed(folds):
        other.add(fold.copy())
    assert np.array_equal(one.disagreement(), other.disagreement())
    assert np.array_equal(one.disagreement(), np.ptp(np.stack(folds), axis=0))


def test_a_single_fold_disagrees_with_nobody() -> None:
    joined = ensemble([0.2, 0.9])
    assert joined.disagreement() is None
    assert joined.mean()[0, 0] == pytest.approx([0.2, 0.9])


def test_without_a_fold_there_is_no_mean() -> None:
    with pytest.raises(ValueError, match="no fold"):
        FoldEnsemble().mean()
