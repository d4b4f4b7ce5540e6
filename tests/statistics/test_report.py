"""The report of the hand-made study: reads, times, quality and what is left out; worked out here."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from annotations.statistics.data import (
    AnalysisData,
)
from annotations.statistics.report import analyse
from annotations.statistics.report.tables import Report
from tests.statistics.hand_study import hand_study
from tests.statistics.reading_report import row, rows

T_5 = 2.570582  # t(0.975, 5)


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(hand_study())


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


def test_reads_that_do_not_count_are_counted(report: Report) -> None:
    found = row(report, "reads", arm="AI, corrected")
    assert found["analysed"] == 6
    assert (found["repeats"], found["training"], found["planted"], found["read_again"]) == (1, 1, 1, 1)
    assert row(report, "missing_reads")["reason"] == "reader left"


def test_methods_name_the_settings(report: Report) -> None:
    for words in ("60 s", "margin of 0.05", "seed 11", "500 resamples", "Holm", "Analysis set: full"):
        assert words in report.methods


def test_methods_say_why_so_many_cases_where_the_plan_does(report: Report) -> None:
    assert "Sample size" not in report.methods
    said = "34 cases read in both arms by one reader give 81 % power."
    planned = analyse(hand_study(sample_size=34, sample_size_statement=said))
    assert f"Sample size, planned beforehand: {said} Reading time" in planned.methods


def test_interim_is_warned_of() -> None:
    found = analyse(hand_study(is_data_locked=False))
    assert found.is_interim
    assert any("Interim" in one for one in found.warnings)


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


@pytest.mark.parametrize(
    ("trained_on", "said"),
    [
        (None, "does not state its training patients"),
        (("TR-1",), "None of the cases is among the 1 training patients"),
        (("TR-1", "PT-OVERLAP"), "was trained on 1 of the patients of this study (PT-OVERLAP)"),
    ],
)
def test_cases_among_the_training_patients_are_told(trained_on: tuple[str, ...] | None, said: str) -> None:
    data = hand_study()
    arms = tuple(
        replace(arm, trained_on=trained_on if arm.start == "ai" else None) for arm in data.settings.arms
    )
    cases = (replace(data.cases[0], pseudonym="PT-OVERLAP"), *data.cases[1:])
    report = analyse(replace(data, settings=replace(data.settings, arms=arms), cases=cases))
    (table,) = [one for one in report.tables if one.key == "patients"]
    assert sum(said in note for note in table.notes) == sum(arm.start == "ai" for arm in arms)
