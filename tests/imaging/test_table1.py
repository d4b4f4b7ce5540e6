import itertools

import numpy as np
import pytest

from annotations.imaging.components import number_lesions
from annotations.imaging.table1 import derive_row, row_of

from .cases import grid

SPACE = grid((12, 1, 12), (10.0, 10.0, 10.0))  # 1 mL a voxel


def mask(*rows):
    """Every second slice is a row of text, so that rows never touch."""
    result = np.zeros(SPACE.shape_zyx, bool)
    for slice_number, text in enumerate(rows):
        result[2 * slice_number, 0, : len(text)] = [letter == "#" for letter in text]
    return result


def row(ai, final, **options):
    return derive_row(ai, final, SPACE, **options)


def isolated(count):
    """`count` single-voxel lesions."""
    result = np.zeros(SPACE.shape_zyx, bool)
    places = list(itertools.product(range(0, 12, 2), range(0, 12, 2)))
    for z, x in places[:count]:
        result[z, 0, x] = True
    return result


def expected(n, m, p, b):
    """The rule once more, as the reader sees it: from the best row down."""
    if n == 0:
        return None
    too_many_missing = m >= 7 or m == n
    if m == 0 and p == 0:
        return 2 if b else 1
    if not too_many_missing and m <= 3 and p <= 2:
        return 3
    if not too_many_missing and p <= 4:
        return 4
    return 5


def test_every_cell_of_the_rule():
    cells = [(n, m, p, b) for n in range(12) for m in range(n + 1) for p in range(8) for b in (0, 1, 3)]
    assert {row_of(*cell) for cell in cells} == {None, 1, 2, 3, 4, 5}
    for cell in cells:
        assert row_of(*cell) == expected(*cell), cell


@pytest.mark.parametrize(
    ("n", "m", "p", "b", "wanted"),
    [
        (0, 0, 0, 0, None), (0, 0, 9, 0, None),
        (1, 0, 0, 0, 1), (20, 0, 0, 0, 1), (20, 0, 0, 4, 2),
        (5, 1, 0, 0, 3), (5, 3, 2, 1, 3), (5, 0, 1, 0, 3), (5, 0, 2, 0, 3),
        (5, 0, 3, 0, 4), (5, 0, 4, 0, 4), (5, 4, 0, 0, 4), (9, 6, 4, 0, 4), (5, 1, 3, 0, 4),
        (5, 0, 5, 0, 5), (9, 7, 0, 0, 5), (1, 1, 0, 0, 5), (3, 3, 0, 0, 5), (6, 6, 0, 0, 5), (8, 8, 0, 0, 5),
    ],
)  # fmt: skip
def test_cells_by_hand(n, m, p, b, wanted):
    assert row_of(n, m, p, b) == wanted


@pytest.mark.parametrize(
    ("n", "missing", "false"),
    [(n, m, p) for n in (1, 4, 9) for m in (0, 1, 3, 4, 6, 7) if m <= n for p in range(6)],
)
def test_every_cell_from_voxels(n, missing, false):
    everything = isolated(n + false)
    final = isolated(n)
    ai = everything & ~isolated(missing)
    found = row(ai, final)
    assert (found.n_final, found.missing, found.false_positive, found.partial) == (n, missing, false, 0)
    assert found.row == expected(n, missing, false, 0)


def test_identical_masks_are_row_1():
    found = row(mask("##", "####"), mask("##", "####"))
    assert (found.row, found.strict_row, found.partial, found.found_half_or_less) == (1, 1, 0, False)


def test_one_voxel_makes_it_partial_unless_the_plan_tolerates_it():
    ai, final = mask("####"), mask("#####")
    assert row(ai, final).row == 2
    assert row(ai, final, tolerance_voxels=2).row == 1
    assert row(ai, final, tolerance_voxels=2).tolerance_voxels == 2


def test_a_moved_lesion_of_equal_volume_is_partial():
    assert row(mask("####"), mask(".####")).partial == 1


def test_an_empty_ai_result_is_row_5():
    found = row(mask(), mask("#", "#", "#"))
    assert (found.row, found.missing, found.found_half_or_less) == (5, 3, True)


def test_a_negative_control_has_no_row_but_counts():
    found = row(mask("##", "#"), mask())
    assert (found.row, found.strict_row, found.found_half_or_less) == (None, None, None)
    assert (found.n_ai, found.ai_volume_ml, found.false_positive) == (2, 3.0, 2)
    assert row(mask(), mask()).row is None


def test_half_found_is_flagged():
    final = mask("#", "#", "#", "#")
    assert row(mask("#", "#"), final).found_half_or_less is True
    assert row(mask("#", "#", "#"), final).found_half_or_less is False


def test_splits_merges_and_renumbering_change_nothing():
    one, two = mask("#####"), mask("##.##")
    labels = number_lesions(two, SPACE, minimum_ml=0)
    renumbered = np.where(labels == 1, 9, labels * 40).astype(np.uint16)
    assert row(labels, renumbered).row == 1
    cut = row(one, two)
    assert (cut.n_final, cut.missing, cut.false_positive, cut.partial, cut.row) == (2, 0, 0, 1, 2)
    joined = row(two, one)
    assert (joined.n_final, joined.missing, joined.false_positive, joined.partial, joined.row) == (
        1,
        0,
        0,
        1,
        2,
    )


def test_less_than_half_in_common_is_gross_and_missing_under_the_stricter_rule():
    found = row(mask("##", "##"), mask("#####", "##"))
    assert (found.gross_partial, found.missing, found.row) == (1, 0, 2)
    assert (found.strict_missing, found.strict_false_positive, found.strict_row) == (1, 0, 3)


def test_an_ai_region_that_mostly_had_to_go_is_false_under_the_stricter_rule():
    found = row(mask("#######"), mask("###"))
    assert (found.gross_partial, found.row) == (1, 2)
    assert (found.strict_missing, found.strict_false_positive, found.strict_row) == (0, 1, 3)


def test_exactly_half_in_common_is_not_gross():
    assert row(mask("##"), mask("####")).gross_partial == 0


def test_components_under_the_minimum_do_not_count():
    space = grid((3, 1, 12), (2.0, 2.0, 3.0))
    ai, final = np.zeros(space.shape_zyx, bool), np.zeros(space.shape_zyx, bool)
    ai[0, 0, :9] = final[0, 0, :9] = True
    ai[2, 0, :8] = True  # 0.096 mL: no false positive
    found = derive_row(ai, final, space)
    assert (found.n_ai, found.false_positive, found.row) == (1, 0, 1)
    final[2, 0, 11] = True  # 0.012 mL: no missing lesion
    assert derive_row(ai, final, space).row == 1


def test_a_speck_touches_too():
    space = grid((1, 1, 12), (2.0, 2.0, 3.0))
    final, ai = np.ones(space.shape_zyx, bool), np.zeros(space.shape_zyx, bool)
    ai[0, 0, 3] = True
    found = derive_row(ai, final, space)
    assert (found.n_ai, found.missing, found.partial, found.gross_partial) == (0, 0, 1, 1)
    assert (found.row, found.strict_row) == (2, 5)
