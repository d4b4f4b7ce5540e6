"""The report of the first paper's own counts, against what it prints."""

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
from annotations.statistics.report import analyse
from annotations.statistics.report.tables import Report
from tests.statistics.reading_report import row, rows


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
