"""Read a mask from NIfTI or DICOM SEG, and bring two masks onto one grid.

A NIfTI mask has its grid. A SEG may leave out empty planes, so its planes are placed on a grid that
holds those of both masks; nothing is ever resampled.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from pydicom.dataset import Dataset

from annotations.dicom import enhanced, sop_classes, values
from annotations.dicom.part10 import Part10, parse_part10
from annotations.dicom.refusals import UnsupportedSopClass
from annotations.dicom.regions import TargetVolume
from annotations.dicom.seg_read import read_seg
from annotations.errors import InvalidInput
from annotations.imaging.checks import AnyArray
from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.volume import BoolArray, FloatArray

NIFTI = (".nii", ".nii.gz")
PLANE_TOLERANCE = 0.25  # of the slice spacing
SAME_PLACE_MM = 0.05  # headers are written in single precision


class UnreadableMask(InvalidInput):
    code = "unreadable_mask"


class NotAMask(InvalidInput):
    code = "not_a_mask"


@dataclass(frozen=True)
class Mask:
    """voxels: [z, y, x]. may_grow: planes around it are known to be empty (SEG)."""

    grid: Grid
    voxels: BoolArray
    may_grow: bool = False


def read_mask(path: Path) -> Mask:
    """Every label counts as tumour. Raises UnreadableMask, NotAMask, DicomRefused or GridMismatch."""
    if path.name.lower().endswith(NIFTI):
        grid, array = read_nifti(path)
        if not np.isfinite(array).all() or (array != np.rint(array)).any() or array.min() < 0:
            raise NotAMask("The image is no mask or label map: it has fractions or values below 0.")
        return Mask(grid, array != 0)
    try:
        part = parse_part10(path.read_bytes())
    except OSError as error:
        raise UnreadableMask(f"The file cannot be read: {error.strerror}.") from error
    return _from_seg(part)


def read_nifti(path: Path) -> tuple[Grid, AnyArray]:
    """Grid (LPS) and array [z, y, x]. Raises UnreadableMask or NotAMask (not three axes)."""
    try:
        image: Any = sitk.ReadImage(str(path), imageIO="NiftiImageIO")
    except RuntimeError as error:
        raise UnreadableMask("The file cannot be read as NIfTI.") from error
    array: AnyArray = sitk.GetArrayFromImage(image)
    if array.ndim != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise NotAMask("The image does not have three axes and one value for each voxel.")
    depth, height, width = array.shape
    grid = Grid((depth, height, width), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
    return grid, array


def read_suv(path: Path) -> tuple[Grid, FloatArray]:
    """A PET in SUVbw as NIfTI: grid and float32 [z, y, x]. Raises as read_nifti."""
    grid, array = read_nifti(path)
    return grid, np.asarray(array, dtype=np.float32)


def _from_seg(part: Part10) -> Mask:
    header = part.header
    if sop_classes.KINDS.get(values.text(header, "SOPClassUID")) != "seg":
        raise UnsupportedSopClass("A DICOM file that is no segmentation (SEG) cannot be evaluated.")
    grid = _seg_grid(header)
    target = TargetVolume(grid, values.text(header, "FrameOfReferenceUID"), "", ())
    read = read_seg(part, target)
    if any(region.resampled for region in read.regions):
        raise GridMismatch("The planes of the segmentation do not form one regular grid.")
    others = [refusal for refusal in read.refusals if refusal.code != "outside_volume"]
    if others:
        raise UnreadableMask(f"Segment {others[0].file!r}: {others[0].message}", code=others[0].code)
    voxels = np.zeros(grid.shape_zyx, np.bool_)
    for region in read.regions:
        voxels[region.box] |= region.mask
    return Mask(grid, voxels, may_grow=True)


def _seg_grid(header: Dataset) -> Grid:
    """The smallest regular grid with every plane of the SEG."""
    flat = enhanced.flatten_frames(header)
    first = flat[0]
    rows, columns = values.required_integer(header, "Rows"), values.required_integer(header, "Columns")
    row_step, column_step = values.numbers(first, "PixelSpacing", 2)
    direction = values.numbers(first, "ImageOrientationPatient", 6)
    row, column = np.array(direction[:3]), np.array(direction[3:])
    axes = np.stack([row, column, np.cross(row, column)], axis=1)
    positions = np.array([values.numbers(one, "ImagePositionPatient", 3) for one in flat])
    depths = positions @ axes[:, 2]
    step = _plane_step(first, depths)
    count = round(float(depths.max() - depths.min()) / step) + 1
    start = positions[int(depths.argmin())]
    return Grid(
        (count, rows, columns),
        (column_step, row_step, step),
        tuple(float(v) for v in start),  # type: ignore[arg-type]
        tuple(float(v) for v in axes.ravel()),  # type: ignore[arg-type]
    )


def _plane_step(first: Dataset, depths: AnyArray) -> float:
    """Distance of neighbouring planes, mm: SpacingBetweenSlices, else the thickness, else the smallest
    gap; then made exact over the whole extent, so that rounding does not add up.
    """
    gaps = np.diff(np.unique(np.round(depths, 3)))
    stated = values.number(first, "SpacingBetweenSlices") or values.number(first, "SliceThickness")
    step = stated or (float(gaps.min()) if gaps.size else None)
    if not step or step <= 0:
        raise GridMismatch("The segmentation does not say how far its planes lie apart.")
    if gaps.size and float(gaps.min()) < step * (1 - PLANE_TOLERANCE):
        step = float(gaps.min())
    steps = round(float(depths.max() - depths.min()) / step)
    return float(depths.max() - depths.min()) / steps if steps else step


def on_one_grid(first: Mask, second: Mask) -> tuple[Grid, BoolArray, BoolArray]:
    """Both masks on one grid. Two NIfTI masks must have the same grid; a SEG must lie within the other's,
    and two SEGs give the smallest grid that holds both. Raises GridMismatch.
    """
    if first.may_grow == second.may_grow and first.grid.matches(second.grid, SAME_PLACE_MM):
        return first.grid, first.voxels, second.voxels
    if not (first.may_grow or second.may_grow):
        _refuse(first.grid, second.grid)
    # The grid with more planes leads: its step is the better known one.
    by_length = first.grid.shape_zyx[0] >= second.grid.shape_zyx[0]
    lead = first if not first.may_grow or (second.may_grow and by_length) else second
    other = second if lead is first else first
    offset = _slice_offset(lead.grid, other.grid)
    before = max(0, -offset) if lead.may_grow else 0
    after = max(0, offset + other.grid.shape_zyx[0] - lead.grid.shape_zyx[0]) if lead.may_grow else 0
    if not lead.may_grow and not 0 <= offset <= lead.grid.shape_zyx[0] - other.grid.shape_zyx[0]:
        _refuse(lead.grid, other.grid)
    grid = _grown(lead.grid, before, after)
    placed = {
        id(lead): _place(lead.voxels, before, grid),
        id(other): _place(other.voxels, before + offset, grid),
    }
    return grid, placed[id(first)], placed[id(second)]


def _slice_offset(lead: Grid, other: Grid) -> int:
    """Slice of `lead` on which the first slice of `other` lies. Raises GridMismatch."""
    corners = other.shape_zyx[0] - 1
    ends = lead.world_to_index(other.index_to_world([(0, 0, 0), (0, 0, corners)]))
    offset = round(float(ends[0, 2]))
    off_plane = np.abs(ends[:, 2] - [offset, offset + corners]).max()
    off_pixel = np.abs(ends[:, :2] * lead.spacing_xyz_mm[:2]).max()
    alike = (
        lead.shape_zyx[1:] == other.shape_zyx[1:]
        and np.allclose(lead.spacing_xyz_mm[:2], other.spacing_xyz_mm[:2], rtol=1e-4)
        and np.allclose(lead.direction, other.direction, atol=1e-4)
    )
    if not alike or off_plane > PLANE_TOLERANCE or off_pixel > 0.05 * min(lead.spacing_xyz_mm[:2]):
        _refuse(lead, other)
    return offset


def _grown(grid: Grid, before: int, after: int) -> Grid:
    depth, rows, columns = grid.shape_zyx
    x, y, z = (float(v) for v in grid.index_to_world((0, 0, -before)))
    return Grid((depth + before + after, rows, columns), grid.spacing_xyz_mm, (x, y, z), grid.direction)


def _place(voxels: BoolArray, start: int, grid: Grid) -> BoolArray:
    whole = np.zeros(grid.shape_zyx, np.bool_)
    whole[start : start + voxels.shape[0]] = voxels
    return whole


def _refuse(wanted: Grid, got: Grid) -> None:
    raise GridMismatch("The masks do not lie on the same grid.", wanted=wanted.to_json(), got=got.to_json())
