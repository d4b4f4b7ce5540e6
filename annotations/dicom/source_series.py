"""The series a version was drawn on, from its stored files: what the writers refer to."""

from collections.abc import Mapping, Sequence

from pydicom.dataset import Dataset

from annotations.dicom import enhanced, enhanced_pet, sop_classes, values
from annotations.dicom.derived import SourceSeries
from annotations.dicom.part10 import parse_part10
from annotations.dicom.refusals import SourceMismatch
from annotations.imaging.geometry import Grid


def load_source(files: Mapping[str, bytes], slices: Sequence[tuple[str, int]], grid: Grid) -> SourceSeries:
    """files: {key: bytes of a DICOM file}. slices: (key, 0-based frame) in slice order, as the volume has
    them. Raises SourceMismatch when a slice is not among the files or does not lie on the grid.
    """
    headers = {key: parse_part10(data).header for key, data in files.items()}
    frames = {key: _frames(header) for key, header in headers.items()}
    missing = [key for key, frame in slices if frame >= len(frames.get(key, []))]
    if missing or len(slices) != grid.shape_zyx[0]:
        raise SourceMismatch("The stored files are not the slices of this volume.", missing=missing)
    ordered = [frames[key][frame] for key, frame in slices]
    for z, flat in enumerate(ordered):
        depth = grid.world_to_index(values.numbers(flat, "ImagePositionPatient", 3))[2]
        if abs(depth - z) > 0.25:
            raise SourceMismatch("A stored slice does not lie where the volume has it.", slice=z)
    only = headers[slices[0][0]]
    if len(headers) == 1 and str(only.SOPClassUID) in sop_classes.ENHANCED:
        return SourceSeries(grid, ordered, tuple(frame + 1 for _, frame in slices), only)
    return SourceSeries(grid, ordered)


def _frames(header: Dataset) -> list[Dataset]:
    if str(header.SOPClassUID) not in sop_classes.ENHANCED:
        return [header]
    return [enhanced_pet.as_single_frame(flat) for flat in enhanced.flatten_frames(header)]
