"""DICOM SEG of any maker to masks on a PET grid.

Frames are placed by the source instance they name, so a series with uneven gaps is no obstacle; else by
their position. BINARY and LABELMAP are read; FRACTIONAL only with a threshold that the caller states.
"""

from dataclasses import dataclass

import highdicom as hd
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from annotations.dicom import enhanced, sop_classes, values
from annotations.dicom.part10 import Part10, pixel_bytes
from annotations.dicom.pixels import read_planes
from annotations.dicom.refusals import (
    BadTag,
    DicomRefused,
    FractionalSegmentation,
    FrameOfReferenceMismatch,
    OutsideVolume,
    Refusal,
    Truncated,
    UnsupportedPixels,
)
from annotations.dicom.regions import ReadRegions, Region, TargetVolume, from_planes, label_of
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray

_Planes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
PLANE_TOLERANCE = 0.25  # of the slice spacing
IN_PLANE_TOLERANCE = 0.05  # of the pixel spacing


@dataclass(frozen=True)
class _Frame:
    """One plane of a SEG. segment: None in a label map, whose pixels are segment numbers."""

    segment: int | None
    source: str
    position_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_xy_mm: tuple[float, float]


def referenced_series(header: Dataset) -> tuple[str, ...]:
    """Series UIDs the SEG says it was made from."""
    items = values.items(header, "ReferencedSeriesSequence")
    return tuple(uid for item in items if (uid := values.text(item, "SeriesInstanceUID")))


def read_seg(part: Part10, target: TargetVolume, *, fraction: float | None = None) -> ReadRegions:
    """Every segment with voxels. fraction: a FRACTIONAL segmentation counts where its value divided by
    MaximumFractionalValue is at least this; None refuses it. Raises FractionalSegmentation,
    FrameOfReferenceMismatch, MissingTag, Truncated or UnsupportedPixels.
    """
    header = part.header
    _check_frame_of_reference(header, target)
    planes = _planes(part, fraction)
    frames = [_frame(flat, header) for flat in enhanced.flatten_frames(header)]
    regions: list[Region] = []
    refusals: list[Refusal] = []
    for item in values.items(header, "SegmentSequence"):
        number = values.required_integer(item, "SegmentNumber")
        if number == 0:
            continue  # the background of a label map
        name = values.text(item, "SegmentLabel") or f"Segment {number}"
        try:
            regions.append(_segment(number, name, item, frames, planes, target))
        except DicomRefused as error:
            refusals.append(Refusal.of(name, error))
    label, description = (values.text(header, name) for name in ("ContentLabel", "SeriesDescription"))
    return ReadRegions(tuple(regions), tuple(refusals), label, description)


def _check_frame_of_reference(header: Dataset, target: TargetVolume) -> None:
    frame = values.text(header, "FrameOfReferenceUID")
    if not frame or frame != target.frame_of_reference_uid:
        raise FrameOfReferenceMismatch(
            "The segmentation lies in another frame of reference than that of the PET.",
            wanted=target.frame_of_reference_uid,
            got=frame or "(missing)",
        )


def _planes(part: Part10, fraction: float | None) -> _Planes:
    """[frames, rows, columns]: 0 and 1, or segment numbers for a label map."""
    header = part.header
    kind = values.text(header, "SegmentationType")
    if kind == "BINARY" and values.integer(header, "BitsAllocated") == 1:
        return _unpack_bits(part)
    if kind == "BINARY":
        return np.not_equal(read_planes(part), 0).astype(np.uint8)
    if kind == "LABELMAP":
        return read_planes(part).astype(np.uint16)
    if kind != "FRACTIONAL":
        raise UnsupportedPixels(f"A segmentation of type {kind or '(missing)'} is not understood.")
    if fraction is None:
        raise FractionalSegmentation("The segmentation has fractions; say above which a voxel counts.")
    highest = values.required_integer(header, "MaximumFractionalValue")
    return np.greater_equal(read_planes(part), fraction * highest).astype(np.uint8)


def _unpack_bits(part: Part10) -> npt.NDArray[np.uint8]:
    """One bit a pixel, frames packed without padding between them."""
    header = part.header
    rows, columns = values.required_integer(header, "Rows"), values.required_integer(header, "Columns")
    frames = values.required_integer(header, "NumberOfFrames")
    if part.transfer_syntax not in sop_classes.NATIVE:
        raise UnsupportedPixels("A compressed binary segmentation is not read.")
    data = np.frombuffer(pixel_bytes(part), np.uint8)
    count = frames * rows * columns
    if data.size * 8 < count:
        raise Truncated(f"The segmentation needs {count} bits; it has {data.size * 8}.")
    return np.unpackbits(data, count=count, bitorder="little").reshape(frames, rows, columns)


def _frame(flat: Dataset, header: Dataset) -> _Frame:
    row_step, column_step = values.numbers(flat, "PixelSpacing", 2)
    is_map = values.text(header, "SegmentationType") == "LABELMAP"
    return _Frame(
        segment=None if is_map else values.required_integer(flat, "ReferencedSegmentNumber"),
        source=_source_instance(flat),
        position_mm=values.numbers(flat, "ImagePositionPatient", 3),
        orientation=values.numbers(flat, "ImageOrientationPatient", 6),
        spacing_xy_mm=(column_step, row_step),
    )


def _source_instance(flat: Dataset) -> str:
    """The one image a frame was derived from; "" when none or several are named."""
    images = values.items(flat, "SourceImageSequence")
    return values.text(images[0], "ReferencedSOPInstanceUID") if len(images) == 1 else ""


def _segment(
    number: int, name: str, item: Dataset, frames: list[_Frame], planes: _Planes, target: TargetVolume
) -> Region:
    placed: dict[int, BoolArray] = {}
    foreign: list[tuple[_Frame, BoolArray]] = []
    for frame, plane in zip(frames, planes, strict=True):
        if frame.segment not in (None, number):
            continue
        inside = plane == number if frame.segment is None else plane != 0
        if not inside.any():
            continue
        z = _slice_of(frame, inside.shape, target)
        if z is None:
            foreign.append((frame, inside))
        else:
            placed[z] = placed[z] | inside if z in placed else inside
    if foreign:
        _resample(foreign, target.grid, placed)
    start, mask = from_planes(placed)
    if mask.size == 0:
        raise OutsideVolume("The segment has no voxel on the PET.")
    return Region(
        number=number,
        name=name,
        start_zyx=start,
        mask=mask,
        colour=_colour(item),
        code=values.coded(item, "AnatomicRegionSequence"),
        resampled=bool(foreign),
        label_hint=label_of(values.text(item, "TrackingID")),
    )


def _slice_of(frame: _Frame, shape: tuple[int, ...], target: TargetVolume) -> int | None:
    """Slice of the PET that this frame lies on pixel for pixel; None when it is another grid's."""
    grid = target.grid
    if shape != grid.shape_zyx[1:] or not _same_plane_grid(frame, grid):
        return None
    if frame.source in target.sop_instance_uids and len(set(target.sop_instance_uids)) > 1:
        return target.sop_instance_uids.index(frame.source)
    depth = float(grid.world_to_index(frame.position_mm)[2])
    z = round(depth)
    return z if 0 <= z < grid.shape_zyx[0] and abs(depth - z) <= PLANE_TOLERANCE else None


def _same_plane_grid(frame: _Frame, grid: Grid) -> bool:
    spacing = np.array(grid.spacing_xyz_mm[:2])
    directions = np.concatenate([grid.axes[:, 0], grid.axes[:, 1]])
    shift = np.abs(grid.world_to_index(frame.position_mm)[:2])
    size = max(grid.shape_zyx[1:])
    return bool(
        np.abs(np.array(frame.orientation) - directions).max() < 1e-3
        and (np.abs(np.array(frame.spacing_xy_mm) / spacing - 1.0) * size).max() < IN_PLANE_TOLERANCE
        and shift.max() < IN_PLANE_TOLERANCE
    )


def _resample(foreign: list[tuple[_Frame, BoolArray]], grid: Grid, placed: dict[int, BoolArray]) -> None:
    """Nearest neighbour from the SEG's own planes: a PET voxel is in when the SEG voxel around its centre
    is. Planes must be parallel to each other.
    """
    first = foreign[0][0]
    if any(np.abs(np.subtract(frame.orientation, first.orientation)).max() > 1e-3 for frame, _ in foreign):
        raise BadTag("Frames of one segment have different orientations.")
    normal = np.cross(first.orientation[:3], first.orientation[3:])
    depths = np.array([float(normal @ np.array(frame.position_mm)) for frame, _ in foreign])
    half = _thickness(depths, grid) / 2
    depth, rows, columns = grid.shape_zyx
    y, x = np.indices((rows, columns))
    for z in range(depth):
        centres = grid.index_to_world(np.stack([x, y, np.full_like(x, z)], axis=-1))
        away = np.abs((centres @ normal)[..., None] - depths)
        nearest = away.argmin(axis=-1)
        close = np.take_along_axis(away, nearest[..., None], -1)[..., 0] <= half
        plane = placed.get(z, np.zeros((rows, columns), np.bool_))
        for index in np.unique(nearest[close]).tolist():
            pick = close & (nearest == index)
            plane[pick] |= _look_up(centres[pick], *foreign[index])
        placed[z] = plane


def _thickness(depths: npt.NDArray[np.float64], grid: Grid) -> float:
    gaps = np.diff(np.unique(np.round(depths, 3)))
    return float(np.median(gaps)) if gaps.size else grid.spacing_xyz_mm[2]


def _look_up(points: npt.NDArray[np.float64], frame: _Frame, inside: BoolArray) -> BoolArray:
    """points: (n, 3) LPS mm near the frame's plane. bool (n,): is the frame's pixel around each set?"""
    row, column = np.array(frame.orientation[:3]), np.array(frame.orientation[3:])
    offset = points - np.array(frame.position_mm)
    x = np.rint(offset @ row / frame.spacing_xy_mm[0]).astype(np.int64)
    y = np.rint(offset @ column / frame.spacing_xy_mm[1]).astype(np.int64)
    valid = (x >= 0) & (y >= 0) & (x < inside.shape[1]) & (y < inside.shape[0])
    result = np.zeros(len(points), np.bool_)
    result[valid] = inside[y[valid], x[valid]]
    return result


def _colour(item: Dataset) -> tuple[int, int, int] | None:
    """RecommendedDisplayCIELabValue as sRGB, the nearest where it lies outside."""
    parts = values.texts(item, "RecommendedDisplayCIELabValue")
    if len(parts) != 3 or not all(part.isdigit() and int(part) <= 0xFFFF for part in parts):
        return None
    lab = hd.color.CIELabColor.from_dicom_value([int(part) for part in parts])
    red, green, blue = lab.to_rgb(clip=True)
    return int(red), int(green), int(blue)
