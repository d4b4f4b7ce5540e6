"""Mean SUV of the body region of a PET, for the contrast of a tumour. Kept, because it never changes.

A stored volume and its SUV revision are immutable, so the number is kept in a small file named by both
digests; a lost file costs a second.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from django.conf import settings

from annotations.exports.voxels import load_values
from annotations.imaging.body import NoBody, outline_body
from annotations.store.services import write_file
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import volume_grid

CODE_VERSION = "1"


def body_mean(volume: Volume, revision: SuvRevision | None) -> float | None:
    """None without a valid SUV, or where no body can be seen."""
    if revision is None or revision.factor is None:
        return None
    path = _path(volume, revision)
    if path.exists():
        mean: float | None = json.loads(path.read_text())["body_mean_suv"]
        return mean
    mean = _compute(volume, revision.factor)
    write_file(path, json.dumps({"body_mean_suv": mean}).encode())
    return mean


def _compute(volume: Volume, factor: float) -> float | None:
    suv = load_values(volume, factor)
    try:
        body = outline_body(suv, volume_grid(volume))
    except NoBody:
        return None
    values = suv[body]
    return float(values.mean(dtype=np.float64)) if np.isfinite(values).all() else None


def _path(volume: Volume, revision: SuvRevision) -> Path:
    key = hashlib.sha256(f"{volume.digest}/{revision.digest}/{CODE_VERSION}".encode()).hexdigest()
    return Path(settings.HOME) / "exports" / "body_means" / f"{key}.json"
