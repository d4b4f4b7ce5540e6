"""p and interval of the arm effect by permuting whole cases.

Under no arm effect the arms of a case could as well have been the other way round: the labels of all
reads of a case are swapped together, so the dependence of its readers stays as it is. Cases with one arm
only (parallel allocation by case) exchange their arms among each other. The statistic is the generalised
least squares estimate of the arm with the fitted covariance of the reads held fixed, over its standard
error: a fixed statistic is a valid one, whatever the variances truly are. The interval is the set of arm
effects that the same test does not reject.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from annotations.statistics.mixed_model import Design, TimedRead
from annotations.statistics.results import Floats

ENUMERATE_CASES_UP_TO = 11
DRAWS = 3999
STEPS = 40
TIE = 1e-9


@dataclass(frozen=True)
class Permuted:
    """log_ratio: the GLS estimate. ci_* are None where the permutations are too few for the level."""

    log_ratio: float
    p: float
    ci_low: float | None
    ci_high: float | None
    permutations: int
    is_exact: bool


def permute_arms(
    reads: Sequence[TimedRead], design: Design, covariance: Floats, *, seed: int, alpha: float = 0.05
) -> Permuted:
    """Row 0 of every array over permutations is the observed allocation."""
    swaps, is_exact = _allocations(reads, seed)
    arm, log_time = design.matrix[:, 1], np.log([one.seconds for one in reads])
    root = np.linalg.cholesky(covariance)
    nuisance = [index for index in range(design.matrix.shape[1]) if index != 1]
    moving = [index for index in nuisance if design.is_sequence[index]]
    # With two sequences the swapped case is also read in the other sequence; more cannot be swapped.
    moving = moving if len(moving) == 1 else []
    fixed = np.linalg.solve(root, design.matrix[:, [index for index in nuisance if index not in moving]])
    basis, _ = np.linalg.qr(fixed)
    whiten = _residual(np.linalg.inv(root), basis)
    arms = whiten @ swaps.T
    for index in moving:
        same = np.where(swaps == arm, design.matrix[:, index], 1 - design.matrix[:, index])
        arms = _without(arms, whiten @ same.T)
    times, observed = whiten @ log_time, whiten @ arm
    of_time, of_arm, norm = times @ arms, observed @ arms, (arms**2).sum(0)
    usable = norm > 1e-9 * norm[0]
    of_time, of_arm, norm = of_time[usable], of_arm[usable], norm[usable]

    def p_value(effect: float) -> float:
        squares = (of_time - effect * of_arm) ** 2 / norm
        count = int(np.count_nonzero(squares >= squares[0] * (1 - TIE)))
        return count / int(squares.size)

    estimate = float(of_time[0] / norm[0])
    low, high = _interval(p_value, estimate, float(1 / np.sqrt(norm[0])), alpha)
    return Permuted(estimate, p_value(0.0), low, high, int(norm.size), is_exact)


def _residual(values: Floats, basis: Floats) -> Floats:
    return np.asarray(values - basis @ (basis.T @ values), dtype=np.float64)


def _without(values: Floats, other: Floats) -> Floats:
    """Each column of `values` without its part along the same column of `other`."""
    norm = (other**2).sum(0)
    share = np.divide((values * other).sum(0), norm, out=np.zeros_like(norm), where=norm > 1e-12)
    return np.asarray(values - share * other, dtype=np.float64)


def _allocations(reads: Sequence[TimedRead], seed: int) -> tuple[Floats, bool]:
    """Arms [permutations, reads], the observed ones first; and whether they are all there are."""
    arm = np.array([one.is_test for one in reads], dtype=np.float64)
    cases = sorted({one.case for one in reads})
    place = {case: index for index, case in enumerate(cases)}
    of_read = np.array([place[one.case] for one in reads])
    means = np.array([arm[of_read == index].mean() for index in range(len(cases))])
    single = np.flatnonzero((means == 0) | (means == 1))
    both = len(cases) - single.size
    if single.size == 0 and both <= ENUMERATE_CASES_UP_TO:
        flips = np.array(list(product((0.0, 1.0), repeat=both)))
        return np.abs(arm - flips[:, of_read]), True
    generator = np.random.default_rng(seed)
    flips = generator.integers(0, 2, size=(DRAWS, len(cases))).astype(np.float64)
    shuffled = generator.permuted(np.tile(means[single], (DRAWS, 1)), axis=1)
    flips[:, single] = np.abs(shuffled - means[single])
    flips = np.vstack([np.zeros(len(cases)), flips])
    return np.abs(arm - flips[:, of_read]), False


def _interval(
    p_value: Callable[[float], float], estimate: float, error: float, alpha: float
) -> tuple[float | None, float | None]:
    """Bisection outwards from the estimate on either side."""
    bounds: list[float | None] = []
    for side in (-1.0, 1.0):
        inside, reach = 0.0, 2.0
        while p_value(estimate + side * reach * error) >= alpha and reach < 1000:
            inside, reach = reach, 2 * reach
        if reach >= 1000:
            bounds.append(None)
            continue
        for _ in range(STEPS):
            middle = (inside + reach) / 2
            rejected = p_value(estimate + side * middle * error) < alpha
            inside, reach = (inside, middle) if rejected else (middle, reach)
        bounds.append(estimate + side * inside * error)
    return bounds[0], bounds[1]
