"""JSON with typed values."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from annotations.exports.table import id_text, time_text
from annotations.exports.tables.column import Table


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
    if isinstance(value, UUID):
        return id_text(value)
    return time_text(value) if hasattr(value, "astimezone") else str(value)
