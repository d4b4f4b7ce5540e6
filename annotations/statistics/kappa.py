"""Agreement on categories beyond chance: Cohen's kappa (unweighted, linear, quadratic) and Fleiss' kappa."""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from annotations.statistics.results import Floats, Result, not_computed

Weights = Literal["unweighted", "linear", "quadratic"]
WEIGHTS: tuple[Weights, ...] = ("unweighted", "linear", "quadratic")
MINIMUM_RATINGS = 3

Counts = npt.NDArray[np.int64]


def square_table(first: Sequence[int], second: Sequence[int], categories: Sequence[int]) -> Counts:
    """Counts [first, second] over all categories, those that nobody used included."""
    place = {category: index for index, category in enumerate(categories)}
    table = np.zeros((len(categories), len(categories)), dtype=np.int64)
    for one, two in zip(first, second, strict=True):
        table[place[one], place[two]] += 1
    return table


def cohen_kappa(
    table: Counts | Sequence[Sequence[int]], weights: Weights = "unweighted", *, alpha: float = 0.05
) -> Result:
    """Interval from the asymptotic standard error of Fleiss, Cohen and Everitt (1969), cut to [-1, 1]."""
    counts = np.asarray(table, dtype=np.float64)
    n = int(counts.sum())
    test = f"Cohen's kappa, {weights}"
    if n < MINIMUM_RATINGS:
        return not_computed(test, n)
    share = counts / n
    kappa = _kappa(share, weights)
    if kappa is None:
        return not_computed(test, n, "both used one and the same category only")
    half = float(stats.norm.ppf(1 - alpha / 2)) * _standard_error(share, weights, n)
    notes = (f"n = {n} is small for an asymptotic interval.",) if n < 30 else ()
    return Result(
        test=test,
        n=n,
        estimate_name="kappa",
        estimate=kappa,
        ci_low=max(-1.0, kappa - half),
        ci_high=min(1.0, kappa + half),
        level=1 - alpha,
        notes=notes,
    )


def clustered_kappa(
    clusters: Sequence[Hashable],
    first: Sequence[int],
    second: Sequence[int],
    categories: Sequence[int],
    weights: Weights = "unweighted",
    *,
    seed: int,
    resamples: int = 2000,
    alpha: float = 0.05,
) -> Result:
    """cohen_kappa; where a case occurs more than once its interval is a bootstrap over cases."""
    whole = cohen_kappa(square_table(first, second, categories), weights, alpha=alpha)
    names = list(dict.fromkeys(clusters))
    if whole.estimate is None or len(names) == len(first):
        return whole
    tables = np.zeros((len(names), len(categories), len(categories)))
    place = {name: index for index, name in enumerate(names)}
    rank = {category: index for index, category in enumerate(categories)}
    for cluster, one, two in zip(clusters, first, second, strict=True):
        tables[place[cluster], rank[one], rank[two]] += 1
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    sums = np.tensordot(drawn, tables, axes=1)
    values = _kappas(sums / sums.sum(axis=(1, 2), keepdims=True), weights)
    low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2])
    note = (
        f"{len(first)} reads of {len(names)} cases: bootstrap over cases, {resamples} resamples, seed {seed}."
    )
    return whole.named(ci_low=float(low), ci_high=float(high), n_unit="reads", notes=(note,))


def _weights(size: int, weights: Weights) -> Floats:
    """Agreement weights: 1 on the diagonal."""
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / max(size - 1, 1)
    if weights == "unweighted":
        return np.eye(size)
    return np.asarray(1 - (distance if weights == "linear" else distance**2), dtype=np.float64)


def _kappa(share: Floats, weights: Weights) -> float | None:
    found = _kappas(share[None], weights)
    return float(found[0]) if found.size else None


def _kappas(shares: Floats, weights: Weights) -> Floats:
    """Kappa of each table of shares [tables, rows, columns]; those of one category are left out."""
    agreement = _weights(shares.shape[1], weights)
    observed = (shares * agreement).sum(axis=(1, 2))
    expected = np.einsum("ij,ti,tj->t", agreement, shares.sum(2), shares.sum(1))
    kept = expected < 1 - 1e-12
    return np.asarray((observed[kept] - expected[kept]) / (1 - expected[kept]), dtype=np.float64)


def _standard_error(share: Floats, weights: Weights, n: int) -> float:
    agreement = _weights(share.shape[0], weights)
    rows, columns = share.sum(1), share.sum(0)
    observed = float((agreement * share).sum())
    expected = float((agreement * np.outer(rows, columns)).sum())
    margins = (agreement @ columns)[:, None] + (rows @ agreement)[None, :]
    inner = (share * (agreement * (1 - expected) - margins * (1 - observed)) ** 2).sum()
    outer = (observed * expected - 2 * expected + observed) ** 2
    return float(np.sqrt(max(float(inner) - outer, 0.0) / n) / (1 - expected) ** 2)


def fleiss_kappa(ratings: Counts | Sequence[Sequence[int]], *, alpha: float = 0.05) -> Result:
    """ratings [subjects, categories]: how many raters chose each; every subject has the same number.

    The standard error for the interval is a jackknife over subjects: Fleiss' own is for kappa = 0 only.
    """
    counts = np.asarray(ratings, dtype=np.float64)
    test = "Fleiss' kappa"
    n = counts.shape[0] if counts.ndim == 2 else 0
    if n < MINIMUM_RATINGS:
        return not_computed(test, n)
    raters = counts.sum(1)
    if (raters != raters[0]).any() or raters[0] < 2:
        return not_computed(test, n, "the cases do not all have the same two or more raters")
    kappa = _fleiss(counts)
    if kappa is None:
        return not_computed(test, n, "one category only")
    left_out = [_fleiss(np.delete(counts, index, axis=0)) for index in range(n)]
    values = np.array([one for one in left_out if one is not None])
    se = float(np.sqrt((values.size - 1) / values.size * ((values - values.mean()) ** 2).sum()))
    half = float(stats.norm.ppf(1 - alpha / 2)) * se
    return Result(
        test=test,
        n=n,
        estimate_name="kappa",
        estimate=kappa,
        ci_low=max(-1.0, kappa - half),
        ci_high=min(1.0, kappa + half),
        level=1 - alpha,
        notes=(f"{int(raters[0])} raters; interval by jackknife over cases.",),
    )


def _fleiss(counts: Floats) -> float | None:
    raters = counts[0].sum()
    agreement = ((counts**2).sum(1) - raters) / (raters * (raters - 1))
    expected = float(((counts.sum(0) / counts.sum()) ** 2).sum())
    return None if expected >= 1 - 1e-12 else float((agreement.mean() - expected) / (1 - expected))
