"""Bland-Altman on log volume: bias and 95 % limits of agreement as ratios."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from annotations.statistics.paired import normality_note
from annotations.statistics.results import Floats, Result, as_pairs, not_computed

MINIMUM_PAIRS = 3


@dataclass(frozen=True)
class Agreement:
    """bias, lower and upper as ratios second / first; mean_ml and ratio of each pair are the picture."""

    bias: Result
    lower: Result
    upper: Result
    mean_ml: Floats
    ratio: Floats
    excluded: int

    @property
    def rows(self) -> tuple[Result, Result, Result]:
        return self.bias, self.lower, self.upper


def bland_altman_log(
    first_ml: Sequence[float] | Floats,
    second_ml: Sequence[float] | Floats,
    clusters: Sequence[Hashable] | None = None,
    *,
    alpha: float = 0.05,
) -> Agreement:
    """Pairs with a volume of 0 have no logarithm: they are left out and counted.

    clusters: the case of each pair. Where cases repeat, the limits hold for a single reading: variance
    between and within cases are added (Bland and Altman 2007), and n for the intervals counts cases.
    """
    first, second = as_pairs(first_ml, second_ml)
    kept = (first > 0) & (second > 0)
    excluded = int(np.count_nonzero(~kept))
    numbers = {one: number for number, one in enumerate(clusters or ())}
    places = range(first.size) if clusters is None else [numbers[one] for one in clusters]
    names = np.asarray(places)[kept]
    logs = np.log(second[kept] / first[kept])
    pictures = (np.sqrt(first[kept] * second[kept]), np.exp(logs), excluded)
    parts = [logs[names == one] for one in dict.fromkeys(names.tolist())]
    k = len(parts)
    if k < MINIMUM_PAIRS:
        missing = not_computed("Bland-Altman on log volume", k)
        return Agreement(missing, missing, missing, *pictures)
    bias, sd, se_bias = _moments(parts)
    quantile, t = float(stats.norm.ppf(0.975)), float(stats.t.ppf(1 - alpha / 2, k - 1))
    # Standard error of a limit (Bland and Altman 1986): var(bias) + z^2 var(sd), sd on k - 1 degrees.
    se_limit = float(np.sqrt(se_bias**2 + quantile**2 * sd**2 / (2 * (k - 1))))
    notes = _notes(excluded, k, logs)
    rows = [
        ("bias (ratio)", bias, t * se_bias),
        ("lower 95 % limit of agreement (ratio)", bias - quantile * sd, t * se_limit),
        ("upper 95 % limit of agreement (ratio)", bias + quantile * sd, t * se_limit),
    ]
    found = [
        Result(
            test="Bland-Altman on log volume",
            n=k,
            estimate_name=name,
            estimate=float(np.exp(middle)),
            ci_low=float(np.exp(middle - half)),
            ci_high=float(np.exp(middle + half)),
            level=1 - alpha,
            notes=notes,
        )
        for name, middle, half in rows
    ]
    return Agreement(found[0], found[1], found[2], *pictures)


def _moments(parts: list[Floats]) -> tuple[float, float, float]:
    """Mean of the case means, standard deviation of a single difference, standard error of the mean."""
    means = np.array([part.mean() for part in parts])
    k, sizes = means.size, np.array([part.size for part in parts])
    between = float(means.var(ddof=1))
    free = int(sizes.sum()) - k
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in parts) / free if free else 0.0
    single = between + within * float((1 - 1 / sizes).mean())
    return float(means.mean()), float(np.sqrt(single)), float(np.sqrt(between / k))


def _notes(excluded: int, k: int, logs: Floats) -> tuple[str, ...]:
    notes = [f"{excluded} pairs with a volume of 0 mL are left out."] if excluded else []
    if logs.size != k:
        notes.append(f"{logs.size} pairs of {k} cases; limits for a single reading.")
    if k < 20:
        notes.append(f"Limits of agreement from {k} cases are uncertain.")
    if logs.size >= 3 and np.ptp(logs) > 0:
        notes += normality_note(logs)
    return tuple(notes)
