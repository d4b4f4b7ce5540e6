"""Label maps and SUV images of stored rows, as arrays.

Both come from the byte caches of the store: an edit reads its parent's label map and the PET again,
and only the part of the PET round the edited lesions is turned into SUV.
"""

import numpy as np
import numpy.typing as npt

from annotations.imaging.boxes import Box, box_grid
from annotations.imaging.geometry import Grid, canonical_json
from annotations.imaging.volume import FloatArray, LabelArray, StoredVolume
from annotations.segmentations.models import CompanionMap, Version
from annotations.store.models import Blob
from annotations.store.services import label_cache, put_blob
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import read_volume, volume_grid


def read_labels(version: Version) -> LabelArray:
    """uint16 [z, y, x], read-only: the bytes are shared with the cache."""
    grid = volume_grid(version.segmentation.volume)
    content = label_cache.read(version.labels)
    labels: LabelArray = np.frombuffer(content, dtype="<u2").reshape(grid.shape_zyx)
    return labels


def read_companion(companion: CompanionMap, shape_zyx: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """uint8 [z, y, x], read-only: the bytes are shared with the cache."""
    return np.frombuffer(label_cache.read(companion.blob), dtype=np.uint8).reshape(shape_zyx)


def store_labels(labels: LabelArray, grid: Grid) -> Blob:
    """Store a label map as zstd; its digest binds the voxels and the grid (invariant 2)."""
    content = np.ascontiguousarray(labels, dtype="<u2").tobytes()
    blob = put_blob(content=content, kind="labelmap", compress=True, suffix=canonical_json(grid.to_json()))
    label_cache.keep(blob.digest, content)
    return blob


def read_suv(volume: Volume, revision: SuvRevision | None, box: Box) -> FloatArray | None:
    """float32 SUVbw of a box of the volume; None when the PET has no valid SUV in this revision."""
    if revision is None or revision.factor is None:
        return None
    whole = read_volume(volume)
    part = StoredVolume(
        grid=box_grid(whole.grid, box),
        stored=whole.stored[box],
        slopes=whole.slopes[box[0]],
        intercepts=whole.intercepts[box[0]],
        unit=whole.unit,
    )
    return part.values(revision.factor)
