"""Holm's correction, and non-inferiority of quality."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from annotations.statistics.paired import MINIMUM_PAIRS, normality_note
from annotations.statistics.results import Floats, Result, as_pairs, not_computed


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p values in the order given; None stays None and does not count."""
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, index) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        adjusted[index] = highest
    return adjusted


def adjust(results: Sequence[Result]) -> list[Result]:
    """The same results with `p_adjusted` by Holm over those that have a p."""
    return [
        result.named(p_adjusted=p)
        for result, p in zip(results, holm([one.p for one in results]), strict=True)
    ]


def non_inferiority(
    control: Sequence[float] | Floats,
    test: Sequence[float] | Floats,
    *,
    margin: float,
    alpha: float = 0.05,
    unit: str = "",
) -> Result:
    """Paired; higher is better. p is one-sided for "the test arm is worse by the margin or more", to be
    judged against alpha / 2; shown when the lower end of the two-sided 1 - alpha interval lies above -margin.
    """
    if margin <= 0:
        raise ValueError("A non-inferiority margin is above 0.")
    one, two = as_pairs(control, test)
    name = f"non-inferiority, paired t, margin {margin:g}"
    differences = two - one
    n = differences.size
    if n < MINIMUM_PAIRS:
        return not_computed(name, n)
    mean, se = float(differences.mean()), float(differences.std(ddof=1) / np.sqrt(n))
    if se <= 1e-12:
        return not_computed(name, n, "all differences are equal").named(estimate=mean)
    half = float(stats.t.ppf(1 - alpha / 2, n - 1)) * se
    statistic = (mean + margin) / se
    shown = mean - half > -margin
    verdict = "Non-inferiority is shown" if shown else "Non-inferiority is not shown"
    return Result(
        test=name,
        n=n,
        estimate_name="mean difference",
        unit=unit,
        estimate=mean,
        ci_low=mean - half,
        ci_high=mean + half,
        level=1 - alpha,
        statistic=statistic,
        df=n - 1,
        p=float(stats.t.sf(statistic, n - 1)),
        notes=(
            f"{verdict}: lower bound {mean - half:.3g}, margin -{margin:g}; one-sided p, {alpha / 2:g}.",
            *normality_note(differences),
        ),
    )
