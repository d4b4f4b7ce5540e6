"""release.json: what a release says about itself."""

import json
from pathlib import Path
from typing import Any

from inference.segmenters.errors import ReleaseFolderInvalid


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object from a file of a release folder. Raises ReleaseFolderInvalid."""
    try:
        content = json.loads(file.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ReleaseFolderInvalid(
            "A file of the model folder cannot be read.", file=file.name, reason=str(error)
        ) from error
    if not isinstance(content, dict):
        raise ReleaseFolderInvalid("A file of the model folder is not a JSON object.", file=file.name)
    return content


def read_number(options: dict[str, Any], name: str, default: float | None = None) -> float:
    """A finite number of 0 or more. Raises ReleaseFolderInvalid; without a default it must be there."""
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ReleaseFolderInvalid("release.json must give a number.", name=name, got=value)
    return float(value)
