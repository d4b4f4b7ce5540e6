"""Two or more groups of different cases: unpaired t, Kolmogorov-Smirnov, Mann-Whitney, Kruskal-Wallis; and
rank correlation."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from annotations.statistics.results import Floats, Result, as_floats, as_pairs, not_computed

MINIMUM_GROUP = 3


def unpaired_t(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alpha: float = 0.05, unit: str = ""
) -> Result:
    """Mean difference second - first; Welch's form, which does not ask for equal variances (R's default)."""
    one, two = as_floats(first), as_floats(second)
    test = "unpaired t test (Welch)"
    if min(one.size, two.size) < 2:
        return not_computed(test, one.size + two.size, f"groups of {one.size} and {two.size}")
    if one.std(ddof=1) == 0 and two.std(ddof=1) == 0:
        return not_computed(test, one.size + two.size, "no spread in either group")
    found = stats.ttest_ind(two, one, equal_var=False)
    interval = found.confidence_interval(1 - alpha)
    small = min(one.size, two.size) < 10
    notes = (f"Small groups ({one.size} and {two.size}): relies on normal values.",) if small else ()
    return Result(
        test=test,
        n=one.size + two.size,
        estimate_name="mean difference",
        unit=unit,
        estimate=float(two.mean() - one.mean()),
        ci_low=float(interval.low),
        ci_high=float(interval.high),
        level=1 - alpha,
        statistic=float(found.statistic),
        df=float(found.df),
        p=float(found.pvalue),
        notes=notes,
    )


def unpaired_t_log(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, *, alpha: float = 0.05
) -> Result:
    """Ratio of geometric means second / first; every value must be above 0."""
    one, two = as_floats(first), as_floats(second)
    test = "unpaired t test on log values (Welch)"
    if (one <= 0).any() or (two <= 0).any():
        return not_computed(test, one.size + two.size, "a value is not above 0")
    result = unpaired_t(np.log(one), np.log(two), alpha=alpha).named(
        test=test, estimate_name="ratio of geometric means", unit=""
    )
    if result.estimate is None or result.ci_low is None or result.ci_high is None:
        return result
    return result.named(
        estimate=float(np.exp(result.estimate)),
        ci_low=float(np.exp(result.ci_low)),
        ci_high=float(np.exp(result.ci_high)),
    )


def kolmogorov_smirnov(first: Sequence[float] | Floats, second: Sequence[float] | Floats) -> Result:
    """Largest distance of the two empirical distributions; p exact where scipy can."""
    one, two = as_floats(first), as_floats(second)
    test = "Kolmogorov-Smirnov two-sample test"
    if min(one.size, two.size) < MINIMUM_GROUP:
        return not_computed(test, one.size + two.size, f"groups of {one.size} and {two.size}")
    exact = max(one.size, two.size) <= 1000
    found = stats.ks_2samp(one, two, method="exact" if exact else "asymp")
    ties = np.unique(np.concatenate([one, two])).size < one.size + two.size
    notes = ("Tied values make this test conservative.",) if ties else ()
    return Result(
        test=test,
        n=one.size + two.size,
        n_unit="values",
        estimate_name="largest distance",
        estimate=float(found.statistic),
        statistic=float(found.statistic),
        p=float(found.pvalue),
        notes=notes,
    )


def kruskal_wallis(groups: Sequence[Sequence[float]]) -> Result:
    """Whether any of several groups differs; two groups: the same as Mann-Whitney without continuity."""
    arrays = [as_floats(group) for group in groups]
    kept = [group for group in arrays if group.size >= MINIMUM_GROUP]
    n = sum(group.size for group in kept)
    test = "Kruskal-Wallis test"
    if len(kept) < 2:
        return not_computed(test, n, f"{len(kept)} groups of at least {MINIMUM_GROUP}")
    if np.unique(np.concatenate(kept)).size == 1:
        return not_computed(test, n, "all values are equal")
    found = stats.kruskal(*kept)
    left = len(arrays) - len(kept)
    notes = [f"{left} groups of fewer than {MINIMUM_GROUP} were left out."] if left else []
    if min(group.size for group in kept) < 5:
        notes.append("Groups of fewer than 5: the chi-squared approximation is rough.")
    return Result(
        test=test,
        n=n,
        estimate_name="H",
        statistic=float(found.statistic),
        df=len(kept) - 1,
        p=float(found.pvalue),
        notes=tuple(notes),
    )


def spearman(first: Sequence[float] | Floats, second: Sequence[float] | Floats) -> Result:
    """Rank correlation with Fisher's interval (Bonett and Wright's standard error)."""
    one, two = as_pairs(first, second)
    test = "Spearman rank correlation"
    if one.size < 5 or np.unique(one).size < 2 or np.unique(two).size < 2:
        return not_computed(test, one.size)
    found = stats.spearmanr(one, two)
    rho = float(found.statistic)
    bound = min(max(rho, -0.999999), 0.999999)
    half = float(stats.norm.ppf(0.975)) * np.sqrt((1 + bound**2 / 2) / (one.size - 3))
    return Result(
        test=test,
        n=one.size,
        estimate_name="rho",
        estimate=rho,
        ci_low=float(np.tanh(np.arctanh(bound) - half)),
        ci_high=float(np.tanh(np.arctanh(bound) + half)),
        p=float(found.pvalue),
    )
