"""Counts in a table: chi-squared, and an exact test beside it where an expected count is under 5."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import gammaln

from annotations.statistics.results import Floats, Result, not_computed

SMALL_EXPECTED = 5.0
ENUMERATE_UP_TO = 300_000
RELATIVE_TIE = 1e-7  # tables within rounding of the observed probability count as equally likely (as R does)

Counts = npt.NDArray[np.int64]


def chi_squared(table: Sequence[Sequence[int]] | Counts) -> Result:
    """Pearson's test without continuity correction. Empty rows and columns are dropped."""
    counts = _clean(table)
    n = int(counts.sum())
    if min(counts.shape) < 2:
        return not_computed("chi-squared test", n, "one group or one category only")
    found = stats.chi2_contingency(counts, correction=False)
    least = float(found.expected_freq.min())
    notes = (f"The least expected count is {least:.1f}, under 5.",) if least < SMALL_EXPECTED else ()
    return Result(
        test="chi-squared test",
        n=n,
        estimate_name="chi-squared",
        statistic=float(found.statistic),
        df=float(found.dof),
        p=float(found.pvalue),
        notes=notes,
    )


def least_expected(table: Sequence[Sequence[int]] | Counts) -> float:
    """Least expected count under independence; infinity for a table without two rows and columns."""
    counts = _clean(table)
    if min(counts.shape) < 2:
        return float("inf")
    return float(counts.sum(0).min() * counts.sum(1).min() / counts.sum())


def exact_test(table: Sequence[Sequence[int]] | Counts, *, seed: int, draws: int = 100_000) -> Result:
    """Fisher's exact test (2 x 2) or Freeman-Halton: the share of tables with the same margins that are no
    likelier than the observed one. All of them where two columns (or rows) leave few; else seeded draws.
    """
    counts = _clean(table)
    n = int(counts.sum())
    if min(counts.shape) < 2:
        return not_computed("Fisher exact test", n, "one group or one category only")
    if counts.shape[0] == 2:
        counts = counts.T
    name = "Fisher exact test" if counts.shape == (2, 2) else "Freeman-Halton exact test"
    if counts.shape[1] == 2 and np.prod(counts.sum(1)[:-1] + 1.0) <= ENUMERATE_UP_TO:
        return Result(test=name, n=n, p=_enumerated(counts))
    p = _drawn(counts, seed, draws)
    note = f"Monte Carlo over {draws} tables with the same margins, seed {seed}."
    return Result(test=f"{name} (Monte Carlo)", n=n, p=p, notes=(note,))


def compare_counts(table: Sequence[Sequence[int]] | Counts, *, seed: int) -> list[Result]:
    """Chi-squared, and the exact test where an expected count is under 5."""
    found = [chi_squared(table)]
    if least_expected(table) < SMALL_EXPECTED:
        found.append(exact_test(table, seed=seed))
    return found


def _clean(table: Sequence[Sequence[int]] | Counts) -> Counts:
    counts = np.asarray(table, dtype=np.int64)
    if counts.ndim != 2 or (counts < 0).any():
        raise ValueError("A table of counts has rows and columns and no count below 0.")
    return np.asarray(counts[counts.sum(1) > 0][:, counts.sum(0) > 0], dtype=np.int64)


def _log_weight(tables: Counts) -> Floats:
    """Log probability of tables [..., rows, columns] but for what the margins fix."""
    return np.asarray(-gammaln(tables + 1.0).sum(axis=(-1, -2)), dtype=np.float64)


def _enumerated(counts: Counts) -> float:
    rows, first = counts.sum(1), int(counts[:, 0].sum())
    free = np.array(list(product(*(range(row + 1) for row in rows[:-1]))), dtype=np.int64)
    last = first - free.sum(1)
    inside = (last >= 0) & (last <= rows[-1])
    column = np.column_stack([free[inside], last[inside]])
    tables = np.stack([column, rows - column], axis=-1)
    return _share(_log_weight(tables), _log_weight(counts))


def _share(weights: Floats, observed: Floats) -> float:
    scaled = np.exp(weights - weights.max())
    unlikely = weights <= observed + np.log1p(RELATIVE_TIE)
    return float(min(1.0, scaled[unlikely].sum() / scaled.sum()))


def _drawn(counts: Counts, seed: int, draws: int) -> float:
    """(1 + tables no likelier) / (1 + draws); tables drawn row by row from the urn of columns."""
    generator = np.random.default_rng(seed)
    left = np.tile(counts.sum(0), (draws, 1))
    weights = np.zeros(draws)
    for row in counts.sum(1)[:-1]:
        drawn = _draw_row(generator, left, int(row))
        weights -= gammaln(drawn + 1.0).sum(1)
        left = left - drawn
    weights -= gammaln(left + 1.0).sum(1)
    unlikely = weights <= float(_log_weight(counts)) + np.log1p(RELATIVE_TIE)
    return float((1 + np.count_nonzero(unlikely)) / (1 + draws))


def _draw_row(generator: np.random.Generator, left: Counts, size: int) -> Counts:
    """One multivariate hypergeometric draw for every row of `left` [draws, columns]."""
    drawn = np.zeros_like(left)
    need = np.full(left.shape[0], size)
    for column in range(left.shape[1] - 1):
        others = left[:, column + 1 :].sum(1)
        drawn[:, column] = generator.hypergeometric(left[:, column], others, need)
        need = need - drawn[:, column]
    drawn[:, -1] = need
    return drawn
