"""Rows of a report by the names of their columns."""

from collections.abc import Mapping

from annotations.statistics.report.tables import Report, Table


def table(report: Report, key: str) -> Table:
    return next(one for one in report.tables if one.key == key)


def rows(report: Report, key: str, **wanted: object) -> list[Mapping[str, object]]:
    """Rows of a table as mappings from column name, those with the wanted cells."""
    found = table(report, key)
    names = [column.name for column in found.columns]
    mapped = [dict(zip(names, row, strict=True)) for row in found.rows]
    return [row for row in mapped if all(row[name] == value for name, value in wanted.items())]


def row(report: Report, key: str, **wanted: object) -> Mapping[str, object]:
    found = rows(report, key, **wanted)
    assert len(found) == 1, found
    return found[0]
