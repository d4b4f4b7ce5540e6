"""Two measurements of the same cases: t on log time, t, Wilcoxon signed-rank, Hodges-Lehmann.

Several readers: average their (log) differences within a case first (`average_within`), so that n counts
cases. All tests are two-sided; differences are second minus first.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy import stats

from annotations.statistics.results import Floats, Result, as_pairs, not_computed

MINIMUM_PAIRS = 3
EXACT_UP_TO = 60
NORMALITY_P = 0.05


def average_within(
    groups: Sequence[Hashable], values: Sequence[float] | Floats
) -> tuple[list[Hashable], Floats]:
    """Groups in order of first appearance and the mean of each."""
    sums: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values, strict=True):
        sums.setdefault(group, []).append(float(value))
    return list(sums), np.array([np.mean(one) for one in sums.values()], dtype=np.float64)


def paired_t(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alpha: float = 0.05, unit: str = ""
) -> Result:
    """Mean difference with its t interval."""
    one, two = as_pairs(first, second)
    result = _one_sample_t(two - one, "paired t test", alpha)
    return result.named(estimate_name="mean difference", unit=unit)


def paired_t_log(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alpha: float = 0.05
) -> Result:
    """Geometric mean ratio second / first with its interval; every value must be above 0."""
    one, two = as_pairs(first, second)
    test = "paired t test on log values"
    if (one <= 0).any() or (two <= 0).any():
        return not_computed(test, one.size, "a value is not above 0")
    result = _one_sample_t(np.log(two) - np.log(one), test, alpha)
    if result.estimate is None or result.ci_low is None or result.ci_high is None:
        return result.named(estimate_name="geometric mean ratio")
    return result.named(
        estimate_name="geometric mean ratio",
        estimate=float(np.exp(result.estimate)),
        ci_low=float(np.exp(result.ci_low)),
        ci_high=float(np.exp(result.ci_high)),
    )


def _one_sample_t(differences: Floats, test: str, alpha: float) -> Result:
    n = differences.size
    if n < MINIMUM_PAIRS:
        return not_computed(test, n)
    mean, se = float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(n))
    if se <= 1e-12 * max(1.0, abs(mean)):
        return not_computed(test, n, "all differences are equal").named(estimate=mean)
    half = float(stats.t.ppf(1 - alpha / 2, n - 1)) * se
    return Result(
        test=test,
        n=n,
        estimate=mean,
        ci_low=mean - half,
        ci_high=mean + half,
        level=1 - alpha,
        statistic=mean / se,
        df=n - 1,
        p=float(2 * stats.t.sf(abs(mean / se), n - 1)),
        notes=normality_note(differences),
    )


def normality_note(differences: Floats) -> tuple[str, ...]:
    """Said only when Shapiro-Wilk finds the differences far from normal."""
    p = float(stats.shapiro(differences).pvalue)
    if p >= NORMALITY_P:
        return ()
    return (
        f"The differences are not normal (Shapiro-Wilk p = {p:.2g}): read the rank-based result beside it.",
    )


def wilcoxon_signed_rank(first: Sequence[float] | Floats, second: Sequence[float] | Floats) -> Result:
    """Statistic = sum of the ranks of positive differences. Zero differences are dropped (Wilcoxon).

    Exact for up to 60 differences, tied ranks included (mid-ranks are permuted as they are); the normal
    approximation with tie and continuity correction beyond.
    """
    one, two = as_pairs(first, second)
    test = "Wilcoxon signed-rank test"
    differences = two - one
    kept = differences[differences != 0]
    if kept.size < MINIMUM_PAIRS:
        return not_computed(test, one.size, f"{kept.size} pairs differ")
    ranks = stats.rankdata(np.abs(kept))
    statistic = float(ranks[kept > 0].sum())
    dropped = one.size - kept.size
    notes = [f"{dropped} pairs without a difference were dropped."] if dropped else []
    if kept.size <= EXACT_UP_TO:
        p = _exact_p(ranks, statistic)
        smallest = 2.0 ** (1 - kept.size)
        if smallest > 0.05:
            notes.append(f"With {kept.size} differing pairs p cannot be below {smallest:.3g}.")
    else:
        found = stats.wilcoxon(kept, correction=True, method="approx")
        p = float(found.pvalue)
    return Result(
        test=test,
        n=one.size,
        estimate_name="sum of positive ranks",
        statistic=statistic,
        p=p,
        notes=tuple(notes),
    )


def _exact_p(ranks: Floats, statistic: float) -> float:
    """Two-sided p over all 2**n signs, by convolution over doubled ranks (whole numbers, ties included)."""
    doubled = np.rint(2 * ranks).astype(int)
    counts = np.zeros(int(doubled.sum()) + 1)
    counts[0] = 1.0
    for rank in doubled:
        shifted = np.zeros_like(counts)
        shifted[rank:] = counts[: counts.size - rank]
        counts = (counts + shifted) / 2
    place = round(2 * statistic)
    return float(min(1.0, 2 * min(counts[: place + 1].sum(), counts[place:].sum())))


def hodges_lehmann(
    first: Sequence[float] | Floats,
    second: Sequence[float] | Floats,
    *,
    seed: int,
    resamples: int = 2000,
    alpha: float = 0.05,
    unit: str = "",
) -> Result:
    """Median of the Walsh averages of the differences; percentile interval of a seeded bootstrap."""
    one, two = as_pairs(first, second)
    test = "Hodges-Lehmann estimate, bootstrap interval"
    differences = two - one
    n = differences.size
    if n < MINIMUM_PAIRS:
        return not_computed(test, n)
    low_index, high_index = np.triu_indices(n)
    generator = np.random.default_rng(seed)
    drawn = np.empty(resamples)
    for number in range(resamples):
        sample = differences[generator.integers(0, n, n)]
        drawn[number] = np.median(sample[low_index] + sample[high_index]) / 2
    low, high = np.quantile(drawn, [alpha / 2, 1 - alpha / 2])
    notes = (f"A bootstrap of {n} pairs is coarse: read the interval with care.",) if n < 10 else ()
    return Result(
        test=test,
        n=n,
        estimate_name="median difference (Hodges-Lehmann)",
        unit=unit,
        estimate=float(np.median(differences[low_index] + differences[high_index]) / 2),
        ci_low=float(low),
        ci_high=float(high),
        level=1 - alpha,
        notes=notes,
    )
