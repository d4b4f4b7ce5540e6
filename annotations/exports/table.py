"""How a value is written as text: what a spreadsheet and a statistics program read alike."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO
from uuid import UUID

REMEMBERED = 4096
"""Texts of times and ids: each is written once a format, and most ids stand in thousands of rows."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Comma, CRLF, quoted where needed (RFC 4180); how many rows. The same rows give the same text.

    file: opened with newline="" and UTF-8.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([cell(value) for value in row])
        count += 1
    return count


def cell(value: Any) -> str:
    """None is empty: undefined is never 0. Numbers keep all their digits; times are UTC."""
    write = _BY_TYPE.get(type(value))  # one look-up: there are millions
    if write is not None:
        return write(value)
    if isinstance(value, dict | list):
        return safe_text(json_text(value)) if value else json_text(value)
    return safe_text(str(value))


@lru_cache(REMEMBERED)
def time_text(value: datetime) -> str:
    """ISO 8601 with microseconds and the zone: always UTC, "Z"."""
    here = value if value.tzinfo is UTC else value.astimezone(UTC)
    return here.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@lru_cache(REMEMBERED)
def id_text(value: UUID) -> str:
    return str(value)


def json_text(value: Any) -> str:
    """Most events say nothing more, and an encoder costs more than its empty answer."""
    return "{}" if value == {} else _encode(value)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False).encode


def safe_text(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if not text or text[0] not in _SUSPECT:
        return text
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


_SUSPECT = frozenset((*FORMULA_STARTS, " "))
_BY_TYPE: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "",
    bool: lambda value: "true" if value else "false",
    int: repr,
    float: repr,
    str: safe_text,
    UUID: id_text,
    datetime: time_text,
}
