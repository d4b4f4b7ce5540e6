"""Differences by lesion add up to the derived row; planted errors are what they say, and found again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.imaging.table1 import derive_row
from annotations.reads.errors import PlantingImpossible
from annotations.reads.scoring.differences import list_differences
from annotations.reads.scoring.planting import corrections, plant_errors
from tests.builders import SMALL, boxes
from tests.reads.scenes import L1, L2

BODY = np.ones(SMALL.shape_zyx, dtype=bool)
corners = st.tuples(*(st.integers(0, size - 4) for size in SMALL.shape_zyx))
maps = st.lists(st.tuples(corners, st.integers(1, 4)), max_size=5)


def drawn(places) -> np.ndarray:
    labels = np.zeros(SMALL.shape_zyx, dtype=np.uint16)
    for number, ((z, y, x), size) in enumerate(places, start=1):
        labels[z : z + size, y : y + size, x : x + size] = number
    return labels


@given(maps, maps)
@settings(max_examples=60, deadline=None)
def test_the_list_adds_up_to_the_derived_row(ai_places, final_places):
    ai, final = drawn(ai_places), drawn(final_places)
    row = derive_row(ai, final, SMALL)
    found = list_differences(ai, final, SMALL)
    kinds = [one.kind for one in found]
    assert kinds.count("missing") == row.missing
    assert kinds.count("false_positive") == row.false_positive
    assert kinds.count("gross_partial") == row.gross_partial
    assert kinds.count("partial") + kinds.count("gross_partial") == row.partial
    if all(one.final_components < 2 and one.ai_components < 2 for one in found):
        assert sum(one.final_ml for one in found) <= row.final_volume_ml + 1e-9


def test_a_difference_says_its_volumes_place_and_labels():
    """Voxels of 0.08 mL; L1 has 18 of them, half of it is 9."""
    ai = boxes(SMALL, L1=L1, L2=L2)
    final = boxes(SMALL, L1=np.s_[2:3, 2:5, 2:5], L7=np.s_[6:8, 2:4, 10:12])
    by_kind = {one.kind: one for one in list_differences(ai, final, SMALL)}
    assert set(by_kind) == {"partial", "missing", "false_positive"}
    partial = by_kind["partial"]
    assert (partial.ai_ml, partial.final_ml, partial.common_ml) == pytest.approx((1.44, 0.72, 0.72))
    assert (partial.ai_labels, partial.final_labels) == ((1,), (1,))
    assert partial.centroid_xyz_mm == pytest.approx((-40 + 3 * 4, -30 + 3 * 4, 100 + 2 * 5))
    assert (by_kind["missing"].final_labels, by_kind["missing"].final_ml) == ((7,), pytest.approx(0.64))
    assert by_kind["false_positive"].ai_ml == pytest.approx(18 * 0.08)


def plant(seed=1, **wanted):
    labels = boxes(SMALL, L1=L1, L2=L2)
    planted, errors = plant_errors(labels, BODY, SMALL, seed=seed, next_label=3, **wanted)
    return labels, planted, errors


def test_errors_are_planted_by_the_seed_and_recorded():
    labels, planted, errors = plant(added=1, removed=1, truncated=1)
    assert (plant(added=1, removed=1, truncated=1)[1] == planted).all()
    assert [one.kind for one in errors] == ["removed", "truncated", "added"]
    removed, truncated, added = errors
    assert not (planted == removed.label).any()
    assert removed.voxel_count == 18
    assert (planted == truncated.label).sum() == 18 - truncated.voxel_count
    assert 0 < truncated.voxel_count <= 9
    assert (planted == added.label).sum() == added.voxel_count
    assert not (labels[planted == added.label]).any()
    assert added.label == 3
    assert added.volume_ml == pytest.approx(added.voxel_count * 0.08)
    assert any((plant(seed, added=1)[1] != plant(seed + 1, added=1)[1]).any() for seed in range(3))


def test_an_error_is_corrected_from_half_of_its_voxels_on():
    labels, planted, errors = plant(removed=1, added=1)
    rows = [one.to_json() for one in errors]

    def corrected(final):
        return [one["corrected"] for one in corrections(rows, labels, planted, final)]

    assert corrected(planted) == [False, False]
    assert corrected(labels) == [True, True]
    half = planted.copy()
    wrong = np.argwhere(labels == errors[0].label)
    half[tuple(wrong[:8].T)] = errors[0].label
    assert corrected(half)[0] is False
    half[tuple(wrong[:9].T)] = errors[0].label
    assert corrected(half)[0] is True


def test_too_few_lesions_or_no_room_is_refused():
    with pytest.raises(PlantingImpossible, match="too few"):
        plant(removed=2, truncated=1)
    with pytest.raises(PlantingImpossible, match="no room"):
        plant_errors(
            boxes(SMALL, L1=L1), np.zeros(SMALL.shape_zyx, bool), SMALL, seed=1, next_label=2, added=1
        )
