"""A table is its columns: values, code book, schemas and labels all come from here and nowhere else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "integer", "number", "boolean", "time", "json"]
Value = Callable[[Any], Any]


class Reason(NamedTuple):
    """Why a cell is empty. `holds` looks at the row; of a column's reasons the first that holds is it."""

    code: str
    meaning: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class Column:
    """unit: "" where there is none; times are UTC. derived: where the value comes from.

    missing: when the cell is empty, in the order they are tried; none means never. values: what each
    value of a category means. masked_until_lock: it tells the arm, or a result: whoever knows the
    allocation would know it by arm.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    derived: str
    value: Value
    missing: tuple[Reason, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    masked_until_lock: bool = False

    @property
    def empty_when(self) -> str:
        return "; ".join(reason.meaning for reason in self.missing) or "never"

    def why_empty(self, row: Any) -> str:
        """The code of the reason; "unexplained" is a fault of the column."""
        return next((reason.code for reason in self.missing if reason.holds(row)), "unexplained")


@dataclass(frozen=True)
class Table:
    """rows: made anew at each call, streamed. key: the columns that name a row.

    explains_gaps: each empty cell is in missing.csv. rows_are_values: a row is its values already.
    """

    name: str
    title: str
    row_is: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Any]]
    explains_gaps: bool = False
    rows_are_values: bool = False

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def values(self) -> Iterable[Sequence[Any]]:
        """Typed values, row by row."""
        if self.rows_are_values:
            return self.rows()
        getters = [column.value for column in self.columns]
        return ([get(row) for get in getters] for row in self.rows())
