"""Counts and proportions against the first paper, textbook tables and enumeration by hand."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from annotations.statistics.contingency import chi_squared, compare_counts, exact_test, least_expected
from annotations.statistics.proportions import clopper_pearson, clustered_proportion

# First paper, Table 2, WHO grades 1-3 of training and test cohort, the seven without a grade left out.
WHO = [[29, 3], [75, 32], [6, 6]]
# Agresti: job satisfaction; R's example of fisher.test, p = 0.7827.
JOBS = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]


def test_who_grades_give_the_papers_p() -> None:
    result = chi_squared(WHO)
    assert result.p is not None
    assert round(result.p, 3) == 0.013
    assert (result.n, result.df) == (151, 2)
    # Least expected count: 12 patients of grade 3, 41 of 151 in the test cohort: 12 * 41 / 151 = 3.26.
    assert least_expected(WHO) == pytest.approx(3.2583, abs=5e-5)
    assert result.notes == ("The least expected count is 3.3, under 5.",)


def test_a_small_expected_count_brings_the_exact_test_along() -> None:
    assert [one.test for one in compare_counts(WHO, seed=1)] == [
        "chi-squared test",
        "Freeman-Halton exact test",
    ]
    assert [one.test for one in compare_counts([[54, 63], [24, 17]], seed=1)] == ["chi-squared test"]


def test_freeman_halton_is_the_sum_over_all_tables() -> None:
    # Written out: every split of the grades' totals with 41 in the test cohort, each with its number of ways.
    rows, total = [sum(row) for row in WHO], 41

    def ways(split: tuple[int, ...]) -> int:
        return int(np.prod([comb(n, k) for n, k in zip(rows, split, strict=True)], dtype=object))

    observed = ways((3, 32, 6))
    tables = [one for one in product(*(range(n + 1) for n in rows)) if sum(one) == total]
    expected = sum(ways(one) for one in tables if ways(one) <= observed) / comb(sum(rows), total)
    assert exact_test(WHO, seed=1).p == pytest.approx(expected, rel=1e-9)


def test_fishers_tea_tasting() -> None:
    # Agresti (1990), R's example of fisher.test: two-sided p = 34/70.
    result = exact_test([[3, 1], [1, 3]], seed=1)
    assert result.test == "Fisher exact test"
    assert result.p == pytest.approx(34 / 70)


def test_larger_tables_are_drawn_with_a_seed() -> None:
    result = exact_test(JOBS, seed=4)
    # R: 0.7827; the Monte Carlo error of 100,000 draws is 0.0013.
    assert result.p == pytest.approx(0.7827, abs=4 * 0.0013)
    assert "seed 4" in result.notes[0]
    assert result == exact_test(JOBS, seed=4)
    assert result.p != exact_test(JOBS, seed=5).p


def test_chi_squared_of_a_textbook_table() -> None:
    # 2 x 2 by hand: n (ad - bc)^2 / (r1 r2 c1 c2).
    assert chi_squared([[20, 30], [20, 30]]).statistic == pytest.approx(0)
    found = chi_squared([[20, 5], [10, 25]])
    assert found.statistic == pytest.approx(60 * (20 * 25 - 5 * 10) ** 2 / (25 * 35 * 30 * 30))


def test_one_group_alone_is_not_tested() -> None:
    assert chi_squared([[3, 0], [4, 0]]).notes == ("not computed: one group or one category only (n = 7)",)


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        chi_squared([[1, -1], [2, 3]])


def test_usable_share_of_the_first_paper() -> None:
    # 35 of 41: 85 %, 95 % interval 71-94 %.
    result = clopper_pearson(35, 41)
    assert result.estimate == pytest.approx(35 / 41)
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert (round(100 * result.ci_low), round(100 * result.ci_high)) == (71, 94)
    exact = stats.binomtest(35, 41).proportion_ci(0.95, method="exact")
    assert (result.ci_low, result.ci_high) == pytest.approx((exact.low, exact.high))


def test_shares_at_the_ends_have_an_end_at_0_or_1() -> None:
    # Rule of three, exactly: 0 of n has the upper bound 1 - 0.025^(1/n).
    assert clopper_pearson(0, 10).ci_low == 0
    assert clopper_pearson(0, 10).ci_high == pytest.approx(1 - 0.025**0.1)
    assert clopper_pearson(10, 10).ci_high == 1
    assert clopper_pearson(0, 0).notes == ("not computed: n = 0",)


def test_several_readers_of_a_case_widen_the_interval() -> None:
    # By hand: cases 2/2, 1/2, 0/2, 2/2. p = 5/8; residuals 0.75, -0.25, -1.25, 0.75; sum of squares 2.75;
    # variance 4/3 * 2.75 / 64 = 0.0572917; binomial 0.234375 / 8 = 0.0292969; design effect 1.9555556;
    # effective n 8 / 1.9555556 = 4.0909091, times (t(0.975, 7) / t(0.975, 3))^2 = (2.364624 / 3.182446)^2.
    clusters = [1, 1, 2, 2, 3, 3, 4, 4]
    outcomes = [True, True, True, False, False, False, True, True]
    effective = 4.0909091 * (2.364624 / 3.182446) ** 2
    hits = 0.625 * effective
    result = clustered_proportion(clusters, outcomes)
    assert result.estimate == 0.625
    assert result.ci_low == pytest.approx(stats.beta.ppf(0.025, hits, effective - hits + 1), rel=1e-5)
    assert result.ci_high == pytest.approx(stats.beta.ppf(0.975, hits + 1, effective - hits), rel=1e-5)
    assert "8 reads of 4 cases; design effect 1.96" in result.notes[0]


def test_one_read_a_case_is_the_plain_interval() -> None:
    outcomes = [True] * 35 + [False] * 6
    assert clustered_proportion(range(41), outcomes) == clopper_pearson(35, 41)


def test_a_share_of_1_over_clusters_counts_cases() -> None:
    result = clustered_proportion([1, 1, 2, 2, 3, 3], [True] * 6)
    assert result.ci_high == 1
    assert result.ci_low is not None
    assert result.ci_low < float(stats.beta.ppf(0.025, 6, 1))  # what six independent reads would give
