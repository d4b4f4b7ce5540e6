"""A table goes through all its file formats in one pass, row by row; nothing is kept but a chunk."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from annotations.exports.formats.parquet import ParquetWriter
from annotations.exports.table import cell, json_text, time_text
from annotations.exports.tables.column import Column, Table

Format = Literal["csv", "xlsx", "json", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json", "parquet")


class TableWriter(Protocol):
    """One file of one table. Rows are typed values in the order of the columns."""

    def write(self, values: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """Comma, CRLF, quoted where needed (RFC 4180), UTF-8; formulas are defused."""

    def __init__(self, path: Path, table: Table) -> None:
        import csv

        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(table.header)

    def write(self, values: Sequence[Any]) -> None:
        self._writer.writerow([cell(value) for value in values])

    def close(self) -> None:
        self._file.close()


class JsonWriter:
    """{"table", "key", "columns", "rows": [{column: value}]}: one row a line; null is "not there"."""

    def __init__(self, path: Path, table: Table) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain).encode
        self._names = table.header
        self._first = True
        head = {"table": table.name, "key": list(table.key), "columns": table.header}
        self._file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": [')

    def write(self, values: Sequence[Any]) -> None:
        self._file.write("\n" if self._first else ",\n")
        self._file.write(self._encode(dict(zip(self._names, values, strict=True))))
        self._first = False

    def close(self) -> None:
        self._file.write("\n]}\n")
        self._file.close()


def _plain(value: Any) -> str:
    return time_text(value) if hasattr(value, "astimezone") else str(value)


def text_of(column: Column, value: Any) -> str:
    """A value of a text or JSON column as text, formulas left as they are."""
    return json_text(value) if column.kind == "json" else str(value)


def open_writer(form: Literal["csv", "json", "parquet"], path: Path, table: Table) -> TableWriter:
    return _WRITERS[form](path, table)


_WRITERS: dict[str, type[CsvWriter] | type[JsonWriter] | type[ParquetWriter]] = {
    "csv": CsvWriter,
    "json": JsonWriter,
    "parquet": ParquetWriter,
}
