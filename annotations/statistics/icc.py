"""Intraclass correlation by two-way ANOVA: the six forms of Shrout and Fleiss (1979) with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from annotations.statistics.results import Floats, Result, not_computed

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
MEANING = {
    "ICC(1,1)": "one-way, single reading",
    "ICC(2,1)": "two-way random, agreement, single reading",
    "ICC(3,1)": "two-way mixed, consistency, single reading",
    "ICC(1,k)": "one-way, mean of k readings",
    "ICC(2,k)": "two-way random, agreement, mean of k readings",
    "ICC(3,k)": "two-way mixed, consistency, mean of k readings",
}
MINIMUM_CASES = 3


@dataclass(frozen=True)
class MeanSquares:
    """Of a complete table of n cases and k readers."""

    n: int
    k: int
    between_cases: float
    within_cases: float
    between_readers: float
    error: float


def mean_squares(table: Floats) -> MeanSquares:
    n, k = table.shape
    grand = table.mean()
    cases = k * float(((table.mean(1) - grand) ** 2).sum())
    readers = n * float(((table.mean(0) - grand) ** 2).sum())
    total = float(((table - grand) ** 2).sum())
    return MeanSquares(
        n=n,
        k=k,
        between_cases=cases / (n - 1),
        within_cases=(total - cases) / (n * (k - 1)),
        between_readers=readers / (k - 1),
        error=max(total - cases - readers, 0.0) / ((n - 1) * (k - 1)),
    )


def intraclass_correlations(
    values: Floats | Sequence[Sequence[float]], *, alpha: float = 0.05
) -> dict[str, Result]:
    """values [cases, readers], complete: cases with a missing reading are dropped by the caller."""
    table = np.asarray(values, dtype=np.float64)
    n, k = table.shape if table.ndim == 2 else (0, 0)
    if n < MINIMUM_CASES or k < 2:
        return {form: not_computed(form, n, f"{k} readers") for form in FORMS}
    squares = mean_squares(table)
    if squares.between_cases <= 0 or squares.error <= 1e-12 * squares.between_cases:
        why = (
            "no spread between cases" if squares.between_cases <= 0 else "the readings differ by shifts only"
        )
        return {form: not_computed(form, n, why) for form in FORMS}
    single = {
        "ICC(1,1)": _consistency(squares, squares.within_cases, n * (k - 1), alpha),
        "ICC(2,1)": _agreement(squares, alpha),
        "ICC(3,1)": _consistency(squares, squares.error, (n - 1) * (k - 1), alpha),
    }
    found = {form: _result(form, n, bounds, alpha) for form, bounds in single.items()}
    for form, bounds in single.items():
        several = form.replace(",1", ",k")
        low, middle, high = (_of_mean(one, k) for one in bounds)
        found[several] = _result(several, n, (low, middle, high), alpha)
    return found


def _of_mean(single: float, k: int) -> float:
    """Spearman-Brown: the reliability of the mean of k readings."""
    return k * single / (1 + (k - 1) * single)


def _consistency(squares: MeanSquares, error: float, df: int, alpha: float) -> tuple[float, float, float]:
    """Low, estimate, high of ICC(1,1) (error within cases) and ICC(3,1) (residual error)."""
    n, k, ratio = squares.n, squares.k, squares.between_cases / error
    low = ratio / float(stats.f.ppf(1 - alpha / 2, n - 1, df))
    high = ratio * float(stats.f.ppf(1 - alpha / 2, df, n - 1))
    first, second, third = ((one - 1) / (one + k - 1) for one in (low, ratio, high))
    return first, second, third


def _agreement(squares: MeanSquares, alpha: float) -> tuple[float, float, float]:
    """ICC(2,1), with Satterthwaite's degrees of freedom for its interval."""
    n, k = squares.n, squares.k
    cases, readers, error = squares.between_cases, squares.between_readers, squares.error
    icc = (cases - error) / (cases + (k - 1) * error + k * (readers - error) / n)
    ratio = readers / error
    part = n * (1 + (k - 1) * icc) - k * icc
    df = (k - 1) * (n - 1) * (k * icc * ratio + part) ** 2
    df /= (n - 1) * k**2 * icc**2 * ratio**2 + part**2
    upper, lower = (
        float(stats.f.ppf(1 - alpha / 2, n - 1, df)),
        float(stats.f.ppf(1 - alpha / 2, df, n - 1)),
    )
    rest = k * readers + (k * n - k - n) * error
    low = n * (cases - upper * error) / (upper * rest + n * cases)
    high = n * (lower * cases - error) / (rest + n * lower * cases)
    return low, icc, high


def _result(form: str, n: int, bounds: tuple[float, float, float], alpha: float) -> Result:
    low, middle, high = bounds
    notes = (f"Only {n} cases: the interval is wide for a reason.",) if n < 10 else ()
    return Result(
        test=f"{form}, {MEANING[form]}",
        n=n,
        estimate_name="intraclass correlation",
        estimate=middle,
        ci_low=low,
        ci_high=high,
        level=1 - alpha,
        notes=notes,
    )
