"""Proportions with Clopper-Pearson intervals; several readers of one case are no independent trials."""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy import stats

from annotations.statistics.results import Result, not_computed


def clopper_pearson(successes: int, n: int, *, alpha: float = 0.05) -> Result:
    """Exact interval of successes / n."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion.")
    test = "Clopper-Pearson interval"
    if n == 0:
        return not_computed(test, 0)
    low, high = _bounds(successes, n, alpha)
    return Result(
        test=test,
        n=n,
        estimate_name="proportion",
        estimate=successes / n,
        ci_low=low,
        ci_high=high,
        level=1 - alpha,
    )


def clustered_proportion(
    clusters: Sequence[Hashable], outcomes: Sequence[bool], *, alpha: float = 0.05
) -> Result:
    """Clopper-Pearson on the effective sample size (Korn and Graubard 1998): n over the design effect of
    the clusters (cases), at least 1, with the t correction for the number of clusters.
    """
    totals: dict[Hashable, list[int]] = {}
    for cluster, outcome in zip(clusters, outcomes, strict=True):
        one = totals.setdefault(cluster, [0, 0])
        one[0] += bool(outcome)
        one[1] += 1
    n, k = len(outcomes), len(totals)
    if n == k:
        return clopper_pearson(sum(map(bool, outcomes)), n, alpha=alpha)
    test = "Clopper-Pearson interval, clustered by case (Korn-Graubard)"
    if k < 3:
        return not_computed(test, n, f"{k} cases", n_unit="reads")
    counts = np.array(list(totals.values()), dtype=np.float64)
    share = float(counts[:, 0].sum() / n)
    residuals = counts[:, 0] - share * counts[:, 1]
    variance = float(k / (k - 1) * (residuals**2).sum() / n**2)
    binomial = share * (1 - share) / n
    effect = max(1.0, variance / binomial) if binomial > 0 else n / k
    effective = n / effect
    # Korn and Graubard: the variance has k - 1 degrees of freedom, not n - 1.
    effective *= float((stats.t.ppf(1 - alpha / 2, n - 1) / stats.t.ppf(1 - alpha / 2, k - 1)) ** 2)
    low, high = _bounds(share * effective, effective, alpha)
    return Result(
        test=test,
        n=n,
        n_unit="reads",
        estimate_name="proportion",
        estimate=share,
        ci_low=low,
        ci_high=high,
        level=1 - alpha,
        notes=(f"{n} reads of {k} cases; design effect {effect:.2f}, effective n {effective:.1f}.",),
    )


def _bounds(successes: float, n: float, alpha: float) -> tuple[float, float]:
    low = 0.0 if successes <= 0 else float(stats.beta.ppf(alpha / 2, successes, n - successes + 1))
    high = 1.0 if successes >= n else float(stats.beta.ppf(1 - alpha / 2, successes + 1, n - successes))
    return low, high
