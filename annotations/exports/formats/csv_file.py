"""CSV: RFC 4180."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from annotations.exports.table import cell
from annotations.exports.tables.column import Table


class CsvWriter:
    """Comma, CRLF, quoted where needed (RFC 4180), UTF-8; formulas are defused."""

    def __init__(self, path: Path, table: Table) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(table.header)

    def write(self, values: Sequence[Any]) -> None:
        self._writer.writerow([cell(value) for value in values])

    def close(self) -> None:
        self._file.close()
