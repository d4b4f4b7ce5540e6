"""A table goes through all its file formats in one pass, row by row; nothing is kept but a chunk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from annotations.exports.formats.csv_file import CsvWriter
from annotations.exports.formats.json_file import JsonWriter
from annotations.exports.formats.parquet import ParquetWriter
from annotations.exports.tables.column import Table


class TableWriter(Protocol):
    """One file of one table. Rows are typed values in the order of the columns."""

    def write(self, values: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def open_writer(form: Literal["csv", "json", "parquet"], path: Path, table: Table) -> TableWriter:
    return _WRITERS[form](path, table)


_WRITERS: dict[str, type[CsvWriter] | type[JsonWriter] | type[ParquetWriter]] = {
    "csv": CsvWriter,
    "json": JsonWriter,
    "parquet": ParquetWriter,
}
