"""Paired tests against published examples and hand computation."""

import numpy as np
import pytest
from scipy import stats

from annotations.statistics.paired import (
    average_within,
    hodges_lehmann,
    paired_t,
    paired_t_log,
    wilcoxon_signed_rank,
)

# Student (1908), extra hours of sleep with two drugs; R: t.test(extra ~ group, data = sleep, paired = TRUE).
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# Hollander and Wolfe (1973), depression before and after; R's example of wilcox.test.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_paired_t_gives_students_sleep_result() -> None:
    result = paired_t(DRUG_1, DRUG_2)
    assert result.estimate == pytest.approx(1.58)
    assert result.statistic == pytest.approx(4.0621, abs=5e-5)
    assert result.p == pytest.approx(0.002833, abs=5e-7)
    assert (result.ci_low, result.ci_high) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)
    assert (result.n, result.df) == (10, 9)


def test_ratio_of_times_is_the_geometric_mean_of_the_ratios() -> None:
    # Ratios 1/2, 1/4, 1/2, 1/4: geometric mean (1/64)^(1/4) = 2^-1.5. In units of log 2 the differences are
    # -1, -2, -1, -2: mean -1.5, SD sqrt(1/3), SE 0.288675; t(0.975, 3) = 3.182446, so +-0.918693.
    result = paired_t_log([10, 20, 30, 8], [5, 5, 15, 2])
    assert result.estimate == pytest.approx(2**-1.5)
    assert result.ci_low == pytest.approx(2 ** (-1.5 - 0.918693), rel=1e-6)
    assert result.ci_high == pytest.approx(2 ** (-1.5 + 0.918693), rel=1e-6)
    assert result.p == pytest.approx(stats.ttest_1samp(np.log([0.5, 0.25, 0.5, 0.25]), 0).pvalue)


def test_wilcoxon_gives_the_published_exact_p() -> None:
    # R: V = 40, one-sided p = 0.01953, two-sided 0.03906.
    result = wilcoxon_signed_rank(AFTER, BEFORE)
    assert result.statistic == 40
    assert result.p == pytest.approx(0.0390625)


def test_wilcoxon_stays_exact_with_ties_and_names_dropped_zeros() -> None:
    # Sleep: one zero is dropped, nine differences are positive, two of them tied: 2 of 2^9 sign patterns.
    result = wilcoxon_signed_rank(DRUG_1, DRUG_2)
    assert result.p == pytest.approx(2 / 2**9)
    assert result.notes == ("1 pairs without a difference were dropped.",)


def test_wilcoxon_of_many_pairs_is_the_normal_approximation() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(0, 1, 80), random.normal(0.2, 1, 80)
    expected = stats.wilcoxon(second - first, correction=True, method="approx")
    assert wilcoxon_signed_rank(first, second).p == pytest.approx(float(expected.pvalue))


def test_too_few_pairs_say_that_no_p_can_be_small() -> None:
    result = wilcoxon_signed_rank([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])
    assert result.p == pytest.approx(0.0625)
    assert "cannot be below 0.0625" in result.notes[0]


def test_hodges_lehmann_is_the_published_estimate() -> None:
    # Hollander and Wolfe: median of the 45 Walsh averages is 0.46.
    result = hodges_lehmann(AFTER, BEFORE, seed=1)
    assert result.estimate == pytest.approx(0.46, abs=0.005)
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.ci_low < 0.46 < result.ci_high


def test_bootstrap_is_the_same_for_the_same_seed_only() -> None:
    values = np.random.default_rng(1).normal(1, 1, 30)
    first = hodges_lehmann(np.zeros(30), values, seed=1)
    assert first == hodges_lehmann(np.zeros(30), values, seed=1)
    assert first.ci_low != hodges_lehmann(np.zeros(30), values, seed=2).ci_low


def test_bootstrap_interval_agrees_with_scipys() -> None:
    random = np.random.default_rng(8)
    second = random.normal(1, 1, 40)

    def walsh(sample: np.ndarray) -> float:  # type: ignore[type-arg]
        low, high = np.triu_indices(sample.size)
        return float(np.median(sample[low] + sample[high]) / 2)

    theirs = stats.bootstrap(
        (second,),
        walsh,
        n_resamples=4000,
        method="percentile",
        vectorized=False,
        rng=np.random.default_rng(1),
    ).confidence_interval
    ours = hodges_lehmann(np.zeros(40), second, seed=5, resamples=4000)
    # Monte Carlo error of a 2.5 % quantile of 4000 draws is about 0.01 here (SE of the estimate 0.16).
    assert (ours.ci_low, ours.ci_high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


@pytest.mark.parametrize("test", [paired_t, paired_t_log, wilcoxon_signed_rank])
def test_two_pairs_are_not_computed(test) -> None:  # type: ignore[no-untyped-def]
    result = test([1, 2], [2, 5])
    assert (result.estimate, result.p) == (None, None)
    assert result.notes[0].startswith("not computed:")
    assert "n = 2" in result.notes[0]


def test_times_of_zero_have_no_logarithm_and_say_so() -> None:
    assert paired_t_log([0, 1, 2], [1, 1, 1]).notes == ("not computed: a value is not above 0 (n = 3)",)


def test_equal_differences_have_no_test() -> None:
    result = paired_t([1, 2, 3], [2, 3, 4])
    assert (result.estimate, result.p) == (1.0, None)


def test_skewed_differences_are_named() -> None:
    result = paired_t([0.0] * 8, [0, 0, 0, 0, 0, 0, 0.1, 50])
    assert "not normal" in result.notes[0]


def test_readers_are_averaged_within_a_case() -> None:
    names, means = average_within([3, 1, 3], [1.0, 5.0, 3.0])
    assert names == [3, 1]
    assert means.tolist() == [2.0, 5.0]


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        paired_t([1, float("nan"), 3], [1, 2, 3])
