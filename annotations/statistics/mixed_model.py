"""The crossover (or parallel) model of reading time by REML:

log(t) ~ arm + period + sequence + log read number + burden, random case; reader fixed below five
readers, else random with a random arm slope; reader:case random where several readers read a case more
than once (a crossover, or repeated reads).

The fit is statsmodels'. Its Wald z is optimistic with few readers, so p and the interval of the arm come from
permutation.py; the z stands beside for comparison only.
"""

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from annotations.statistics.results import Floats

RANDOM_READERS_FROM = 5
SINGULAR = 1e-4  # of the residual variance


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
    """REML. Raises numpy.linalg.LinAlgError when statsmodels cannot fit it at all."""
    logs = np.log([one.seconds for one in reads])
    parts = _random_parts(reads)
    groups = _groups(reads)
    with warnings.catch_warnings(record=True):
        # What these warnings say (convergence, boundary) is read from the fit and named there.
        warnings.simplefilter("always")
        model = MixedLM(logs, design.matrix, groups, exog_vc=_specification(parts, groups))
        fitted = model.fit(reml=True, method=["lbfgs", "powell"])
    scale = float(fitted.scale)
    # statsmodels sorts nothing here: vcomp is in the order of the names given.
    variances = [(name, float(one)) for (name, _), one in zip(parts, fitted.vcomp, strict=True)]
    covariance = scale * np.eye(len(reads))
    for (_, columns), (_, variance) in zip(parts, variances, strict=True):
        covariance += variance * (columns @ columns.T)
    return Fit(
        effects=_effects(design, np.asarray(fitted.fe_params), covariance, alpha),
        variances=(*variances, ("residual", scale)),
        covariance=covariance,
        is_converged=bool(fitted.converged),
        singular=tuple(name for name, variance in variances if variance < SINGULAR * scale),
    )


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


def _groups(reads: Sequence[TimedRead]) -> list[int]:
    """Independent groups: cases while readers are fixed; one group of all when readers are random too."""
    crossed = len({one.reader for one in reads}) >= RANDOM_READERS_FROM
    return [0 if crossed else one.case for one in reads]


def _specification(parts: list[tuple[str, Floats]], groups: list[int]) -> VCSpec:
    labels = sorted(set(groups))
    names, column_names, matrices = [], [], []
    for name, columns in parts:
        names.append(name)
        mine = [columns[np.array(groups) == label] for label in labels]
        used = [one[:, np.abs(one).sum(0) > 0] for one in mine]
        matrices.append(used)
        column_names.append([[f"{name} {index}" for index in range(one.shape[1])] for one in used])
    return VCSpec(names, column_names, matrices)


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
