"""Parquet: typed columns with their meaning and unit beside them. No time of writing is in the file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.exports.table import json_text
from annotations.exports.tables.column import Column, Table

ROWS_A_GROUP = 20_000
TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(table: Table) -> Any:
    fields = [
        pa.field(one.name, TYPES[one.kind], metadata={"unit": one.unit, "meaning": one.meaning})
        for one in table.columns
    ]
    return pa.schema(fields, metadata={"table": table.name, "title": table.title, "row_is": table.row_is})


class ParquetWriter:
    def __init__(self, path: Path, table: Table) -> None:
        self._schema = arrow_schema(table)
        self._columns = table.columns
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Sequence[Any]] = []

    def write(self, values: Sequence[Any]) -> None:
        self._rows.append(values)
        if len(self._rows) >= ROWS_A_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        arrays = [
            pa.array(_typed(column, [row[place] for row in self._rows]), type=field.type)
            for place, (column, field) in enumerate(zip(self._columns, self._schema, strict=True))
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()


def _typed(column: Column, values: list[Any]) -> list[Any]:
    if column.kind == "json":
        return [None if value is None else json_text(value) for value in values]
    if column.kind == "text":
        return [None if value is None else value if type(value) is str else str(value) for value in values]
    if column.kind == "number":
        return [None if value is None else float(value) for value in values]
    return values
