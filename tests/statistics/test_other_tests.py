"""Unpaired tests, Holm, non-inferiority, sample size, box plots."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from annotations.statistics.distribution import box_plot, decile_of, low_outliers, summarise_values
from annotations.statistics.multiplicity import adjust, holm, non_inferiority
from annotations.statistics.results import Result
from annotations.statistics.sample_size import (
    mean_sd,
    paired_log_time,
    paired_non_inferiority,
    sd_from_interval,
)
from annotations.statistics.unpaired import (
    kolmogorov_smirnov,
    kruskal_wallis,
    spearman,
    unpaired_t,
    unpaired_t_log,
)
from tests.statistics.test_paired import DRUG_1, DRUG_2


def test_welch_of_the_sleep_data() -> None:
    # R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p = 0.07939,
    # interval -3.3654832 to 0.2054832.
    result = unpaired_t(DRUG_2, DRUG_1)
    assert result.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert result.df == pytest.approx(17.776, abs=5e-4)
    assert result.p == pytest.approx(0.07939, abs=5e-6)
    assert (result.ci_low, result.ci_high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_ratio_of_different_cases_is_welch_on_logs() -> None:
    first, second = [10.0, 12, 15, 9], [5.0, 4, 8, 7, 5]
    compared = CompareMeans(DescrStatsW(np.log(second)), DescrStatsW(np.log(first)))
    low, high = compared.tconfint_diff(usevar="unequal")
    result = unpaired_t_log(first, second)
    assert result.estimate == pytest.approx(stats.gmean(second) / stats.gmean(first))
    assert (result.ci_low, result.ci_high) == pytest.approx((np.exp(low), np.exp(high)))


def test_kolmogorov_smirnov_of_apart_samples() -> None:
    # Distance 1: two of the C(10, 5) = 252 orders of the ten values.
    result = kolmogorov_smirnov([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])
    assert (result.estimate, result.p) == (1.0, pytest.approx(2 / 252))


def test_kruskal_wallis_by_hand() -> None:
    # Ranks 1-3, 4-6, 7-9: H = 12 / 90 * (36/3 + 225/3 + 576/3) - 30 = 7.2; p = exp(-3.6).
    result = kruskal_wallis([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert result.statistic == pytest.approx(7.2)
    assert result.p == pytest.approx(np.exp(-3.6))
    assert "1 groups of fewer than 3" in kruskal_wallis([[1, 2, 3], [4, 5, 6], [7]]).notes[0]


def test_spearman_by_hand() -> None:
    # 1 - 6 * sum(d^2) / (n (n^2 - 1)) with d = 1, -1, 0, 0, 0: 1 - 12 / 120 = 0.9.
    assert spearman([1, 2, 3, 4, 5], [20, 10, 30, 40, 50]).estimate == pytest.approx(0.9)


def test_holm_is_that_of_statsmodels_and_skips_what_has_no_p() -> None:
    # By hand: 0.01 * 3, then max(0.03 * 2, 0.03), then 0.04 no less than 0.06.
    assert holm([0.01, 0.04, None, 0.03]) == [
        pytest.approx(0.03),
        pytest.approx(0.06),
        None,
        pytest.approx(0.06),
    ]
    p_values = [0.2, 0.001, 0.04, 0.5, 0.012]
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
    adjusted = adjust([Result(test="t", n=1, p=0.04), Result(test="t", n=1), Result(test="t", n=1, p=0.3)])
    assert [one.p_adjusted for one in adjusted] == [0.08, None, 0.3]


def test_non_inferiority_is_a_one_sided_t_against_the_margin() -> None:
    control = [0.90, 0.85, 0.95, 0.80, 0.88, 0.92, 0.79, 0.91]
    test = [0.89, 0.86, 0.93, 0.80, 0.87, 0.92, 0.80, 0.88]
    result = non_inferiority(control, test, margin=0.05)
    expected = stats.ttest_1samp(np.subtract(test, control), -0.05, alternative="greater")
    assert result.p == pytest.approx(float(expected.pvalue))
    assert "Non-inferiority is shown" in result.notes[0]
    assert "is not shown" in non_inferiority(control, test, margin=0.01).notes[0]


def test_non_inferiority_needs_a_margin() -> None:
    with pytest.raises(ValueError, match="margin"):
        non_inferiority([1, 2, 3], [1, 2, 3], margin=0)


@pytest.mark.parametrize(("ratio", "sd"), [(0.5, 0.8), (0.8, 0.4), (0.29, 0.5), (1.3, 0.6)])
def test_sample_size_is_that_of_statsmodels(ratio: float, sd: float) -> None:
    found = paired_log_time(ratio=ratio, sd_log_difference=sd, power=0.9)
    expected = TTestPower().solve_power(abs(np.log(ratio)) / sd, alpha=0.05, power=0.9)
    assert found.cases == max(2, int(np.ceil(float(np.squeeze(expected)))))
    assert found.power == pytest.approx(
        TTestPower().power(abs(np.log(ratio)) / sd, found.cases, 0.05), rel=1e-9
    )


def test_half_a_standard_deviation_needs_34_pairs() -> None:
    # Every table of sample sizes: d = 0.5, alpha 0.05 two-sided, power 0.8: 33.4 pairs.
    assert paired_log_time(ratio=float(np.exp(-0.5)), sd_log_difference=1.0).cases == 34


def test_non_inferiority_sample_size_is_one_sided_at_half_alpha() -> None:
    found = paired_non_inferiority(margin=0.05, sd_difference=0.1, expected_difference=-0.01)
    expected = TTestPower().solve_power(0.4, alpha=0.025, power=0.8, alternative="larger")
    assert found.cases == int(np.ceil(float(np.squeeze(expected))))
    assert "0.05" in found.statement


def test_more_readers_help_only_as_far_as_they_differ() -> None:
    assert mean_sd(1.0, 4, 1.0) == 1.0
    assert mean_sd(1.0, 4, 0.0) == 0.5
    assert mean_sd(1.0, 4, 0.5) == pytest.approx((2.5 / 4) ** 0.5)
    alone = paired_log_time(ratio=0.8, sd_log_difference=0.5)
    assert (
        paired_log_time(ratio=0.8, sd_log_difference=0.5, readers=4, reader_correlation=0.3).cases
        < alone.cases
    )


def test_the_spread_behind_a_published_interval() -> None:
    # Ten pairs with SD 0.6: half width t(0.975, 9) * 0.6 / sqrt(10).
    half = 2.262157 * 0.6 / 10**0.5
    assert sd_from_interval(0.3 * np.exp(-half), 0.3 * np.exp(half), 10) == pytest.approx(0.6, rel=1e-6)


@pytest.mark.parametrize(
    "wrong", [{"ratio": 1.0}, {"ratio": -1.0}, {"power": 0.01}, {"sd_log_difference": 0.0}]
)
def test_sample_sizes_that_cannot_be_asked(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"\."):
        paired_log_time(**{"ratio": 0.5, "sd_log_difference": 1.0, **wrong})


def test_a_hopeless_effect_is_named() -> None:
    with pytest.raises(ValueError, match="too small"):
        paired_log_time(ratio=1.00001, sd_log_difference=5.0)


def test_box_plot_by_hand() -> None:
    # Sorted 0, 6, 7, 8, 9, 10, 20: quartiles (type 7) 6.5, 8, 9.5; fences 2 and 14.
    box = box_plot([20, 6, 7, 8, 9, 10, 0])
    assert box is not None
    assert (box.summary.q1, box.summary.median, box.summary.q3) == (6.5, 8.0, 9.5)
    assert (box.whisker_low, box.whisker_high, box.outliers) == (6.0, 10.0, (0.0, 20.0))
    assert box_plot([]) is None


def test_outliers_are_the_low_ones() -> None:
    # The second paper's rule, x < q1 - 1.5 (q3 - q1): 0 is out, 20 is not a failure, 2.0 lies on the fence.
    assert low_outliers([20, 6, 7, 8, 9, 10, 0]) == [6]
    assert low_outliers([]) == []


def test_deciles_differ_by_one_case_at_most() -> None:
    groups = decile_of(list(range(24, 0, -1)))
    sizes = [groups.count(decile) for decile in range(1, 11)]
    assert sum(sizes) == 24
    assert max(sizes) - min(sizes) == 1
    assert groups[-1] == 1  # the smallest value stands last
    assert groups[0] == 10


def test_summary_of_nothing_and_of_one() -> None:
    assert summarise_values([]).mean is None
    assert summarise_values([3.0]).sd is None
