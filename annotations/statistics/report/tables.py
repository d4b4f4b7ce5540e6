"""The report as data: tables with typed columns, figures as Vega-Lite, sections. JSON holds no NaN."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from annotations.statistics.results import Result

Kind = Literal["text", "integer", "number", "percent", "p"]
Cell = str | int | float | None
Spec = dict[str, Any]
SCHEMA = 1
SIGNIFICANT_DIGITS = 10  # what one machine and the next agree on


@dataclass(frozen=True)
class Column:
    """kind "percent": a share from 0 to 1. digits: decimals to show; None: as many as the value needs."""

    name: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    n: int
    analysis_set: str
    notes: tuple[str, ...] = ()
    is_synthetic: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "title": self.title,
            "columns": [vars(column) for column in self.columns],
            "rows": [[plain(cell) for cell in row] for row in self.rows],
            "notes": list(self.notes),
            "n": self.n,
            "analysis_set": self.analysis_set,
            "is_synthetic": self.is_synthetic,
        }


@dataclass(frozen=True)
class Figure:
    """spec: Vega-Lite with its data inside and without a theme."""

    key: str
    title: str
    caption: str
    n: int
    spec: Spec
    is_synthetic: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "spec": plain(self.spec)}


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    intro: str = ""
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Headline:
    value: str
    unit: str
    label: str


@dataclass(frozen=True)
class Setting:
    name: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Report:
    """What analyse() gives; write_report() makes files of it, the page shows the same JSON."""

    reader_study: str
    name: str
    plan_number: int
    plan_digest: str
    product_version: str
    is_synthetic: bool
    is_interim: bool
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]
    methods: str
    references: tuple[str, ...]
    settings: tuple[Setting, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> list[Table]:
        return [table for section in self.sections for table in section.tables]

    @property
    def figures(self) -> list[Figure]:
        return [figure for section in self.sections for figure in section.figures]

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "reader_study": self.reader_study,
            "name": self.name,
            "plan_number": self.plan_number,
            "plan_digest": self.plan_digest,
            "product_version": self.product_version,
            "is_synthetic": self.is_synthetic,
            "is_interim": self.is_interim,
            "headlines": [vars(one) for one in self.headlines],
            "sections": [
                {
                    "key": section.key,
                    "title": section.title,
                    "intro": section.intro,
                    "tables": [table.to_json() for table in section.tables],
                    "figures": [figure.to_json() for figure in section.figures],
                }
                for section in self.sections
            ],
            "methods": self.methods,
            "references": list(self.references),
            "settings": [vars(one) for one in self.settings],
            "warnings": list(self.warnings),
        }


def plain(value: Any) -> Any:
    """JSON of a cell or specification: ten significant digits; what is not finite is null."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, Iterable):
        return [plain(one) for one in value]
    raise TypeError(f"No JSON for {type(value).__name__}.")


RESULT_COLUMNS = (
    Column("endpoint", "Endpoint"),
    Column("comparison", "Comparison"),
    Column("test", "Test"),
    Column("n", "n", "integer"),
    Column("n_unit", "n counts"),
    Column("estimate_name", "Estimate of"),
    Column("estimate", "Estimate", "number", digits=3),
    Column("ci_low", "CI low", "number", digits=3),
    Column("ci_high", "CI high", "number", digits=3),
    Column("p", "p", "p"),
    Column("p_adjusted", "p, Holm", "p"),
    Column("role", "Role"),
    Column("analysis_set", "Analysis set"),
    Column("notes", "Notes"),
)


def results_table(
    key: str, title: str, results: Sequence[Result], *, analysis_set: str, notes: Sequence[str] = ()
) -> Table:
    """One row a result; each names its test, n and analysis set."""
    rows = [
        (
            one.endpoint,
            one.comparison,
            one.test,
            one.n,
            one.n_unit,
            f"{one.estimate_name}, {one.unit}" if one.unit else one.estimate_name,
            one.estimate,
            one.ci_low,
            one.ci_high,
            one.p,
            one.p_adjusted,
            one.role,
            one.analysis_set or analysis_set,
            " ".join(one.notes),
        )
        for one in results
    ]
    level = {f"{100 * one.level:g} %" for one in results} or {"95 %"}
    said = (f"Intervals at {', '.join(sorted(level))}; p two-sided unless the test says otherwise.", *notes)
    largest = max((one.n for one in results), default=0)
    return Table(key, title, RESULT_COLUMNS, tuple(rows), largest, analysis_set, said)
