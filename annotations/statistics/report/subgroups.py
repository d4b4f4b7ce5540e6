"""How agreement depends on volume, contrast and clinical attributes (second paper: deciles, FIGO)."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy import stats

from annotations.statistics.data import CaseRow, MetricRow
from annotations.statistics.distribution import decile_of, summarise_values
from annotations.statistics.report import figures
from annotations.statistics.report.patients import TITLES, attribute_of
from annotations.statistics.report.selection import Selection, endpoint_title
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table, results_table
from annotations.statistics.report.versions import VOXEL_WISE, known, metric, rows_of
from annotations.statistics.results import Result, not_computed
from annotations.statistics.unpaired import kruskal_wallis, spearman, unpaired_t

FEWEST_FOR_DECILES = 20
MOST_LEVELS = 12
SET = "cases with tumour and a reference"
BY: dict[str, tuple[str, Callable[[CaseRow], float | None]]] = {
    "volume": ("tumour volume (mL)", lambda case: case.volume_ml),
    "contrast": ("tumour contrast", lambda case: case.contrast),
}


def subgroups(chosen: Selection) -> Section | None:
    if not chosen.named_versions:
        return None
    tables: list[Table] = []
    found: list[Figure] = []
    results: list[Result] = []
    for by in BY:
        table, figure, tests = _deciles(chosen, by)
        results += tests
        if table is not None and figure is not None:
            tables.append(table)
            found.append(figure)
    attributes, tests = _attributes(chosen)
    tables.append(attributes)
    results += tests
    if results:
        tables.append(results_table("subgroup_tests", "Subgroups: tests", results, analysis_set=SET))
    return Section(
        "subgroups",
        "Subgroups",
        "Exploratory: volume and contrast by deciles, clinical attributes by their values.",
        tables=tuple(tables),
        figures=tuple(found),
    )


def _deciles(chosen: Selection, by: str) -> tuple[Table | None, Figure | None, list[Result]]:
    title, getter = BY[by]
    rows: list[tuple[Cell, ...]] = []
    points: list[dict[str, object]] = []
    results: list[Result] = []
    n = 0
    for source in chosen.named_versions:
        mine = [row for row in rows_of(chosen, source) if getter(chosen.cases[row.case]) is not None]
        n = max(n, len(mine))
        values = [float(getter(chosen.cases[row.case]) or 0.0) for row in mine]
        for name in VOXEL_WISE:
            results.append(_correlation(mine, values, name).named(comparison=f"{source}: by {title}"))
        if len(mine) < FEWEST_FOR_DECILES:
            why = f"deciles need {FEWEST_FOR_DECILES} cases"
            missing = not_computed("Lowest decile against the others", len(mine), why)
            results.append(missing.named(endpoint="Dice", comparison=f"{source}: by {title}"))
            continue
        groups = decile_of(values)
        rows += _decile_rows(source, mine, values, groups)
        points += _decile_points(source, mine, groups)
        results += [
            _lowest(mine, groups, name).named(
                comparison=f"{source}: lowest decile of {title} against the others"
            )
            for name in VOXEL_WISE
        ]
    if not rows:
        return None, None, results
    columns = (
        Column("version", "Version"),
        Column("decile", "Decile", "integer"),
        Column("from", "From", "number", digits=1),
        Column("to", "To", "number", digits=1),
        Column("n", "n", "integer"),
        *(
            column
            for name in VOXEL_WISE
            for column in (
                Column(f"{name}_mean", endpoint_title(name), "number", digits=3),
                Column(f"{name}_sd", "SD", "number", digits=3),
            )
        ),
    )
    table = Table(f"deciles_{by}", f"Metrics by decile of {title}", columns, tuple(rows), n, SET)
    spec = figures.deciles(points, by=title, names=list(chosen.named_versions), value="Dice, mean")
    caption = f"Mean Dice with 95 % t interval in ten groups of {n} cases by {title}."
    return table, Figure(f"deciles_{by}", f"Dice by {title}", caption, n, spec), results


def _decile_rows(
    source: str, rows: Sequence[MetricRow], values: Sequence[float], groups: Sequence[int]
) -> list[tuple[Cell, ...]]:
    found: list[tuple[Cell, ...]] = []
    for decile in range(1, 11):
        places = [index for index, group in enumerate(groups) if group == decile]
        inside = [values[index] for index in places]
        cells: list[Cell] = []
        for name in VOXEL_WISE:
            one = summarise_values(known([rows[index] for index in places], name))
            cells += [one.mean, one.sd]
        found.append((source, decile, min(inside), max(inside), len(inside), *cells))
    return found


def _decile_points(source: str, rows: Sequence[MetricRow], groups: Sequence[int]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for decile in range(1, 11):
        one = summarise_values(known([r for r, g in zip(rows, groups, strict=True) if g == decile], "dice"))
        half = float(stats.t.ppf(0.975, one.n - 1) * one.sd / np.sqrt(one.n)) if one.sd is not None else None
        if one.mean is None:
            continue
        ends = (None, None) if half is None else (max(0.0, one.mean - half), min(1.0, one.mean + half))
        found.append(
            {
                "decile": decile,
                "source": source,
                "mean": one.mean,
                "low": ends[0],
                "high": ends[1],
                "n": one.n,
            }
        )
    return found


def _correlation(rows: Sequence[MetricRow], values: Sequence[float], name: str) -> Result:
    pairs = [(v, m) for row, v in zip(rows, values, strict=True) if (m := metric(row, name)) is not None]
    return spearman([v for v, _ in pairs], [m for _, m in pairs]).named(endpoint=endpoint_title(name))


def _lowest(rows: Sequence[MetricRow], groups: Sequence[int], name: str) -> Result:
    lowest = known([row for row, group in zip(rows, groups, strict=True) if group == 1], name)
    others = known([row for row, group in zip(rows, groups, strict=True) if group > 1], name)
    return unpaired_t(others, lowest).named(endpoint=endpoint_title(name))


def _attributes(chosen: Selection) -> tuple[Table, list[Result]]:
    """Dice by the values of every clinical attribute; numbers are cut at their quartiles."""
    rows: list[tuple[Cell, ...]] = []
    results: list[Result] = []
    n = 0
    names = sorted({name for case in chosen.cases.values() for name in case.attributes})
    for source in chosen.named_versions:
        mine = rows_of(chosen, source)
        n = max(n, len(mine))
        for name in [*names, "centre", "burden_stratum"]:
            groups = _grouped(chosen, mine, name)
            if not 1 < len(groups) <= MOST_LEVELS:
                continue
            for level, inside in groups.items():
                cells: list[Cell] = []
                for wanted in VOXEL_WISE:
                    one = summarise_values(known(inside, wanted))
                    cells += [one.mean, one.sd]
                rows.append((source, _title(name), level, len(inside), *cells))
            test = kruskal_wallis([known(inside, "dice") for inside in groups.values()])
            results.append(test.named(endpoint="Dice", comparison=f"{source}: by {_title(name)}"))
    columns = (
        Column("version", "Version"),
        Column("attribute", "Attribute"),
        Column("level", "Value"),
        Column("n", "n", "integer"),
        *(
            column
            for name in VOXEL_WISE
            for column in (
                Column(f"{name}_mean", endpoint_title(name), "number", digits=3),
                Column(f"{name}_sd", "SD", "number", digits=3),
            )
        ),
    )
    return Table("attributes", "Metrics by clinical attribute", columns, tuple(rows), n, SET), results


def _grouped(chosen: Selection, rows: Sequence[MetricRow], name: str) -> dict[str, list[MetricRow]]:
    """Rows by value of an attribute; cases without a value are left out."""
    found: dict[str, list[MetricRow]] = {}
    valued = []
    for row in rows:
        case = chosen.cases[row.case]
        value = case.burden_stratum if name == "burden_stratum" else attribute_of(case, name)
        if value not in (None, ""):
            valued.append((row, value))
    numbers = [float(value) for _, value in valued if isinstance(value, (int, float))]
    if numbers and len(numbers) == len(valued) and len(set(numbers)) > 4:
        return _by_quartile([row for row, _ in valued], numbers)
    for row, value in sorted(valued, key=lambda pair: str(pair[1])):
        found.setdefault(f"{value:g}" if isinstance(value, (int, float)) else value, []).append(row)
    return found


def _by_quartile(rows: Sequence[MetricRow], numbers: Sequence[float]) -> dict[str, list[MetricRow]]:
    edges = np.unique(np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1]))
    found: dict[str, list[MetricRow]] = {}
    for low, high in pairwise(edges):
        first = low == edges[0]
        inside = [
            row
            for row, one in zip(rows, numbers, strict=True)
            if one <= high and (one > low or (first and one == low))
        ]
        found[f"{low:g} to {high:g}" if first else f"over {low:g} to {high:g}"] = inside
    return found


def _title(name: str) -> str:
    return TITLES.get(name) or name.replace("_", " ")
