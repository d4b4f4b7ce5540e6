"""The crossover (or parallel) model of reading time by REML:

log(t) ~ arm + period + sequence + log read number + burden, random case; reader fixed below five
readers, else random with a random arm slope; reader:case random where several readers read a case more
than once (a crossover, or repeated reads).

Fitted here and checked against statsmodels' MixedLM in the tests: its gradient search was seen to "converge"
far off near a variance of 0 (case variance 0.70 for 0.07), and its safe search takes 45 s for five readers.
Wald z is optimistic with few readers, so p and the interval of the arm come from permutation.py; the z
stands beside for comparison only.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats
from scipy.linalg import lapack

from annotations.statistics.results import Floats

RANDOM_READERS_FROM = 5
SINGULAR = 1e-4  # of the residual variance
STARTS = (1.0, 0.05)

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TimedRead:
    """One read in one of the two arms compared. is_test: in the test arm. sequence: "" outside crossover."""

    case: int
    reader: str
    is_test: bool
    seconds: float
    period: int = 1
    sequence: str = ""
    read_number: int | None = None
    burden: str = ""


@dataclass(frozen=True)
class Design:
    """matrix [reads, terms]: full rank; column 0 the intercept, column 1 the arm. is_sequence: the columns
    that say the sequence. dropped: terms that cannot be told apart from those before them."""

    matrix: Floats
    terms: tuple[str, ...]
    is_sequence: tuple[bool, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """A fixed effect as a ratio of times, with its Wald interval and p."""

    term: str
    ratio: float
    ci_low: float
    ci_high: float
    p_wald: float


@dataclass(frozen=True)
class Fit:
    """variances: of the log time by name, the residual last. covariance: of the reads [reads, reads]."""

    effects: tuple[Effect, ...]
    variances: tuple[tuple[str, float], ...]
    covariance: Floats
    is_converged: bool
    singular: tuple[str, ...]


def design_of(reads: Sequence[TimedRead]) -> Design:
    """Terms enter in the order arm, reader, burden, period, sequence, log read number; what adds nothing is
    dropped and named."""
    fixed_readers = len({one.reader for one in reads}) < RANDOM_READERS_FROM
    arm = np.array([one.is_test for one in reads], dtype=np.float64)
    wanted = [("arm", arm, False)]
    if fixed_readers:
        wanted += _dummies("reader", [one.reader for one in reads])
    wanted += _dummies("burden", [one.burden for one in reads])
    wanted += _dummies("period", [one.period for one in reads])
    wanted += [
        (name, column, True) for name, column, _ in _dummies("sequence", [one.sequence for one in reads])
    ]
    numbers = [one.read_number for one in reads]
    if all(number is not None for number in numbers):
        wanted.append(("log read number", np.log(np.array(numbers, dtype=np.float64)), False))
    matrix, terms, is_sequence = np.ones((len(reads), 1)), ["intercept"], [False]
    dropped = []
    for name, column, of_sequence in wanted:
        wider = np.column_stack([matrix, column])
        if np.linalg.matrix_rank(wider) < wider.shape[1]:
            dropped.append(name)
            continue
        matrix, terms, is_sequence = wider, [*terms, name], [*is_sequence, of_sequence]
    return Design(matrix, tuple(terms), tuple(is_sequence), tuple(dropped))


def _dummies(name: str, values: Sequence[Hashable]) -> list[tuple[str, Floats, bool]]:
    """One column for each level but the first (in sorted order)."""
    levels = sorted(set(values), key=str)
    return [
        (f"{name} {level}", np.array([value == level for value in values], dtype=np.float64), False)
        for level in levels[1:]
    ]


def fit_model(reads: Sequence[TimedRead], design: Design, *, alpha: float = 0.05) -> Fit:
    """REML: variances relative to the residual one by L-BFGS-B with analytic gradient, from two starts."""
    logs = np.log([one.seconds for one in reads])
    parts = _random_parts(reads)
    kernels = [columns @ columns.T for _, columns in parts]
    blocks = _blocks(reads)
    found = [
        optimize.minimize(
            _criterion,
            np.full(len(parts), start),
            args=(logs, design.matrix, kernels, blocks),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, None)] * len(parts),
            options={"ftol": 1e-12, "gtol": 1e-7},
        )
        for start in STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    ratios = [float(one) for one in best.x]
    shape = _shape(ratios, kernels)
    estimates, scale = _least_squares(logs, design.matrix, shape)
    covariance = scale * shape
    return Fit(
        effects=_effects(design, estimates, covariance, alpha),
        variances=(
            *((name, ratio * scale) for (name, _), ratio in zip(parts, ratios, strict=True)),
            ("residual", scale),
        ),
        covariance=covariance,
        is_converged=bool(best.success),
        singular=tuple(name for (name, _), ratio in zip(parts, ratios, strict=True) if ratio < SINGULAR),
    )


def _shape(ratios: Sequence[float], kernels: Sequence[Floats]) -> Floats:
    """Covariance of the reads over the residual variance."""
    shape = np.eye(kernels[0].shape[0])
    for ratio, kernel in zip(ratios, kernels, strict=True):
        shape += ratio * kernel
    return shape


def _least_squares(logs: Floats, matrix: Floats, shape: Floats) -> tuple[Floats, float]:
    """Generalised least squares: estimates and residual variance."""
    root = np.linalg.cholesky(shape)
    white, target = np.linalg.solve(root, matrix), np.linalg.solve(root, logs)
    estimates = np.linalg.lstsq(white, target, rcond=None)[0]
    free = matrix.shape[0] - matrix.shape[1]
    return estimates, float(((target - white @ estimates) ** 2).sum() / free)


def _blocks(reads: Sequence[TimedRead]) -> list[Places]:
    """Places of reads that hang together: cases while readers are fixed, everything when they are random."""
    if len({one.reader for one in reads}) >= RANDOM_READERS_FROM:
        return [np.arange(len(reads))]
    cases = np.array([one.case for one in reads])
    return [np.flatnonzero(cases == case) for case in np.unique(cases)]


def _invert(shape: Floats, blocks: Sequence[Places]) -> tuple[Floats, float]:
    """Inverse and log determinant of a block diagonal, positive definite matrix."""
    inverse, log_determinant = np.zeros_like(shape), 0.0
    for block in blocks:
        cells = np.ix_(block, block)
        lower, _ = lapack.dpotrf(shape[cells], lower=1)
        upper_missing, _ = lapack.dpotri(lower, lower=1)
        below = np.tril(upper_missing, -1)
        inverse[cells] = below + below.T + np.diag(np.diag(upper_missing))
        log_determinant += 2 * float(np.log(np.diag(lower)).sum())
    return inverse, log_determinant


def _criterion(
    ratios: Floats, logs: Floats, matrix: Floats, kernels: Sequence[Floats], blocks: Sequence[Places]
) -> tuple[float, Floats]:
    """-2 log restricted likelihood with the residual variance profiled out (but for constants), and its
    gradient: tr(P K) - (n - p) y'P K P y / y'P y, P the projection off the fixed effects."""
    shape = _shape(ratios.tolist(), kernels)
    inverse, log_determinant = _invert(shape, blocks)
    weighted = inverse @ matrix
    information = matrix.T @ weighted
    projection = inverse - weighted @ np.linalg.solve(information, weighted.T)
    residual = projection @ logs
    free, square = matrix.shape[0] - matrix.shape[1], float(logs @ residual)
    value = free * np.log(square) + log_determinant + np.linalg.slogdet(information)[1]
    gradient = [
        float((projection * kernel).sum()) - free * float(residual @ kernel @ residual) / square
        for kernel in kernels
    ]
    return float(value), np.array(gradient)


def _random_parts(reads: Sequence[TimedRead]) -> list[tuple[str, Floats]]:
    """Names and indicator columns [reads, levels] of the random effects."""
    parts = [("case", _indicators([one.case for one in reads]))]
    readers = [one.reader for one in reads]
    if len(set(readers)) >= RANDOM_READERS_FROM:
        arm = np.array([one.is_test for one in reads], dtype=np.float64)
        # +-1/2 keeps intercept and slope of a reader apart; 0/1 would give one arm more variance.
        parts.append(("reader", _indicators(readers)))
        parts.append(("arm by reader", _indicators(readers) * (arm - 0.5)[:, None]))
    pairs = [(one.reader, one.case) for one in reads]
    if len(set(readers)) > 1 and len(set(pairs)) < len(pairs):
        parts.append(("reader by case", _indicators(pairs)))
    return parts


def _indicators(values: Sequence[Hashable]) -> Floats:
    levels = list(dict.fromkeys(values))
    return np.array([[value == level for level in levels] for value in values], dtype=np.float64)


def _effects(design: Design, estimates: Floats, covariance: Floats, alpha: float) -> tuple[Effect, ...]:
    information = design.matrix.T @ np.linalg.solve(covariance, design.matrix)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    z = float(stats.norm.ppf(1 - alpha / 2))
    return tuple(
        Effect(
            term=term,
            ratio=float(np.exp(estimate)),
            ci_low=float(np.exp(estimate - z * error)),
            ci_high=float(np.exp(estimate + z * error)),
            p_wald=float(2 * stats.norm.sf(abs(estimate) / error)),
        )
        for term, estimate, error in zip(design.terms, estimates, errors, strict=True)
        if term != "intercept"
    )
