"""An export on disk, read back."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from annotations.exports.package import build_package
from annotations.exports.wish import Wish
from annotations.models import ReaderStudy


def export(study: ReaderStudy, folder: Path, *parts: str, formats: tuple[str, ...] = ("csv",)) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    build_package(study, folder, Wish(parts or ("tables",), formats))
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(folder: Path, name: str) -> list[dict[str, str]]:
    return read_csv(folder / "tables" / f"{name}.csv")


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text())


def digests_of(folder: Path) -> dict[str, str]:
    """File name to sha256."""
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}
