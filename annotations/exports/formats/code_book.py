"""What every column is: as a table to read, as Frictionless table schemas to check against."""

from collections.abc import Iterable, Iterator
from typing import Any

from annotations.exports.tables.column import Column, Table
from annotations.version import VERSION

HEADER = ("table", "column", "kind", "unit", "meaning", "derived_from", "empty_when", "values")
FIELD_TYPES = {
    "text": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "time": "datetime",
    "json": "object",
}


def code_book_rows(tables: Iterable[Table]) -> Iterator[tuple[str, ...]]:
    for table in tables:
        for one in table.columns:
            values = "; ".join(f"{value} = {meaning}" for value, meaning in one.values.items())
            yield table.name, one.name, one.kind, one.unit, one.meaning, one.derived, one.empty_when, values


def table_schema(table: Table, plan: dict[str, Any]) -> dict[str, Any]:
    """Frictionless Table Schema of <table>.csv, with product and plan version."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": table.name,
        "title": table.title,
        "description": f"One row is {table.row_is}.",
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
        "product": {"name": "PETReview", "version": VERSION},
        "plan": plan,
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _type(column),
        "description": column.meaning,
        "unit": column.unit,
        "derived": column.derived,
        "emptyWhen": column.empty_when,
    }
    if column.kind == "time":
        field["format"] = "any"
    if column.kind == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column.kind == "integer" and column.values:
        field["categories"] = [{"value": int(v), "label": label} for v, label in column.values.items()]
    elif column.values:
        field["categories"] = [{"value": v, "label": label} for v, label in column.values.items()]
    if not column.missing:
        field["constraints"] = {"required": True}
    return field


def _type(column: Column) -> str:
    if column.kind == "json" and column.unit != "JSON":
        return "array"
    return FIELD_TYPES[column.kind]
