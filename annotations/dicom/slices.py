"""One image plane, whether it is a file of its own or a frame of a multi-frame object."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from annotations.dicom import enhanced, enhanced_pet, sop_classes, values
from annotations.dicom.read_files import HeaderFile
from annotations.dicom.refusals import BadOrientation, BadTag, UnsupportedPixels

SQUARENESS = 1e-3


@dataclass(frozen=True, slots=True)
class Slice:
    """position_mm: centre of the first pixel, LPS. row, column: unit vectors along increasing column
    and row index. spacing_mm: between columns (x), between rows (y).
    """

    file: HeaderFile
    frame: int
    attributes: Dataset
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_xy_mm: tuple[float, float]
    rows: int
    columns: int

    @property
    def sop_instance_uid(self) -> str:
        return str(self.file.header.SOPInstanceUID)

    def axes(self) -> npt.NDArray[np.float64]:
        """3x3, columns x, y, normal; orthonormal, right-handed. Raises BadOrientation."""
        row = np.array(self.orientation[:3])
        column = np.array(self.orientation[3:])
        lengths = np.linalg.norm(row), np.linalg.norm(column)
        if min(lengths) < 1 - SQUARENESS or max(lengths) > 1 + SQUARENESS or abs(row @ column) > SQUARENESS:
            raise BadOrientation("The row and column directions are not two perpendicular unit vectors.")
        row = row / lengths[0]
        column = column - (row @ column) * row
        column = column / np.linalg.norm(column)
        return np.stack([row, column, np.cross(row, column)], axis=1)


def slices_of(file: HeaderFile) -> list[Slice]:
    """Every plane of one image object. Raises MissingTag, BadTag, BadOrientation or UnsupportedPixels."""
    if str(file.header.SOPClassUID) in sop_classes.ENHANCED:
        flat = [enhanced_pet.as_single_frame(frame) for frame in enhanced.flatten_frames(file.header)]
        return [_slice(file, index, frame) for index, frame in enumerate(flat)]
    frames = values.integer(file.header, "NumberOfFrames")
    if frames not in (None, 1):
        raise UnsupportedPixels(f"A single-frame object says it has {frames} frames.")
    return [_slice(file, 0, file.header)]


def _slice(file: HeaderFile, frame: int, flat: Dataset) -> Slice:
    rows, columns = values.required_integer(flat, "Rows"), values.required_integer(flat, "Columns")
    row_step, column_step = values.numbers(flat, "PixelSpacing", 2)
    if rows < 1 or columns < 1 or min(row_step, column_step) <= 0:
        raise BadTag("Rows, Columns and PixelSpacing must be positive.")
    result = Slice(
        file=file,
        frame=frame,
        attributes=flat,
        position_mm=values.numbers(flat, "ImagePositionPatient", 3),
        orientation=values.numbers(flat, "ImageOrientationPatient", 6),
        spacing_xy_mm=(column_step, row_step),
        rows=rows,
        columns=columns,
    )
    result.axes()
    return result
