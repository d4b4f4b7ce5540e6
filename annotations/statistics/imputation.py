"""Multiple imputation: draws of missing values, and Rubin's rules (1987) with Barnard and Rubin's df (1999).

Draws are proper: the parameters are drawn from their posterior before the values are, so that the spread
between the completed data sets holds the uncertainty of the imputation itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.statistics.results import Floats, as_pairs


@dataclass(frozen=True)
class Pooled:
    """se: square root of the total variance. missing_share: of the total variance, due to what is missing."""

    estimate: float
    se: float
    df: float
    missing_share: float


def pool(
    estimates: Sequence[float] | Floats, variances: Sequence[float] | Floats, *, complete_df: float
) -> Pooled:
    """Estimates and squared standard errors of the completed data sets, as one. complete_df: degrees of
    freedom that the complete data would have had. Raises ValueError below two data sets."""
    one, within = as_pairs(estimates, variances)
    m = one.size
    if m < 2:
        raise ValueError(f"Pooling needs two completed data sets at least: {m}.")
    between = (1 + 1 / m) * float(one.var(ddof=1))
    total = float(within.mean()) + between
    share = between / total if total > 0 else 0.0
    observed_df = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    # Rubin's own df, (m - 1) / share^2, written as its inverse: it is infinite where nothing is missing.
    df = 1 / (share**2 / (m - 1) + 1 / observed_df) if observed_df > 0 else 0.0
    return Pooled(float(one.mean()), float(np.sqrt(total)), df, share)


def can_be_predicted(known: Floats, missing: Floats) -> npt.NDArray[np.bool_]:
    """For each row of `missing` [rows, terms] whether the rows of `known` determine its mean."""
    projection = np.linalg.pinv(known) @ known
    return np.asarray(np.abs(missing @ projection - missing).max(axis=1, initial=0.0) < 1e-8, dtype=np.bool_)


def draw_normal(
    known: Floats, values: Floats, missing: Floats, *, sets: int, generator: np.random.Generator
) -> Floats:
    """[sets, rows of missing]: Bayesian linear regression with the flat prior (Rubin 1987, example 5.1).

    Raises ValueError when no degree of freedom is left for the residual variance.
    """
    inverse = np.linalg.pinv(known)
    estimate = inverse @ values
    free = values.size - int(np.linalg.matrix_rank(known))
    if free < 1:
        raise ValueError("There are as many terms as values: the residual variance is not known.")
    square = float(((values - known @ estimate) ** 2).sum())
    root = missing @ inverse
    drawn = np.empty((sets, missing.shape[0]))
    for number in range(sets):
        sigma = np.sqrt(square / generator.chisquare(free))
        mean = missing @ estimate + sigma * (root @ generator.standard_normal(values.size))
        drawn[number] = mean + sigma * generator.standard_normal(missing.shape[0])
    return drawn


def draw_outcomes(
    successes: int, n: int, missing: int, *, sets: int, generator: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """[sets, missing]: yes or no, by a share drawn from its posterior under Jeffreys' prior."""
    share = generator.beta(successes + 0.5, n - successes + 0.5, size=(sets, 1))
    return np.asarray(generator.random((sets, missing)) < share, dtype=np.bool_)
