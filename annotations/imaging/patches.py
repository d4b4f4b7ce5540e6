"""Edits as run-length patches between two label maps of one grid, and the digest of a label map.

A patch is uint32 [n, 4]: start (flat C-order index), length, old label, new label; ascending,
without overlap. It holds the old labels, so it can be checked against its parent and inverted.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.errors import Conflict, InvalidInput
from annotations.imaging.boxes import Box
from annotations.imaging.checks import require_shape
from annotations.imaging.components import HIGHEST_LABEL, RESERVED_LABEL
from annotations.imaging.geometry import Grid, GridMismatch, canonical_json
from annotations.imaging.volume import LabelArray

PatchArray = npt.NDArray[np.uint32]
HIGHEST_START = 2**32 - 1


class PatchConflict(Conflict):
    """The patch was made against another label map than the one it is applied to."""

    code = "patch_conflict"


class PatchMalformed(InvalidInput):
    """The runs cannot belong to any label map of this grid."""

    code = "patch_malformed"


def diff_labels(old: LabelArray, new: LabelArray) -> PatchArray:
    """Runs that turn `old` into `new`; shape (n, 4); n = 0 when they are equal."""
    if old.shape != new.shape:
        raise GridMismatch("Two label maps of one grid are needed.", old=list(old.shape), new=list(new.shape))
    if old.size > HIGHEST_START:
        raise InvalidInput("The image has more voxels than a patch can address.", got=old.size)
    before, after = np.ascontiguousarray(old).reshape(-1), np.ascontiguousarray(new).reshape(-1)
    changed = np.flatnonzero(before != after)
    return _runs(changed, before[changed], after[changed])


def diff_box(old: LabelArray, box: Box, new: LabelArray) -> PatchArray:
    """As `diff_labels`, for a change in one box of `old`: `new` holds the voxels of the box."""
    before = old[box]
    if before.shape != new.shape:
        raise GridMismatch("The box does not fit.", old=list(before.shape), new=list(new.shape))
    inner = np.nonzero(before != new)
    place = tuple(index + part.start for index, part in zip(inner, box, strict=True))
    changed = np.ravel_multi_index(place, old.shape)  # ascending: a box keeps the order of the whole
    return _runs(changed, before[inner], new[inner])


def _runs(changed: npt.NDArray[np.int64], old: LabelArray, new: LabelArray) -> PatchArray:
    """Runs of ascending flat indices with the same change."""
    if changed.size == 0:
        return np.zeros((0, 4), dtype=np.uint32)
    starts_run = np.ones(changed.size, dtype=np.bool_)
    starts_run[1:] = (np.diff(changed) != 1) | (old[1:] != old[:-1]) | (new[1:] != new[:-1])
    first = np.flatnonzero(starts_run)
    lengths = np.diff(np.append(first, changed.size))
    return np.column_stack([changed[first], lengths, old[first], new[first]]).astype(np.uint32)


def apply_patch(labels: LabelArray, patch: npt.NDArray[Any]) -> LabelArray:
    """A new label map with the runs applied.

    Raises PatchMalformed (not runs of this grid, overlap, label above 65535 or the reserved 255) or
    PatchConflict (an old label differs from the label map's).
    """
    runs = _checked_runs(patch, labels.size)
    result = np.ascontiguousarray(labels).reshape(-1).copy()
    where = run_indices(runs)
    lengths = runs[:, 1]
    wanted = np.repeat(runs[:, 2], lengths)
    found = result[where]
    if not np.array_equal(found, wanted):
        first = int(np.flatnonzero(found != wanted)[0])
        raise PatchConflict(
            "The edit was made on another state of the segmentation.",
            voxel=int(where[first]),
            wanted_label=int(wanted[first]),
            found_label=int(found[first]),
        )
    result[where] = np.repeat(runs[:, 3], lengths).astype(np.uint16)
    return result.reshape(labels.shape)


def invert_patch(patch: PatchArray) -> PatchArray:
    """The patch that undoes `patch`."""
    return np.ascontiguousarray(patch[:, [0, 1, 3, 2]])


def run_indices(runs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Flat indices of all voxels of the runs, in order."""
    lengths = runs[:, 1]
    before = np.cumsum(lengths) - lengths
    where: npt.NDArray[np.int64] = np.arange(int(lengths.sum())) + np.repeat(runs[:, 0] - before, lengths)
    return where


def touched_labels(patch: PatchArray) -> set[int]:
    """Labels whose voxels the patch changes, without background: their measures must be renewed."""
    return {int(label) for label in np.unique(patch[:, 2:])} - {0}


def patch_to_bytes(patch: PatchArray) -> bytes:
    """Little-endian uint32, four numbers a run."""
    return np.ascontiguousarray(patch, dtype="<u4").tobytes()


def patch_from_bytes(data: bytes) -> PatchArray:
    if len(data) % 16:
        raise PatchMalformed("A patch is four 32-bit numbers a run.", got_bytes=len(data))
    return np.frombuffer(data, dtype="<u4").reshape(-1, 4).astype(np.uint32)


def content_digest(labels: LabelArray, grid: Grid) -> str:
    """sha256 (hex) of the little-endian C-order uint16 voxels followed by the canonical JSON of the grid."""
    require_shape(labels, grid, "label map")
    if labels.dtype != np.uint16:
        raise InvalidInput("A label map is uint16.", got=str(labels.dtype))
    digest = hashlib.sha256(np.ascontiguousarray(labels, dtype="<u2").data)
    digest.update(canonical_json(grid.to_json()))
    return digest.hexdigest()


def _checked_runs(patch: npt.NDArray[Any], voxel_count: int) -> npt.NDArray[np.int64]:
    if patch.ndim != 2 or patch.shape[1] != 4 or not np.issubdtype(patch.dtype, np.integer):
        raise PatchMalformed("A patch is a table of whole numbers: start, length, old, new.")
    runs = patch.astype(np.int64)
    start, length = runs[:, 0], runs[:, 1]
    if runs.size and (runs.min() < 0 or length.min() < 1 or (length > voxel_count - start).any()):
        raise PatchMalformed("A run lies outside the image.", voxel_count=voxel_count)
    if (start[1:] < (start + length)[:-1]).any():
        raise PatchMalformed("Runs overlap or are out of order.")
    if (runs[:, 2:] > HIGHEST_LABEL).any() or (runs[:, 3] == RESERVED_LABEL).any():
        raise PatchMalformed("A label is above 65535, or is the reserved 255.")
    return runs
