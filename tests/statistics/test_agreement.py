"""Kappa, ICC and Bland-Altman against published values."""

import numpy as np
import pytest
from statsmodels.stats import inter_rater

from annotations.statistics.bland_altman import bland_altman_log
from annotations.statistics.icc import FORMS, intraclass_correlations
from annotations.statistics.kappa import clustered_kappa, cohen_kappa, fleiss_kappa, square_table

# Cohen (1960), Table 1 in counts of 200: kappa = 0.492.
COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
# Shrout and Fleiss (1979), Table 2: six targets, four judges.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Their six values in the order of FORMS; the intervals are those that the R package psych prints.
PUBLISHED = [0.166, 0.290, 0.715, 0.443, 0.620, 0.909]
INTERVALS = [(-0.133, 0.723), (0.019, 0.761), (0.342, 0.946), (-0.884, 0.912), (0.071, 0.927), (0.676, 0.986)]


def test_kappa_of_cohen_1960() -> None:
    result = cohen_kappa(COHEN_1960)
    assert result.estimate is not None
    assert round(result.estimate, 3) == 0.492


@pytest.mark.parametrize(
    ("ours", "theirs"), [("unweighted", None), ("linear", "linear"), ("quadratic", "quadratic")]
)
def test_kappa_and_interval_are_those_of_statsmodels(ours, theirs) -> None:  # type: ignore[no-untyped-def]
    table = [[7, 1, 0, 0, 0], [1, 2, 2, 0, 0], [0, 1, 15, 2, 0], [0, 0, 2, 4, 1], [0, 0, 0, 1, 5]]
    expected = inter_rater.cohens_kappa(np.array(table), wt=theirs)
    result = cohen_kappa(table, ours)
    assert result.estimate == pytest.approx(expected.kappa)
    assert (result.ci_low, result.ci_high) == pytest.approx((expected.kappa_low, expected.kappa_upp))


def test_weighted_kappa_by_hand() -> None:
    # Two of four pairs agree, the others are one row of two apart. Linear weights of 3 rows: 1, 1/2, 0.
    # First: rows 1, 1, 2, 3; second: 1, 2, 2, 2. Observed (1 + 1/2 + 1 + 1/2) / 4 = 3/4. Expected, of
    # (1/2, 1/4, 1/4) and (1/4, 3/4, 0): agreement with 1: 5/8, with 2: 7/8, with 3: 3/8; mean 10/16 + ... =
    # 1/2 * 5/8 + 1/4 * 7/8 + 1/4 * 3/8 = 5/8. Kappa (3/4 - 5/8) / (3/8) = 1/3.
    table = square_table([1, 1, 2, 3], [1, 2, 2, 2], (1, 2, 3))
    assert cohen_kappa(table, "linear").estimate == pytest.approx(1 / 3)


def test_rows_that_nobody_used_still_count_as_distance() -> None:
    assert square_table([1, 5], [1, 5], (1, 2, 3, 4, 5)).shape == (5, 5)


def test_kappa_without_variation_has_no_value() -> None:
    result = cohen_kappa([[0, 0], [0, 9]])
    assert result.estimate is None
    assert result.notes == ("not computed: both used one and the same category only (n = 9)",)


def test_fleiss_kappa_of_the_textbook_table() -> None:
    # Ten subjects, fourteen raters, five categories; kappa 0.210 (Fleiss' formulae worked through).
    ratings = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    result = fleiss_kappa(ratings)
    assert result.estimate is not None
    assert round(result.estimate, 3) == 0.210
    assert result.estimate == pytest.approx(inter_rater.fleiss_kappa(np.array(ratings)))


def test_fleiss_1971_psychiatric_diagnoses() -> None:
    # Fleiss (1971): 30 patients, 6 psychiatrists, 5 diagnoses. He gives 0.430; R's irr package 0.4302445.
    rows = (
        "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 "
        "224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 "
        "133333 555555"
    )
    counts = [[row.count(category) for category in "12345"] for row in rows.split()]
    assert np.sum(counts, axis=0).tolist() == [26, 26, 30, 55, 43]
    assert fleiss_kappa(counts).estimate == pytest.approx(0.4302445, abs=5e-8)


def test_fleiss_kappa_wants_all_readers_in_every_case() -> None:
    assert fleiss_kappa([[2, 0], [1, 0], [1, 1]]).estimate is None


def test_repeated_cases_get_a_bootstrap_over_cases() -> None:
    cases = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    first, second = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [1, 1, 2, 3, 3, 3, 4, 5, 5, 5]
    result = clustered_kappa(cases, first, second, (1, 2, 3, 4, 5), "linear", seed=2, resamples=500)
    assert result.estimate == cohen_kappa(square_table(first, second, (1, 2, 3, 4, 5)), "linear").estimate
    assert "bootstrap over cases" in result.notes[0]
    single = clustered_kappa(range(10), first, second, (1, 2, 3, 4, 5), "linear", seed=2)
    assert "bootstrap" not in " ".join(single.notes)


def test_the_six_values_of_shrout_and_fleiss() -> None:
    found = intraclass_correlations(SHROUT_FLEISS)
    values = [found[form].estimate for form in FORMS]
    assert [round(value, 3) for value in values if value is not None] == PUBLISHED
    for form, (low, high) in zip(FORMS, INTERVALS, strict=True):
        assert (found[form].ci_low, found[form].ci_high) == pytest.approx((low, high), abs=6e-4), form


def test_icc_without_spread_or_readers_is_not_computed() -> None:
    assert intraclass_correlations([[1, 1], [1, 1], [1, 1]])["ICC(2,1)"].estimate is None
    assert "1 readers" in intraclass_correlations([[1], [2], [3]])["ICC(1,1)"].notes[0]


def test_bland_altman_on_logs_by_hand() -> None:
    # Ratios 1, 2, 1/2, 1: logs in units of log 2 are 0, 1, -1, 0; mean 0, SD sqrt(2/3) = 0.8164966. Limits:
    # 2 to the power of +-1.959964 * 0.8164966 = +-1.600304. SE of the bias 0.4082483, t(0.975, 3) = 3.182446.
    found = bland_altman_log([10, 10, 10, 10], [10, 20, 5, 10])
    assert found.bias.estimate == pytest.approx(1.0)
    assert found.upper.estimate == pytest.approx(2**1.600304, rel=1e-6)
    assert found.lower.estimate == pytest.approx(2**-1.600304, rel=1e-6)
    assert found.bias.ci_high == pytest.approx(2 ** (3.182446 * 0.4082483), rel=1e-6)
    # SE of a limit: sqrt(SD^2/4 + 1.959964^2 SD^2/6) = SD sqrt(0.25 + 0.6402432) = 0.7703866.
    assert found.upper.ci_high == pytest.approx(2 ** (1.600304 + 3.182446 * 0.7703866), rel=1e-6)
    assert found.ratio.tolist() == pytest.approx([1, 2, 0.5, 1])


def test_limits_of_repeated_cases_are_those_of_a_single_reading() -> None:
    # Case means 0, 1, 2 (units of log 2), within each case +-1 around it: within variance 2 on 3 degrees
    # of freedom = 2. Between the means 1; single reading 1 + 2 * (1 - 1/2) = 2: SD sqrt(2).
    second = [2.0**power for power in (-1, 1, 0, 2, 1, 3)]
    found = bland_altman_log([1.0] * 6, second, ["a", "a", "b", "b", "c", "c"])
    assert found.bias.estimate == pytest.approx(2.0)
    assert found.upper.estimate == pytest.approx(2 ** (1 + 1.959964 * 2**0.5), rel=1e-6)
    assert found.bias.n == 3


def test_volumes_of_zero_are_counted_and_left_out() -> None:
    found = bland_altman_log([0, 1, 2, 3], [1, 1, 2, 3.3])
    assert found.excluded == 1
    assert "1 pairs with a volume of 0 mL are left out." in found.bias.notes
