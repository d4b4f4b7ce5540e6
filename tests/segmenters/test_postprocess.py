"""From probabilities to lesions, by hand."""

import numpy as np
import pytest

from annotations.imaging.geometry import Grid, GridMismatch
from inference.segmenters.postprocess import label_probability

# 2 x 2.5 x 4 mm: 0.02 mL a voxel, so 0.1 mL are 5 voxels.
GRID = Grid((6, 8, 10), (2.0, 2.5, 4.0))


def test_half_is_background_and_small_or_outside_is_removed() -> None:
    probability = np.zeros(GRID.shape_zyx, dtype=np.float32)
    body = np.ones(GRID.shape_zyx, dtype=bool)
    body[:, :, 8:] = False
    probability[0, 0, 0:5] = 0.9  # 5 voxels: 0.1 mL, stays
    probability[0, 4, 0:4] = 0.9  # 4 voxels: goes
    probability[3, 0, 0:7] = 0.5  # exactly a half: background
    probability[3, 4, 0:6] = 0.51  # 6 voxels: the larger lesion
    probability[5, 0:8, 9] = 1.0  # outside the body
    mask, labels = label_probability(probability, GRID, body, 0.1)
    assert int(mask.sum()) == 5 + 4 + 6 + 8
    assert np.unique(labels).tolist() == [0, 1, 2]
    assert (labels[3, 4, 0:6] == 1).all()
    assert (labels[0, 0, 0:5] == 2).all()
    assert int((labels > 0).sum()) == 11


def test_voxels_that_meet_at_a_corner_are_one_lesion_and_none_is_no_lesion() -> None:
    probability = np.zeros(GRID.shape_zyx, dtype=np.float32)
    probability[0, 0, 0:3] = 0.9
    probability[1, 1, 3:6] = 0.9
    body = np.ones(GRID.shape_zyx, dtype=bool)
    assert label_probability(probability, GRID, body, 0.1)[1].max() == 1
    assert not label_probability(np.zeros_like(probability), GRID, body, 0.1)[1].any()


def test_another_shape_is_refused() -> None:
    with pytest.raises(GridMismatch):
        label_probability(np.zeros((2, 2, 2), dtype=np.float32), GRID, np.ones(GRID.shape_zyx, dtype=bool))
