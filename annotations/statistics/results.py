"""What every test gives back: a number that names its test, its n and its doubts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Role = Literal["primary", "secondary", "exploratory", "descriptive"]


@dataclass(frozen=True)
class Result:
    """One estimate or test. estimate, ci_*, statistic and p are None where they were not computed; `notes`
    then says why. n counts `n_unit`. level: of the confidence interval. p_adjusted: by Holm.
    """

    test: str
    n: int
    n_unit: str = "cases"
    endpoint: str = ""
    comparison: str = ""
    analysis_set: str = ""
    estimate_name: str = ""
    unit: str = ""
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    level: float = 0.95
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    role: Role = "exploratory"
    notes: tuple[str, ...] = ()

    @property
    def is_computed(self) -> bool:
        return self.estimate is not None or self.p is not None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def named(self, **names: Any) -> Self:
        """A copy with endpoint, comparison, analysis set or role filled in."""
        return replace(self, **names)

    def with_notes(self, *notes: str) -> Self:
        return replace(self, notes=self.notes + tuple(note for note in notes if note))


def not_computed(test: str, n: int, why: str = "", n_unit: str = "cases") -> Result:
    """A result that says that there is none, and why."""
    reason = f"n = {n}" if not why else f"{why} (n = {n})"
    return Result(test=test, n=n, n_unit=n_unit, notes=(f"not computed: {reason}",))


def as_floats(values: Sequence[float] | Floats) -> Floats:
    """A float64 vector. Raises ValueError when a value is missing or not finite: callers drop and count."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError("The values must be one finite vector.")
    return array


def as_pairs(first: Sequence[float] | Floats, second: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    one, two = as_floats(first), as_floats(second)
    if one.size != two.size:
        raise ValueError(f"Pairs need as many first values as second ones: {one.size}, {two.size}.")
    return one, two
