"""The report of the hand-made study and of the first paper's own counts; every number is worked out here."""

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest

from annotations.statistics.data import (
    AnalysisData,
    ArmRow,
    CaseRow,
    MetricRow,
    PatientRow,
    PlanSettings,
    ReadRow,
)
from annotations.statistics.report import analyse, example_cases
from annotations.statistics.report.tables import Report, Table
from tests.statistics.hand_study import hand_study

T_5 = 2.570582  # t(0.975, 5)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(hand_study())


def table(report: Report, key: str) -> Table:
    return next(one for one in report.tables if one.key == key)


def rows(report: Report, key: str, **wanted: object) -> list[Mapping[str, object]]:
    """Rows of a table as mappings from column name, those with the wanted cells."""
    found = table(report, key)
    names = [column.name for column in found.columns]
    mapped = [dict(zip(names, row, strict=True)) for row in found.rows]
    return [row for row in mapped if all(row[name] == value for name, value in wanted.items())]


def row(report: Report, key: str, **wanted: object) -> Mapping[str, object]:
    found = rows(report, key, **wanted)
    assert len(found) == 1, found
    return found[0]


def test_reading_times_by_arm(report: Report) -> None:
    # Control in minutes: 8, 10, 13.33, 16, 20, 24: median 14.667. AI: 3.333, 4, 4, 5, 6, 10: median 4.5.
    control = row(report, "times", arm="Semi-automatic")
    test = row(report, "times", arm="AI, corrected")
    assert (control["reads"], test["reads"]) == (6, 6)
    assert control["median_min"] == pytest.approx(14 + 2 / 3)
    assert test["median_min"] == pytest.approx(4.5)
    # Shares of AI wall time: active 1940 s of 1940 + 6 * 100 = 2540 s; hidden 360 s.
    assert test["active_s_share"] == pytest.approx(1940 / 2540)
    assert test["hidden_s_share"] == pytest.approx(360 / 2540)
    parts = ("paused_s", "hidden_s", "loading_s", "computing_s", "idle_s", "active_s")
    assert sum(float(str(test[f"{name}_share"])) for name in parts) == pytest.approx(1.0)


def test_ratio_of_times(report: Report) -> None:
    # log2 ratios -1, -2, -1, -2, -1, -2: mean -1.5, SD sqrt(0.3), SE sqrt(0.05) = 0.2236068.
    found = row(report, "time_tests", test="paired t test on log values")
    half = T_5 * sqrt(0.05)
    assert found["estimate"] == pytest.approx(2**-1.5)
    assert found["ci_low"] == pytest.approx(2 ** (-1.5 - half), rel=1e-6)
    assert found["ci_high"] == pytest.approx(2 ** (-1.5 + half), rel=1e-6)
    assert (found["n"], found["analysis_set"]) == (6, "full")
    assert found["comparison"] == "AI, corrected / Semi-automatic"


def test_difference_of_times(report: Report) -> None:
    # Minutes: -10, -12, -5, -18, -4, -10: mean -59/6; all six negative: Wilcoxon p = 2/64, statistic 0.
    assert row(report, "time_tests", test="paired t test")["estimate"] == pytest.approx(-59 / 6)
    assert row(report, "time_tests", test="Wilcoxon signed-rank test")["p"] == pytest.approx(2 / 64)
    # Walsh averages of -18, -12, -10, -10, -5, -4 sorted: the 11th of 21 is -10.
    lehmann = row(report, "time_tests", test="Hodges-Lehmann estimate, bootstrap interval")
    assert lehmann["estimate"] == pytest.approx(-10)


def test_model_is_the_primary_result_and_says_what_it_generalises_to(report: Report) -> None:
    primary = row(report, "time_tests", role="primary")
    assert str(primary["test"]).startswith("mixed model of log time")
    # Sequences alternate with the ratio: AB cases 1/2, BA cases 1/4; balanced, so the arm keeps the mean.
    assert primary["estimate"] == pytest.approx(2**-1.5, rel=1e-6)
    assert "not to other readers" in str(primary["notes"])
    assert "Carry-over cannot be tested" in str(primary["notes"])


def test_other_rules_of_the_clock_stand_beside(report: Report) -> None:
    # Half of every time: the same ratio. Wall time: (s + 100) by hand.
    assert row(report, "time_sensitivity", endpoint="Active, T = 30 s")["estimate"] == pytest.approx(2**-1.5)
    control, test = np.array([1300, 1060, 700, 1540, 580, 900]), np.array([700, 340, 400, 460, 340, 300])
    wall = row(report, "time_sensitivity", endpoint="Wall time")
    assert wall["estimate"] == pytest.approx(float(np.exp(np.log(test / control).mean())))


def test_quality_stands_beside_time(report: Report) -> None:
    control, test = row(report, "quality", arm="Semi-automatic"), row(report, "quality", arm="AI, corrected")
    assert control["dice_mean"] == pytest.approx(5.28 / 6)
    assert test["dice_mean"] == pytest.approx(5.28 / 6)
    assert test["active_min"] == pytest.approx(4.5)
    # One of six AI volumes is doubled: geometric mean ratio 2^(1/6).
    assert test["ttv_bias"] == pytest.approx(2 ** (1 / 6) - 1)
    assert control["ttv_bias"] == pytest.approx(0)
    keys = [section.key for section in report.sections]
    assert keys.index("quality") == keys.index("times") + 1
    assert "mean Dice 0.88 and 0.88" in next(one.label for one in report.headlines if one.unit == "min")


def test_non_inferiority_of_dice(report: Report) -> None:
    # Differences 0.02, -0.01, 0, -0.01, 0.02, -0.02: mean 0, sum of squares 0.0014, SD sqrt(0.00028), SE
    # sqrt(0.00028 / 6) = 0.00683130; +-2.570582 SE = 0.0175604, above -0.05.
    found = next(
        one for one in rows(report, "quality_tests") if str(one["test"]).startswith("non-inferiority")
    )
    assert found["ci_low"] == pytest.approx(-0.0175604, abs=1e-7)
    assert "Non-inferiority is shown" in str(found["notes"])
    assert found["role"] == "secondary"


def test_holm_covers_the_planned_endpoints_and_nothing_else(report: Report) -> None:
    everything = rows(report, "time_tests") + rows(report, "quality_tests")
    secondary = [one for one in everything if one["role"] == "secondary"]
    # Non-inferiority and Dice; lesion sensitivity is 1 everywhere, so there is nothing to test.
    assert [one["endpoint"] for one in secondary] == ["Dice", "Dice"]
    dice = next(one for one in secondary if one["test"] == "paired t test")
    assert dice["p_adjusted"] == pytest.approx(1.0)
    margin = next(one for one in secondary if one["test"] != "paired t test")
    assert margin["p_adjusted"] == pytest.approx(2 * 2 * float(str(margin["p"])))
    assert all(one["p_adjusted"] is None for one in everything if one["role"] != "secondary")


def test_planted_errors_found(report: Report) -> None:
    # Four planted in one read: two corrected, one left, one that cannot be judged.
    found = row(report, "planted_errors", arm="AI, corrected", kind="all")
    assert (found["planted"], found["judged"], found["corrected"], found["left"]) == (4, 3, 2, 1)
    assert row(report, "planted_errors", kind="removed")["left"] == 1
    assert any(one.value == "2 / 3" for one in report.headlines)


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


def test_reads_that_do_not_count_are_counted(report: Report) -> None:
    found = row(report, "reads", arm="AI, corrected")
    assert found["analysed"] == 6
    assert (found["repeats"], found["training"], found["planted"], found["read_again"]) == (1, 1, 1, 1)
    assert row(report, "missing_reads")["reason"] == "reader left"


def test_repeats_are_compared_with_the_first_read(report: Report) -> None:
    # One pair only: too few for limits, and said so.
    found = rows(report, "volume_agreement", comparison="Repeat / first read")
    assert found[0]["estimate"] is None
    assert "not computed: n = 1" in str(found[0]["notes"])


def test_methods_name_the_settings(report: Report) -> None:
    for words in ("60 s", "margin of 0.05", "seed 11", "500 resamples", "Holm", "Analysis set: full"):
        assert words in report.methods


def test_methods_say_why_so_many_cases_where_the_plan_does(report: Report) -> None:
    assert "Sample size" not in report.methods
    said = "34 cases read in both arms by one reader give 81 % power."
    planned = analyse(hand_study(sample_size=34, sample_size_statement=said))
    assert f"Sample size, planned beforehand: {said} Reading time" in planned.methods


def test_interim_and_missing_rules_are_warned_of() -> None:
    found = analyse(hand_study(is_data_locked=False, missing_rule="multiple_imputation"))
    assert found.is_interim
    assert any("Interim" in one for one in found.warnings)
    assert any("multiple imputation" in one for one in found.warnings)


def test_time_without_reference_is_warned_of() -> None:
    data = hand_study()
    found = analyse(replace(data, metrics=()))
    assert any("time must not be read alone" in one for one in found.warnings)


def test_timing_subgroup_limits_the_times_only() -> None:
    data = hand_study()
    reads = tuple(replace(one, is_timing_subgroup=one.case <= 4) for one in data.reads)
    found = analyse(replace(data, reads=reads))
    assert row(found, "times", arm="AI, corrected")["reads"] == 4
    assert row(found, "quality", arm="AI, corrected")["reads"] == 6


def test_abandoned_reads_count_only_where_planned() -> None:
    def study(rule: str) -> AnalysisData:
        data = hand_study(abandoned_rule=rule)
        reads = tuple(replace(one, state="abandoned") if one.read == "ai1" else one for one in data.reads)
        return replace(data, reads=reads)

    assert row(analyse(study("missing")), "times", arm="AI, corrected")["reads"] == 5
    assert row(analyse(study("time_to_abandon")), "times", arm="AI, corrected")["reads"] == 6


def test_a_study_without_reads_says_so_and_does_not_fall() -> None:
    data = hand_study()
    found = analyse(replace(data, reads=(), metrics=(), planted_errors=()))
    assert [section.key for section in found.sections] == ["reads", "patients"]


def test_two_cases_are_not_tested() -> None:
    data = hand_study()
    reads = tuple(one for one in data.reads if one.case <= 2)
    found = row(analyse(replace(data, reads=reads)), "time_tests", test="paired t test on log values")
    assert found["p"] is None
    assert "not computed: n = 2" in str(found["notes"])


def test_example_cases_are_chosen_by_rule() -> None:
    # Model 2 sorted: 0.30 (6), 0.65 (2), 0.74 (3), 0.75 (1), 0.84 (5), 0.92 (4): places 3 and 1.
    assert example_cases(hand_study()) == [1, 2]


# The first paper's own counts.


def first_paper() -> AnalysisData:
    """Table 4 (7, 3, 19, 6, 6 of 41), Table 2 (WHO grades, sex) and the ten negative controls."""
    settings = PlanSettings("s0", "First paper", 1, "", False, (ArmRow("ai", "AI", "ai"),), "ai_only", seed=3)
    rows_given = [1] * 7 + [2] * 3 + [3] * 19 + [4] * 6 + [5] * 6
    test_who = ["grade 1"] * 3 + ["grade 2"] * 32 + ["grade 3"] * 6
    cases = [
        CaseRow(
            n,
            f"T{n}",
            False,
            "test",
            {"who_grade": test_who[n - 1], "sex": "m" if n <= 24 else "f"},
            is_negative_control=False,
        )
        for n in range(1, 42)
    ]
    cases += [CaseRow(n, f"N{n}", False, "negative_control", is_negative_control=True) for n in range(42, 52)]
    training_who = ["grade 1"] * 29 + ["grade 2"] * 75 + ["grade 3"] * 6 + [""] * 7
    patients = tuple(
        PatientRow(f"P{n}", "training", {"who_grade": who, "sex": "m" if n < 63 else "f"})
        for n, who in enumerate(training_who)
    )
    reads = tuple(
        ReadRow(f"r{n}", "R01", n, "ai", 1, n, "submitted", score_row=given)
        for n, given in enumerate(rows_given, start=1)
    )
    # Five without any; median 0.15 mL; nine at most 1.5 mL; one with 56 volumes and 68.6 mL.
    volumes = [0, 0, 0, 0, 0, 0.3, 0.5, 0.8, 1.5, 68.6]
    counts = [0, 0, 0, 0, 0, 1, 1, 2, 2, 56]
    metrics = tuple(
        MetricRow(42 + n, "Ensemble", None, n_predicted=count, predicted_volume_ml=float(ml))
        for n, (ml, count) in enumerate(zip(volumes, counts, strict=True))
    )
    return AnalysisData(settings, tuple(cases), reads, metrics, patients=patients)


@pytest.fixture(scope="module")
def paper() -> Report:
    return analyse(first_paper())


def test_papers_table_4(paper: Report) -> None:
    shares = rows(paper, "scores", source="Reader")
    assert [one["count"] for one in shares] == [7, 3, 19, 6, 6, 35]
    # The paper prints "3 (1%)"; 3 of 41 is 7 %.
    assert [round(100 * float(str(one["share"]))) for one in shares] == [17, 7, 46, 15, 15, 85]
    usable = shares[-1]
    assert [round(100 * float(str(usable[name]))) for name in ("ci_low", "ci_high")] == [71, 94]
    headline = next(one for one in paper.headlines if one.value == "35 / 41")
    assert headline.label == "AI result usable, rows 1-4 (85 %, 95 % CI 71-94)"


def test_papers_table_2(paper: Report) -> None:
    chi = row(paper, "patients_tests", endpoint="WHO grade", test="chi-squared test")
    assert round(float(str(chi["p"])), 3) == 0.013
    assert (
        row(paper, "patients_tests", endpoint="WHO grade", test="Freeman-Halton exact test")["p"] is not None
    )
    grades = [one for one in rows(paper, "patients") if str(one["level"]).startswith("grade")]
    assert [one["group_training"] for one in grades] == ["29 (25%)", "75 (64%)", "6 (5%)"]
    assert [one["group_test"] for one in grades] == ["3 (7%)", "32 (78%)", "6 (15%)"]
    assert [one["group_overall"] for one in grades] == ["32 (20%)", "107 (68%)", "12 (8%)"]
    missing = row(paper, "patients", level="missing", group_training="7 (6%)")
    assert missing["group_test"] == "0 (0%)"
    sex = row(paper, "patients_tests", endpoint="Sex")
    assert sex["test"] == "chi-squared test"


def test_papers_negative_controls(paper: Report) -> None:
    found = row(paper, "controls", version="Ensemble")
    assert (found["n"], found["none"], found["under_limit"]) == (10, 5, 9)
    assert found["median_ml"] == pytest.approx(0.15)
    assert (found["largest_ml"], found["most"]) == (68.6, 56)


def test_one_arm_has_nothing_to_compare(paper: Report) -> None:
    assert "time_tests" not in {one.key for one in paper.tables}
    assert "compared by a paired t test" not in paper.methods


def test_an_arm_has_its_colour_in_every_figure(report):
    """The control comes first everywhere, whatever the order in the plan."""
    specs = {one.key: one.spec for one in report.figures}
    colours = _arm_scale(specs["times"])
    assert len(colours) == 2
    assert _arm_scale(specs["quality"]) == colours


def _arm_scale(spec: dict) -> dict[str, str]:
    """Arm -> colour, wherever in the specification the colours of the arms stand."""
    found = {}

    def walk(part):
        if isinstance(part, dict):
            scale = part.get("scale")
            if (
                part.get("field") in ("arm", "series")
                and isinstance(scale, dict)
                and "#" in str(scale.get("range"))
            ):
                found.update(zip(scale["domain"], scale["range"], strict=False))
            for one in part.values():
                walk(one)
        elif isinstance(part, list):
            for one in part:
                walk(one)

    walk({key: value for key, value in spec.items() if key != "data"})
    return found


def test_reads_that_are_not_paired_are_counted_as_reads_and_said_to_depend():
    """Each arm has a reader of its own: the reads of a case are no pair, and not independent either."""
    study = hand_study()
    reads = [replace(read, reader=f"reader of {read.arm}") for read in study.reads]
    found = rows(analyse(replace(study, reads=reads)), "time_tests")
    (row,) = (one for one in found if "unpaired" in str(one["test"]))
    assert f"{row['n']} reads of " in str(row["notes"])
    assert "cases are taken as independent" in str(row["notes"])
