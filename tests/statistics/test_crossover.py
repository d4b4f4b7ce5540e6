"""The model of reading time: a scripted crossover with a known effect is recovered; doubts are named."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from annotations.statistics.crossover import CARRY_OVER, TO_CASES, compare_arms
from annotations.statistics.mixed_model import TimedRead, design_of, fit_model


def crossover(
    seed: int, *, cases: int = 20, readers: int = 3, effect: float = -1.0, slope_sd: float = 0.0
) -> list[TimedRead]:
    """AB/BA, half and half within a reader; period effect -0.1, case SD 0.5, reader SD 0.2, noise 0.3."""
    random = np.random.default_rng(seed)
    of_case, of_reader = random.normal(0, 0.5, cases), random.normal(0, 0.2, readers)
    slopes = random.normal(0, slope_sd, readers)
    found = []
    for reader in range(readers):
        test_first = random.permutation(np.arange(cases) % 2 == 0)
        for period in (1, 2):
            for case in range(cases):
                is_test = bool(test_first[case]) == (period == 1)
                mean = 6 + of_case[case] + of_reader[reader] - 0.1 * (period == 2)
                log_time = mean + (effect + slopes[reader]) * is_test + random.normal(0, 0.3)
                found.append(
                    TimedRead(
                        case,
                        f"R{reader}",
                        is_test,
                        float(np.exp(log_time)),
                        period,
                        "TC" if test_first[case] else "CT",
                    )
                )
    return found


def test_known_effect_is_recovered() -> None:
    result = compare_arms(crossover(1), seed=1).arm
    assert result.ci_low is not None
    assert result.ci_high is not None
    assert result.estimate is not None
    assert result.ci_low < np.exp(-1.0) < result.ci_high
    assert result.estimate == pytest.approx(np.exp(-1.0), rel=0.1)
    assert result.p is not None
    assert result.p < 0.001
    assert result.n == 20


def test_interval_covers_and_p_is_honest_over_seeds() -> None:
    """Of 60 studies with no effect about 5 % may be significant, and as many intervals may miss."""
    results = [
        compare_arms(crossover(seed, cases=11, readers=2, effect=0.0), seed=seed).arm for seed in range(60)
    ]
    wrong = sum(one.p is not None and one.p < 0.05 for one in results)
    missed = sum(not (one.ci_low or 0) <= 1.0 <= (one.ci_high or np.inf) for one in results)
    # Binomial(60, 0.05): more than 8 happens once in 500 times; the seeds are fixed.
    assert wrong <= 8
    assert missed <= 8


def test_estimate_of_complete_pairs_is_least_squares_with_fixed_cases() -> None:
    """In a complete, balanced crossover all information on the arm lies within cases: an independent fit with
    a column for every case and reader gives the same number."""
    reads = crossover(7)
    cases = np.array([[one.case == case for case in range(20)] for one in reads], dtype=float)
    readers = np.array([[one.reader == f"R{n}" for n in (1, 2)] for one in reads], dtype=float)
    rest = np.array([[one.is_test, one.period == 2, one.sequence == "TC"] for one in reads], dtype=float)
    fitted = sm.OLS(np.log([one.seconds for one in reads]), np.column_stack([rest, cases, readers])).fit()
    result = compare_arms(reads, seed=1).arm
    assert result.estimate == pytest.approx(float(np.exp(fitted.params[0])), rel=1e-6)


def statsmodels_fit(reads: Sequence[TimedRead], formula: str, groups: str, parts: dict[str, str]) -> Any:
    """Powell's search: slow, but it does not stop short near a variance of 0 as the default does."""
    table = pd.DataFrame([vars(one) for one in reads])
    table = table.assign(
        log_time=np.log(table.seconds), arm=table.is_test.astype(float), half=table.is_test - 0.5, one=1
    )
    model = smf.mixedlm(formula, table, groups=groups, re_formula="0", vc_formula=parts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(reml=True, method=["powell"])


def test_model_of_one_reader_is_that_of_statsmodels() -> None:
    reads = crossover(5, readers=1)
    expected = statsmodels_fit(reads, "log_time ~ arm + C(period) + sequence", "case", {"case": "1"})
    ours = fit_model(reads, design_of(reads))
    arm = next(one for one in ours.effects if one.term == "arm")
    assert np.log(arm.ratio) == pytest.approx(expected.fe_params["arm"], rel=1e-4)
    assert arm.p_wald == pytest.approx(expected.pvalues["arm"], rel=1e-2)
    assert dict(ours.variances)["case"] == pytest.approx(float(expected.vcomp[0]), rel=1e-3)
    assert dict(ours.variances)["residual"] == pytest.approx(float(expected.scale), rel=1e-3)


def test_model_of_five_readers_is_that_of_statsmodels() -> None:
    reads = crossover(9, readers=5, cases=6, slope_sd=0.4)
    ours = fit_model(reads, design_of(reads))
    parts = {
        "a": "0 + C(case)",
        "b": "0 + C(reader)",
        "c": "0 + C(reader):half",
        "d": "0 + C(reader):C(case)",
    }
    expected = statsmodels_fit(reads, "log_time ~ arm + C(period) + sequence", "one", parts)
    found = dict(ours.variances)
    names = ("case", "reader", "arm by reader", "reader by case")
    assert [found[name] for name in names] == pytest.approx(expected.vcomp.tolist(), rel=5e-3, abs=1e-4)
    arm = next(one for one in ours.effects if one.term == "arm")
    assert np.log(arm.ratio) == pytest.approx(expected.fe_params["arm"], rel=1e-4)


def test_smallest_p_is_that_of_all_allocations() -> None:
    # Six cases, one reader, one period: the test arm is faster every time, by unequal amounts. Of 2^6 ways to
    # swap cases only the observed one and its mirror image are as extreme: p = 2/64.
    reads = [
        TimedRead(case, "R1", is_test, 100.0 * (1 + case) * ((0.5 + case / 50) if is_test else 1.0))
        for case in range(6)
        for is_test in (True, False)
    ]
    result = compare_arms(reads, seed=1).arm
    assert result.p == pytest.approx(2 / 64)
    assert "All 64 allocations; p cannot be below 0.031." in result.notes


def test_cases_with_one_arm_only_exchange_their_arms() -> None:
    # Parallel by case, three and three, no overlap of the times: C(6, 3) = 20 allocations, 2 as extreme.
    seconds = [100, 110, 120, 300, 310, 320]
    reads = [TimedRead(case, "R1", case < 3, float(one)) for case, one in enumerate(seconds)]
    result = compare_arms(reads, seed=1).arm
    # 4000 draws with replacement of 20 equally likely allocations: 0.1 with Monte Carlo error 0.005.
    assert result.p == pytest.approx(0.1, abs=0.02)
    assert result.estimate == pytest.approx((100 * 110 * 120 / (300 * 310 * 320)) ** (1 / 3))


def test_few_readers_are_fixed_and_many_random() -> None:
    few, many = crossover(2, readers=4, cases=8), crossover(2, readers=5, cases=8, slope_sd=0.1)
    assert {"reader R1", "reader R2", "reader R3"} <= set(design_of(few).terms)
    assert not any(term.startswith("reader") for term in design_of(many).terms)
    assert TO_CASES in compare_arms(few, seed=1).arm.notes
    compared = compare_arms(many, seed=1)
    assert [name for name, _ in compared.variances] == [
        "case",
        "reader",
        "arm by reader",
        "reader by case",
        "residual",
    ]
    assert compared.readers.n == 5
    assert compared.readers.estimate == pytest.approx(np.exp(-1.0), rel=0.25)
    assert any("generalises to readers" in note for note in compared.arm.notes)


def test_reader_level_test_is_a_t_test_of_five_numbers() -> None:
    # Every read 600 s; reader n is faster with the test arm by the factor 0.5, 0.4, 0.5, 0.4, 0.5.
    factors = [0.5, 0.4, 0.5, 0.4, 0.5]
    reads = [
        TimedRead(case, f"R{n}", is_test, 600 * (1 + case) * (factors[n] if is_test else 1.0))
        for n in range(5)
        for case in range(4)
        for is_test in (True, False)
    ]
    result = compare_arms(reads, seed=1).readers
    assert result.estimate == pytest.approx((0.5**3 * 0.4**2) ** 0.2)
    assert (result.n, result.df) == (5, 4)


def test_singular_fits_are_named() -> None:
    # Both reads of a case lie symmetrically around 400 s: cases do not differ, their variance is 0.
    random = np.random.default_rng(1)
    notes = compare_arms(
        [
            TimedRead(case, "R1", is_test, float(400 * np.exp((-1 if is_test else 1) * away)))
            for case, away in enumerate(random.normal(0.5, 0.3, 12))
            for is_test in (True, False)
        ],
        seed=1,
    ).arm.notes
    assert "Singular fit: no variance found for case." in notes


def test_arm_and_period_that_are_the_same_are_not_told_apart() -> None:
    reads = [
        TimedRead(case, "R1", period == 2, 100.0 + 10 * case + 7 * (case % 3) * period, period)
        for case in range(8)
        for period in (1, 2)
    ]
    notes = " ".join(compare_arms(reads, seed=1).arm.notes)
    assert "Arm and period are the same here" in notes
    assert CARRY_OVER in notes


def test_carry_over_is_called_untestable() -> None:
    assert CARRY_OVER in compare_arms(crossover(3), seed=1).arm.notes


@pytest.mark.parametrize("keep", [lambda one: one.is_test, lambda one: one.case < 3])
def test_too_little_is_not_computed(keep) -> None:  # type: ignore[no-untyped-def]
    result = compare_arms([one for one in crossover(3) if keep(one)], seed=1).arm
    assert result.estimate is None
    assert result.notes[0].startswith("not computed:")


def test_order_of_rows_does_not_matter() -> None:
    reads: Sequence[TimedRead] = crossover(4, cases=14)
    shuffled = [reads[index] for index in np.random.default_rng(0).permutation(len(reads))]
    assert compare_arms(reads, seed=1) == compare_arms(shuffled, seed=1)
