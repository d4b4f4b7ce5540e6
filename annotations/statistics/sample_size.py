"""How many cases a reader study needs: closed formulas on the noncentral t distribution, no simulation."""

from dataclasses import dataclass
from math import log, sqrt

from scipy import stats

LARGEST = 100_000


@dataclass(frozen=True)
class SampleSize:
    """cases: smallest number with at least the wanted power; power: what that number has. sd_of_means:
    standard deviation of the mean difference of a case over its readers."""

    cases: int
    power: float
    readers: int
    sd_of_means: float
    effect: float
    statement: str


def paired_log_time(
    *,
    ratio: float,
    sd_log_difference: float,
    power: float = 0.8,
    alpha: float = 0.05,
    readers: int = 1,
    reader_correlation: float = 1.0,
) -> SampleSize:
    """Cases for a two-sided paired t test on log time to find the ratio test / control.

    sd_log_difference: SD over cases of one reader's log(test / control). reader_correlation: correlation of
    that difference between readers of the same case; 1 (the default) says more readers do not help. Raises
    ValueError for what cannot be asked.
    """
    _check(power, alpha, readers, reader_correlation, sd_log_difference)
    if ratio <= 0 or ratio == 1:
        raise ValueError("The ratio of times is above 0 and not 1.")
    sd = mean_sd(sd_log_difference, readers, reader_correlation)
    effect = abs(log(ratio)) / sd
    cases = _smallest(effect, power, alpha, two_sided=True)
    found = paired_power(cases, effect, alpha, two_sided=True)
    return SampleSize(
        cases,
        found,
        readers,
        sd,
        effect,
        f"{_offer(cases, readers, found)} to find a ratio of geometric mean times of {ratio:g} "
        f"(SD of the log ratio {sd_log_difference:g}"
        f"{_between(readers, reader_correlation)}, two-sided paired t test, alpha {alpha:g}).",
    )


def paired_non_inferiority(
    *,
    margin: float,
    sd_difference: float,
    expected_difference: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    readers: int = 1,
    reader_correlation: float = 1.0,
) -> SampleSize:
    """Cases for a one-sided paired t test at alpha / 2 that test - control is above -margin."""
    _check(power, alpha, readers, reader_correlation, sd_difference)
    if margin <= 0 or margin + expected_difference <= 0:
        raise ValueError("The margin is above 0 and larger than the loss that is expected.")
    sd = mean_sd(sd_difference, readers, reader_correlation)
    effect = (margin + expected_difference) / sd
    cases = _smallest(effect, power, alpha / 2, two_sided=False)
    found = paired_power(cases, effect, alpha / 2, two_sided=False)
    return SampleSize(
        cases,
        found,
        readers,
        sd,
        effect,
        f"{_offer(cases, readers, found)} to show a loss of less than {margin:g} where a difference of "
        f"{expected_difference:g} is expected (SD of the difference {sd_difference:g}"
        f"{_between(readers, reader_correlation)}, one-sided paired t test, alpha {alpha / 2:g}).",
    )


def paired_power(cases: int, effect: float, alpha: float, *, two_sided: bool) -> float:
    """Power of a one-sample t test; effect = |mean| / SD of the differences."""
    df, shift = cases - 1, effect * sqrt(cases)
    if not two_sided:
        return float(stats.nct.sf(stats.t.ppf(1 - alpha, df), df, shift))
    limit = stats.t.ppf(1 - alpha / 2, df)
    return float(stats.nct.sf(limit, df, shift) + stats.nct.cdf(-limit, df, shift))


def mean_sd(sd: float, readers: int, correlation: float) -> float:
    """SD of the mean over the readers of one case."""
    return sd * sqrt((1 + (readers - 1) * correlation) / readers)


def sd_from_interval(ratio_low: float, ratio_high: float, pairs: int, level: float = 0.95) -> float:
    """SD of log differences behind a published interval of a geometric mean ratio of `pairs` pairs."""
    half = (log(ratio_high) - log(ratio_low)) / 2
    return float(half * sqrt(pairs) / stats.t.ppf((1 + level) / 2, pairs - 1))


def _smallest(effect: float, power: float, alpha: float, *, two_sided: bool) -> int:
    low, high = 1, 2
    while paired_power(high, effect, alpha, two_sided=two_sided) < power:
        low, high = high, 2 * high
        if high > LARGEST:
            raise ValueError(f"More than {LARGEST} cases would be needed: the effect is too small.")
    while high - low > 1:
        middle = (low + high) // 2
        enough = paired_power(middle, effect, alpha, two_sided=two_sided) >= power
        low, high = (low, middle) if enough else (middle, high)
    return max(high, 2)


def _offer(cases: int, readers: int, power: float) -> str:
    by = "one reader" if readers == 1 else f"{readers} readers"
    return f"{cases} cases read in both arms by {by} give {100 * power:.0f} % power"


def _between(readers: int, correlation: float) -> str:
    """Of one reader there is no correlation to state."""
    return "" if readers == 1 else f", correlation between readers {correlation:g}"


def _check(power: float, alpha: float, readers: int, correlation: float, sd: float) -> None:
    if not 0 < alpha < 0.5 or not alpha < power < 1:
        raise ValueError("Alpha lies between 0 and 0.5, power between alpha and 1.")
    if readers < 1 or not 0 <= correlation <= 1:
        raise ValueError("There is at least one reader, and the correlation lies between 0 and 1.")
    if sd <= 0:
        raise ValueError("The standard deviation is above 0.")
