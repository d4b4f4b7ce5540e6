"""Worst case and multiple imputation, against statsmodels' pooling and figures worked out here."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.imputation.bayes_mi import MI

from annotations.statistics.data import AnalysisData
from annotations.statistics.imputation import can_be_predicted, draw_normal, draw_outcomes, pool
from annotations.statistics.report import analyse
from annotations.statistics.report.tables import Report
from tests.statistics.hand_study import hand_study


def table_rows(report: Report) -> list[dict[str, object]]:
    found = next(one for one in report.tables if one.key == "missing_sensitivity")
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows]


def study_without(*reads: str, rule: str) -> AnalysisData:
    data = hand_study(missing_rule=rule)
    gone = {"state": "not_opened", "active_s": None, "score_row": None, "missing_reason": "not opened"}
    rows = tuple(replace(one, **gone) if one.read in reads else one for one in data.reads)  # type: ignore[arg-type]
    return replace(data, reads=rows)


def with_noise(data: AnalysisData) -> AnalysisData:
    """Times that arm and period alone do not explain, as they do in the study made by hand."""
    noise = {"ai5": 330.0, "semi2": 700.0, "ai3": 260.0}
    rows = tuple(replace(one, active_s=noise[one.read]) if one.read in noise else one for one in data.reads)
    return replace(data, reads=rows)


def test_pooling_by_hand() -> None:
    # Estimates 1, 2, 3: mean 2, between variance 1. Within 0.5. T = 0.5 + 4/3 = 11/6, share 8/11.
    # Rubin's df 2 / (8/11)^2 = 3.78125. Observed df (10/12) * 9 * 3/11 = 2.0454545.
    found = pool([1.0, 2.0, 3.0], [0.5, 0.5, 0.5], complete_df=9)
    assert (found.estimate, found.se**2, found.missing_share) == pytest.approx((2, 11 / 6, 8 / 11))
    assert found.df == pytest.approx(3.78125 * 2.0454545454 / (3.78125 + 2.0454545454))


def test_nothing_missing_leaves_nearly_all_degrees_of_freedom() -> None:
    found = pool([1.0, 1.0, 1.0], [0.25, 0.25, 0.25], complete_df=20)
    assert (found.estimate, found.se, found.missing_share) == (1.0, 0.5, 0.0)
    assert found.df == pytest.approx(21 / 23 * 20)
    with pytest.raises(ValueError, match="two completed data sets"):
        pool([1.0], [1.0], complete_df=5)


def test_pooling_is_that_of_statsmodels() -> None:
    random = np.random.default_rng(3)
    x = sm.add_constant(random.normal(size=(30, 1)))
    y = x @ [1.0, 0.5] + random.normal(size=30)
    values = draw_normal(x[6:], y[6:], x[:6], sets=8, generator=random)
    completed = [np.concatenate([one, y[6:]]) for one in values]

    class Completed:
        """Data sets in the order statsmodels asks for them."""

        def __init__(self) -> None:
            self.left = iter(completed)

        def update(self) -> None:
            self.data = next(self.left)

    imputed = MI(Completed(), sm.OLS, lambda data: (data, x), burn=0, nrep=8, skip=0)
    expected = imputed.fit()
    fits = [sm.OLS(one, x).fit() for one in completed]
    for term in range(2):
        found = pool([fit.params[term] for fit in fits], [fit.bse[term] ** 2 for fit in fits], complete_df=28)
        assert found.estimate == pytest.approx(float(expected.params[term]))
        assert found.se == pytest.approx(float(expected.bse[term]))
        assert found.missing_share == pytest.approx(float(expected.fmi[term]))


def test_draws_have_the_spread_of_a_prediction() -> None:
    # The posterior predictive of a mean of n values is t with n - 1 df around it, scale s sqrt(1 + 1/n).
    random = np.random.default_rng(1)
    values = np.array([1.0, 2.0, 4.0, 5.0, 3.0, 2.5, 3.5, 1.5, 4.5, 3.0, 2.0])
    one = np.ones((values.size, 1))
    drawn = draw_normal(one, values, np.ones((1, 1)), sets=40_000, generator=random)[:, 0]
    scale = values.std(ddof=1) * np.sqrt(1 + 1 / values.size)
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.03)
    assert drawn.std() == pytest.approx(scale * np.sqrt(10 / 8), rel=0.03)


def test_what_was_never_seen_is_not_predicted() -> None:
    known = np.array([[1.0, 0, 0], [1.0, 1, 0]])
    assert can_be_predicted(known, np.array([[1.0, 1, 0], [1.0, 0, 1]])).tolist() == [True, False]
    with pytest.raises(ValueError, match="residual variance"):
        draw_normal(known, np.array([1.0, 2.0]), known, sets=2, generator=np.random.default_rng(1))


def test_drawn_outcomes_follow_the_observed_share() -> None:
    drawn = draw_outcomes(30, 40, 5, sets=20_000, generator=np.random.default_rng(1))
    assert drawn.shape == (20_000, 5)
    assert drawn.mean() == pytest.approx(30.5 / 41, abs=0.01)  # the posterior mean


def test_worst_case_counts_against_the_test_arm() -> None:
    # AI of case 6 missing: the longest observed time, 1440 s, against 800 s; the others keep their ratios.
    found = table_rows(analyse(study_without("ai6", rule="worst_case")))
    ratio = next(one for one in found if one["test"] == "paired t test on log values")
    assert ratio["estimate"] == pytest.approx((0.5**3 * 0.25**2 * 1440 / 800) ** (1 / 6))
    assert ratio["n"] == 6
    # Scores 1, 3, 3, 5, 2 and the missing one as row 5: four of six.
    usable = next(one for one in found if one["estimate_name"] == "proportion")
    assert (usable["estimate"], usable["n"]) == (pytest.approx(4 / 6), 6)


def test_worst_case_of_a_missing_control_is_the_shortest_time() -> None:
    found = table_rows(analyse(study_without("semi6", rule="worst_case")))
    ratio = next(one for one in found if one["test"] == "paired t test on log values")
    assert ratio["estimate"] == pytest.approx((0.5**3 * 0.25**2 * 200 / 200) ** (1 / 6))


def test_imputation_without_anything_missing_is_the_paired_t_test_with_its_small_sample_df() -> None:
    found = table_rows(analyse(hand_study(missing_rule="multiple_imputation")))
    ratio, usable = found
    assert ratio["estimate"] == pytest.approx(2**-1.5)
    assert "0 of 12 times drawn" in str(ratio["notes"])
    assert "df 3.8" in str(ratio["notes"])  # 6/8 * 5 = 3.75
    assert usable["estimate"] == pytest.approx(5 / 6)


def test_imputation_fills_in_what_is_missing_and_says_when_it_fails() -> None:
    data = with_noise(study_without("ai6", rule="multiple_imputation"))
    report = analyse(data)
    ratio, usable = table_rows(report)
    assert ratio["n"] == 6
    assert "1 of 12 times drawn; m = 20, seed 11" in str(ratio["notes"])
    assert "it fails when" in str(ratio["notes"])
    assert " 0 % of the variance due" not in str(ratio["notes"])
    assert "1 of 6 scores drawn" in str(usable["notes"])
    assert "imputed 20 times (seed 11)" in report.methods
    assert table_rows(analyse(data)) == [ratio, usable]


def test_a_case_that_nobody_timed_stays_out() -> None:
    ratio = table_rows(analyse(study_without("ai6", "semi6", rule="multiple_imputation")))[0]
    assert ratio["n"] == 5
    assert "2 times could not be predicted" in str(ratio["notes"])


def test_draws_that_understate_clustering_are_said_to() -> None:
    rule = "multiple_imputation"
    filled = table_rows(analyse(with_noise(study_without("ai6", rule=rule))))
    assert all("clustering" in str(one["notes"]) for one in filled)
    whole = table_rows(analyse(hand_study(missing_rule=rule)))
    assert not any("clustering" in str(one["notes"]) for one in whole)


@pytest.mark.parametrize("rule", ["worst_case", "multiple_imputation"])
def test_a_parallel_design_has_no_pairs_to_fill_in_and_says_so(rule: str) -> None:
    data = with_noise(study_without("ai6", rule=rule))
    reads = tuple(replace(one, reader=f"reader of {one.arm}") for one in data.reads)
    settings = replace(data.settings, design="parallel")
    found = table_rows(analyse(replace(data, reads=reads, settings=settings)))
    times = [one for one in found if one["endpoint"] == "Reading time (active)"]
    assert times
    for one in times:
        assert (one["estimate"], one["p"]) == (None, None)
        assert "design without pairs (parallel)" in str(one["notes"])
        assert "filled in." not in str(one["notes"])
    assert next(one for one in found if one not in times)["estimate"] is not None


@pytest.mark.parametrize("rule", ["worst_case", "multiple_imputation"])
def test_a_read_abandoned_and_submitted_on_a_second_attempt_is_not_missing(rule: str) -> None:
    data = with_noise(hand_study(missing_rule=rule))
    wanted = table_rows(analyse(data))
    first = next(one for one in data.reads if one.read == "ai6")
    given_up = replace(
        first, read="ai6 first", state="abandoned", is_of_record=False, active_s=None, score_row=None
    )
    others = tuple(replace(one, attempt=2) if one.read == "ai6" else one for one in data.reads)
    report = analyse(replace(data, reads=(*others, given_up)))
    assert table_rows(report) == wanted
    absent = next(one for one in report.tables if one.key == "missing_reads")
    assert "abandoned" not in [row[1] for row in absent.rows]
    flow = next(one for one in report.tables if one.key == "reads")
    names = [column.name for column in flow.columns]
    row = dict(zip(names, next(row for row in flow.rows if row[0] == "AI, corrected"), strict=True))
    assert (row["abandoned"], row["read_again"], row["analysed"]) == (0, 2, 6)


def test_complete_cases_have_no_such_section() -> None:
    assert "missing" not in [one.key for one in analyse(hand_study()).sections]
