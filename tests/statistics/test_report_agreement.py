"""The report of the hand-made study: scores, volumes, versions and subgroups; worked out here."""

from dataclasses import replace
from math import exp, log, sqrt

import pytest

from annotations.statistics.data import (
    MetricRow,
)
from annotations.statistics.report import analyse, example_cases
from annotations.statistics.report.tables import Report
from tests.statistics.hand_study import hand_study
from tests.statistics.reading_report import row, rows


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(hand_study())


def test_score_of_the_ai_result(report: Report) -> None:
    # Reader: rows 1, 3, 3, 5, 2, 4. The negative control's row 5 is out of the denominator.
    usable = row(report, "scores", source="Reader", row="1-4 (usable)")
    assert (usable["count"], usable["n"]) == (5, 6)
    assert row(report, "scores", source="Reader", row="3 (Acceptable with minor adjustments)")["count"] == 2
    # Agreement: five of six equal.
    equal = row(report, "score_agreement", estimate_name="share of equal rows", comparison="Reader / Derived")
    assert equal["estimate"] == pytest.approx(5 / 6)
    # Linear kappa: observed 1 - (1/4)/6 = 23/24. Expected disagreement: the reader has rows 1-5
    # (1, 1, 2, 1, 1) times, derived (1, 1, 2, 2, 0) times; sum of |i - j| over all 36 pairs, by
    # the reader's row:
    # (0+1+2*2+2*3) + (1+0+2*1+2*2) + 2*(2+1+0+2*1) + (3+2+2*1+0) + (4+3+2*2+2*1) = 11 + 7 + 10 + 7 + 13 = 48;
    # 48/36/4 = 1/3. Kappa = 1 - (1/24) / (1/3) = 7/8.
    linear = row(report, "score_agreement", test="Cohen's kappa, linear", comparison="Reader / Derived")
    assert linear["estimate"] == pytest.approx(7 / 8)
    between = row(report, "score_agreement", comparison="Between readers")
    assert between["estimate"] is None
    assert "one reader" in str(between["notes"])


def test_volume_agreement(report: Report) -> None:
    # AI: logs of ratios are log 2 and five zeros: bias 2^(1/6); SD = log 2 / sqrt(6).
    bias = row(
        report, "volume_agreement", comparison="AI, corrected / reference", estimate_name="bias (ratio)"
    )
    assert bias["estimate"] == pytest.approx(2 ** (1 / 6))
    upper = row(
        report,
        "volume_agreement",
        comparison="AI, corrected / reference",
        estimate_name="upper 95 % limit of agreement (ratio)",
    )
    assert upper["estimate"] == pytest.approx(exp(log(2) * (1 / 6 + 1.959964 / sqrt(6))), rel=1e-6)


def test_versions_compared(report: Report) -> None:
    # Means 3.85/6 = 0.642 and 4.2/6 = 0.7; SD of the first: values - mean squared.
    found = row(report, "versions", metric="Dice")
    assert str(found["version_1"]).startswith("0.642 (")
    assert str(found["version_2"]).startswith("0.700 (")
    assert str(found["version_2"]).endswith("†")
    assert found["n"] == 6
    # Differences 0.05, 0.05, -0.01, 0.02, 0.04, 0.20: mean 0.35/6; the least is the only negative one.
    tests = {str(one["test"]): one for one in rows(report, "version_tests", endpoint="Dice")}
    assert tests["paired t test"]["estimate"] == pytest.approx(0.35 / 6)
    assert tests["Wilcoxon signed-rank test"]["p"] == pytest.approx(2 * 2 / 64)
    assert "Kolmogorov-Smirnov two-sample test" in tests


def test_metrics_by_centre(report: Report) -> None:
    # Model 1: Brest 0.70, 0.60, 0.75 (mean 0.683, SD 0.076); Nantes 0.90, 0.80, 0.10 (mean 0.600, SD 0.436);
    # average of the means 0.642, their SD 0.059.
    found = row(report, "centres", metric="Dice", version="Model 1")
    assert (found["centre_1"], found["centre_2"]) == ("0.683 ± 0.076", "0.600 ± 0.436")
    assert found["average"] == "0.642 ± 0.059"


def test_outliers_are_within_a_centre() -> None:
    # Eight cases of one centre, Dice 0.80 to 0.86 and one 0.10: quartiles 0.8075 and 0.8425, fence 0.755.
    data = hand_study()
    dice = [0.80, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, 0.10]
    cases = tuple(replace(data.cases[0], case=n, pseudonym=f"PT-{n}", volume_voxels=150) for n in range(1, 9))
    metrics = tuple(MetricRow(n, "Model 1", None, dice=one) for n, one in enumerate(dice, start=1))
    found = rows(analyse(replace(data, cases=cases, metrics=metrics, reads=())), "outliers", metric="Dice")
    assert [(one["case"], one["volume_voxels"]) for one in found] == [(8, 150)]


def test_deciles_need_twenty_cases(report: Report) -> None:
    assert "deciles_volume" not in {one.key for one in report.tables}
    said = rows(report, "subgroup_tests", test="Lowest decile against the others")
    assert "deciles need 20 cases (n = 6)" in str(said[0]["notes"])


def test_deciles_of_volume() -> None:
    # Forty cases with volumes 1-40 and Dice = volume / 100: first decile 1-4, mean 0.025; last 37-40, 0.385.
    data = hand_study()
    cases = tuple(
        replace(data.cases[0], case=n, pseudonym=f"PT-{n}", volume_ml=float(n)) for n in range(1, 41)
    )
    metrics = tuple(MetricRow(n, "Model 1", None, dice=n / 100) for n in range(1, 41))
    found = rows(analyse(replace(data, cases=cases, metrics=metrics, reads=())), "deciles_volume")
    assert [one["n"] for one in found] == [4] * 10
    assert (found[0]["from"], found[0]["to"], found[0]["dice_mean"]) == (1.0, 4.0, pytest.approx(0.025))
    assert found[9]["dice_mean"] == pytest.approx(0.385)


def test_subgroups_by_attribute(report: Report) -> None:
    # Female cases 1, 3, 5 of Model 1: 0.70, 0.75, 0.80.
    found = row(report, "attributes", version="Model 1", attribute="Sex", level="female")
    assert (found["n"], found["dice_mean"]) == (3, pytest.approx(0.75))


def test_acquisition_by_centre(report: Report) -> None:
    # Brest: 110, 120, 130 s per bed: 120 +- 10.
    found = row(report, "acquisition", centre="Brest")
    assert (found["n"], found["voxel_size"]) == (3, "4 × 4 × 2")
    assert (found["time_per_bed_mean_s"], found["time_per_bed_sd_s"]) == (
        pytest.approx(120),
        pytest.approx(10),
    )
    unknown = row(report, "acquisition", centre="not stated")
    assert (unknown["scanner"], unknown["dose_mean_mbq"]) == ("not stated", None)


def test_repeats_are_compared_with_the_first_read(report: Report) -> None:
    # One pair only: too few for limits, and said so.
    found = rows(report, "volume_agreement", comparison="Repeat / first read")
    assert found[0]["estimate"] is None
    assert "not computed: n = 1" in str(found[0]["notes"])


def test_example_cases_are_chosen_by_rule() -> None:
    # Model 2 sorted: 0.30 (6), 0.65 (2), 0.74 (3), 0.75 (1), 0.84 (5), 0.92 (4): places 3 and 1.
    assert example_cases(hand_study()) == [1, 2]
