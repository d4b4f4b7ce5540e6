"""Flat tables that a spreadsheet and a statistics program read alike."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8, comma, CRLF, quoted where needed (RFC 4180). The same rows give the same bytes."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


def cell(value: Any) -> str:
    """None is empty: undefined is never 0. Numbers keep all their digits; times are UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict | list):
        return safe_text(json.dumps(value, sort_keys=True, ensure_ascii=False))
    return safe_text(str(value))


def safe_text(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    stripped = text.lstrip(" ")
    return f"'{text}" if stripped.startswith(FORMULA_STARTS) else text
