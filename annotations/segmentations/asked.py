"""The parameters of one question, read one by one: each missing, wrong or unknown one is refused by name."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from annotations.errors import InvalidInput
from annotations.imaging.checks import IndexZYX, OutsideGrid, require_inside
from annotations.imaging.geometry import Grid, Vector

Choice = TypeVar("Choice")
MISSING: Any = object()


class BadParameter(InvalidInput):
    """A parameter of a method is missing, of the wrong kind or out of range; `detail` names it."""

    code = "bad_parameter"


class Asked:
    """What was asked of a method. Read every parameter, then call `finish`, which refuses the rest."""

    def __init__(self, method: str, given: Mapping[str, Any], path: str = "") -> None:
        self.method = method
        self._given = given
        self._path = path
        self._read: set[str] = set()

    def has(self, name: str) -> bool:
        """Given, and not null."""
        return self._given.get(name) is not None

    @property
    def given(self) -> dict[str, Any]:
        """All of it, as it was given."""
        return dict(self._given)

    def number(self, name: str, low: float, high: float, default: float = MISSING) -> float:
        return self._number(name, self._take(name, default), low, high)

    def numbers(self, name: str, count: int, low: float, high: float) -> tuple[float, ...]:
        """Exactly `count` numbers."""
        given = self._list(name, self._take(name, MISSING))
        if len(given) != count:
            raise self.refusal(name, f"{count} numbers", given)
        return tuple(self._number(name, one, low, high) for one in given)

    def whole(self, name: str, low: int, high: int, default: int = MISSING) -> int:
        given = self._take(name, default)
        if isinstance(given, bool) or not isinstance(given, int | float) or given != int(_finite(given)):
            raise self.refusal(name, f"a whole number from {low} to {high}", given)
        if not low <= given <= high:
            raise self.refusal(name, f"a whole number from {low} to {high}", given)
        return int(given)

    def flag(self, name: str, default: bool = False) -> bool:
        given = self._take(name, default)
        if not isinstance(given, bool):
            raise self.refusal(name, "true or false", given)
        return given

    def choice(self, name: str, options: Sequence[Choice], default: Choice = MISSING) -> Choice:
        given = self._take(name, default)
        for option in options:
            if type(given) is type(option) and given == option:
                return option
        raise self.refusal(name, f"one of {', '.join(str(one) for one in options)}", given)

    def voxel(self, name: str, grid: Grid) -> IndexZYX:
        """A voxel of the image, given as whole numbers [x, y, z]; returned z, y, x."""
        return self._voxel(name, self._take(name, MISSING), grid)

    def voxels(self, name: str, grid: Grid, most: int) -> list[IndexZYX]:
        """At most `most` voxels; none where the parameter is not given."""
        given = self._list(name, self._take(name, []))
        if len(given) > most:
            raise self.refusal(name, f"at most {most} points", len(given))
        return [self._voxel(name, one, grid) for one in given]

    def place(self, name: str) -> Vector:
        """LPS mm [x, y, z]."""
        x, y, z = self.numbers(name, 3, -1e6, 1e6)
        return x, y, z

    def points(self, name: str, most: int) -> list[tuple[float, float]]:
        """Pairs [u, v] of continuous voxel indices."""
        given = self._list(name, self._take(name, MISSING))
        if not 2 <= len(given) <= most:
            raise self.refusal(name, f"2 to {most} points", len(given))
        pairs = [self._list(name, one) for one in given]
        if any(len(pair) != 2 for pair in pairs):
            raise self.refusal(name, "points of two numbers", given)
        return [(self._number(name, u, -1e5, 1e5), self._number(name, v, -1e5, 1e5)) for u, v in pairs]

    def part(self, name: str) -> "Asked":
        """The parameters in a table under `name`."""
        given = self._take(name, MISSING)
        if not isinstance(given, Mapping):
            raise self.refusal(name, "a table of parameters", given)
        return Asked(self.method, given, f"{self._path}{name}.")

    def parts(self, name: str, most: int) -> list["Asked"]:
        """The tables of a list; none where it is not given."""
        given = self._list(name, self._take(name, []))
        if len(given) > most or not all(isinstance(one, Mapping) for one in given):
            raise self.refusal(name, f"a list of at most {most} tables", len(given))
        return [Asked(self.method, one, f"{self._path}{name}.{number}.") for number, one in enumerate(given)]

    def finish(self) -> None:
        """Refuse what nobody read; null counts as not given."""
        unknown = sorted(name for name in set(self._given) - self._read if self._given[name] is not None)
        if unknown:
            raise BadParameter(
                f"The method {self.method} does not know the parameter {self._path}{unknown[0]}.",
                method=self.method,
                parameter=self._path + unknown[0],
            )

    def refusal(self, name: str, wanted: str, got: object) -> BadParameter:
        return BadParameter(
            f"The parameter {self._path}{name} of the method {self.method} must be {wanted}.",
            method=self.method,
            parameter=self._path + name,
            wanted=wanted,
            got=repr(got)[:80],
        )

    def _take(self, name: str, default: Any) -> Any:
        self._read.add(name)
        given = self._given.get(name)
        if given is not None:
            return given
        if default is MISSING:
            raise BadParameter(
                f"The parameter {self._path}{name} of the method {self.method} is missing.",
                method=self.method,
                parameter=self._path + name,
            )
        return default

    def _number(self, name: str, given: Any, low: float, high: float) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float) or not low <= given <= high:
            raise self.refusal(name, f"a number from {low:g} to {high:g}", given)
        return float(given)

    def _list(self, name: str, given: Any) -> list[Any]:
        if not isinstance(given, list | tuple):
            raise self.refusal(name, "a list", given)
        return list(given)

    def _voxel(self, name: str, given: Any, grid: Grid) -> IndexZYX:
        values = self._list(name, given)
        whole = [int(v) for v in values if isinstance(v, int | float) and v == int(_finite(v))]
        if len(values) != 3 or len(whole) != 3:
            raise self.refusal(name, "three whole numbers x, y, z", given)
        place = whole[2], whole[1], whole[0]
        try:
            require_inside(place, grid)
        except OutsideGrid as error:
            raise self.refusal(name, "a voxel of the image", given) from error
        return place


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.5
