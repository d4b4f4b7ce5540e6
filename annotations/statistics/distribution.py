"""Describing values: quartiles, box plots, Tukey's outliers, deciles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotations.statistics.results import Floats, as_floats

TUKEY = 1.5
DECILES = 10


@dataclass(frozen=True)
class Summary:
    """None for all but n where there is no value; sd None for one value. Quartiles by linear interpolation
    (type 7, the default of R and NumPy)."""

    n: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class BoxPlot:
    """Whiskers end at the last value within 1.5 interquartile ranges of the box; outliers lie beyond."""

    summary: Summary
    whisker_low: float
    whisker_high: float
    outliers: tuple[float, ...]


def summarise_values(values: Sequence[float] | Floats) -> Summary:
    array = as_floats(values)
    if array.size == 0:
        return Summary(0)
    q1, median, q3 = (float(one) for one in np.quantile(array, [0.25, 0.5, 0.75]))
    return Summary(
        n=int(array.size),
        mean=float(array.mean()),
        sd=float(array.std(ddof=1)) if array.size > 1 else None,
        median=median,
        q1=q1,
        q3=q3,
        minimum=float(array.min()),
        maximum=float(array.max()),
    )


def tukey_fences(values: Sequence[float] | Floats) -> tuple[float, float]:
    """q1 - 1.5 (q3 - q1) and q3 + 1.5 (q3 - q1); needs a value."""
    q1, q3 = (float(one) for one in np.quantile(as_floats(values), [0.25, 0.75]))
    return q1 - TUKEY * (q3 - q1), q3 + TUKEY * (q3 - q1)


def low_outliers(values: Sequence[float] | Floats) -> list[int]:
    """Places of the values under the lower fence, x < q1 - 1.5 (q3 - q1): the failures of a method."""
    array = as_floats(values)
    if array.size == 0:
        return []
    return [int(one) for one in np.flatnonzero(array < tukey_fences(array)[0])]


def box_plot(values: Sequence[float] | Floats) -> BoxPlot | None:
    """None without values."""
    array = np.sort(as_floats(values))
    if array.size == 0:
        return None
    low, high = tukey_fences(array)
    inside = array[(array >= low) & (array <= high)]
    outside = array[(array < low) | (array > high)]
    return BoxPlot(
        summarise_values(array), float(inside[0]), float(inside[-1]), tuple(float(one) for one in outside)
    )


def decile_of(values: Sequence[float] | Floats) -> list[int]:
    """1 to 10 for each value by rank: groups differ by at most one in size, and the first is the smallest.
    Ties are split in the order given."""
    array = as_floats(values)
    groups = np.empty(array.size, dtype=int)
    for number, places in enumerate(np.array_split(np.argsort(array, kind="stable"), DECILES), start=1):
        groups[places] = number
    return [int(one) for one in groups]
