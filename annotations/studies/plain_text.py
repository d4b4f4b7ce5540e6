"""Texts from files as both databases can keep them: no control characters, no broken code points."""

from typing import Any


def plain_text(text: str, limit: int) -> str:
    """At most `limit` characters. PostgreSQL keeps neither NUL nor half of a surrogate pair."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(character if character.isprintable() else " " for character in whole)
    return shown.strip()[:limit]


def plain_json(data: Any) -> Any:
    """The same for every text in JSON data."""
    if isinstance(data, dict):
        return {plain_text(str(key), 200): plain_json(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain_json(value) for value in data]
    return plain_text(data, 10_000) if isinstance(data, str) else data
