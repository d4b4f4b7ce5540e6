"""Which weights and settings are these: one sha256 over the files that decide a release's results."""

import hashlib
from pathlib import Path

from inference.segmenters.errors import ReleaseFolderInvalid

BLOCK = 1 << 20


def fingerprint_folder(folder: Path) -> str:
    """sha256 (hex) over every file with its path: plans, dataset.json, weights, release.json.

    Text about the model (.md, .txt) may be reworded without making another model of it; hidden files do
    not count either. Raises ReleaseFolderInvalid when there is nothing to take it of.
    """
    digest = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _counts(path, folder))
    if not files:
        raise ReleaseFolderInvalid("There is no model in this folder.", folder=str(folder))
    for file in files:
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(_digest(file))
    return digest.hexdigest()


def _counts(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    return not hidden and path.suffix not in (".md", ".txt")


def _digest(file: Path) -> bytes:
    content = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            content.update(block)
    return content.digest()
