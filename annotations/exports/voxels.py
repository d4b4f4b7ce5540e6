"""Voxels straight from the store: volumes that are read once would only fill the caches."""

import numpy as np

from annotations.imaging.volume import FloatArray, LabelArray, StoredVolume
from annotations.segmentations.models import Version
from annotations.store.services import read_blob
from annotations.studies.models import Volume
from annotations.studies.selectors import volume_grid


def load_labels(version: Version, volume: Volume) -> LabelArray:
    """uint16 [z, y, x], read-only. volume: the version's."""
    content = read_blob(version.labels)
    labels: LabelArray = np.frombuffer(content, dtype="<u2").reshape(volume_grid(volume).shape_zyx)
    return labels


def load_values(volume: Volume, factor: float = 1.0) -> FloatArray:
    """float32 [z, y, x] in the volume's unit, or SUVbw with the factor of a SUV revision."""
    grid = volume_grid(volume)
    dtype = np.dtype(volume.dtype).newbyteorder("<")
    stored = np.frombuffer(read_blob(volume.voxels), dtype=dtype).reshape(grid.shape_zyx)
    slopes, intercepts = (np.asarray(one, dtype=np.float64) for one in (volume.slopes, volume.intercepts))
    return StoredVolume(grid, stored, slopes, intercepts, volume.unit).values(factor)
