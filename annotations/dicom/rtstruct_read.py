"""RTSTRUCT of any maker to masks on a PET grid.

A voxel belongs to an ROI when its centre lies inside an odd number of the ROI's contours on its plane
(PS3.3 C.8.8.6.3: inner contours are holes, by XOR or by keyhole).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.polygons import Points, fill_even_odd
from annotations.dicom.refusals import (
    BadTag,
    ContourNotInPlane,
    DicomRefused,
    FrameOfReferenceMismatch,
    MissingTag,
    NoContours,
    OutsideVolume,
    Refusal,
)
from annotations.dicom.regions import ReadRegions, Region, TargetVolume, from_planes, label_of
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
PLANE_TOLERANCE = 0.25  # of the slice spacing: rounding, or slices off the fitted grid
FLATNESS_MM = 0.1
MAX_POINTS = 20_000_000


@dataclass(frozen=True)
class _Contour:
    points_mm: Points
    plane: float  # fractional slice index on the target grid
    pixels: Points  # x, y on the target grid
    referenced: str


def referenced_series(dataset: Dataset) -> tuple[str, ...]:
    """Series UIDs that an RTSTRUCT says it was drawn on."""
    found = [
        values.text(series, "SeriesInstanceUID")
        for frame in values.items(dataset, "ReferencedFrameOfReferenceSequence")
        for study in values.items(frame, "RTReferencedStudySequence")
        for series in values.items(study, "RTReferencedSeriesSequence")
    ]
    return tuple(dict.fromkeys(uid for uid in found if uid))


def read_rtstruct(dataset: Dataset, target: TargetVolume) -> ReadRegions:
    """Every ROI with closed contours. An ROI that cannot be used is refused by name, the rest goes on.
    Raises FrameOfReferenceMismatch when no ROI belongs to the target's frame of reference.
    """
    described = _by_number(dataset, "StructureSetROISequence", "ROINumber")
    drawn = _by_number(dataset, "ROIContourSequence", "ReferencedROINumber")
    observed = _by_number(dataset, "RTROIObservationsSequence", "ReferencedROINumber")
    regions: list[Region] = []
    refusals: list[Refusal] = []
    errors: list[DicomRefused] = []
    for number, item in described.items():
        name = values.text(item, "ROIName") or f"ROI {number}"
        try:
            _check_frame(item, dataset, target)
            observation = observed.get(number, Dataset())
            regions.append(_read_roi(number or 0, name, drawn.get(number), target, observation))
        except DicomRefused as error:
            errors.append(error)
            refusals.append(Refusal.of(name, error))
    if errors and not regions and all(isinstance(e, FrameOfReferenceMismatch) for e in errors):
        raise errors[0]
    label, description = (values.text(dataset, name) for name in ("StructureSetLabel", "SeriesDescription"))
    return ReadRegions(tuple(regions), tuple(refusals), label, description)


def _check_frame(item: Dataset, dataset: Dataset, target: TargetVolume) -> None:
    frame = values.text(item, "ReferencedFrameOfReferenceUID")
    if not frame:
        frames = values.items(dataset, "ReferencedFrameOfReferenceSequence")
        frame = values.text(frames[0], "FrameOfReferenceUID") if len(frames) == 1 else ""
    if not frame or frame != target.frame_of_reference_uid:
        raise FrameOfReferenceMismatch(
            "The ROI was drawn in another frame of reference than that of the PET.",
            wanted=target.frame_of_reference_uid,
            got=frame or "(missing)",
        )


def _by_number(dataset: Dataset, sequence: str, keyword: str) -> dict[int | None, Dataset]:
    return {values.integer(item, keyword): item for item in values.items(dataset, sequence)}


def _read_roi(
    number: int, name: str, item: Dataset | None, target: TargetVolume, observation: Dataset
) -> Region:
    warnings: list[str] = []
    contours = list(_contours(item, target.grid, warnings)) if item is not None else []
    if not contours:
        raise NoContours("The ROI has no closed contours.")
    known = set(target.sop_instance_uids)
    foreign = any(contour.referenced and contour.referenced not in known for contour in contours)
    planes = np.array([contour.plane for contour in contours])
    off = float(np.abs(planes - np.round(planes)).max())
    resampled = foreign or off > PLANE_TOLERANCE
    start, mask = from_planes(_fill(contours, target.grid, resampled))
    if mask.size == 0:
        raise OutsideVolume("No voxel centre of the PET lies inside the ROI.")
    outside = _outside(contours, target.grid)
    if outside:
        warnings.append(f"{outside} of {len(contours)} contours lie wholly or partly outside the volume.")
    return Region(
        number=number,
        name=name,
        start_zyx=start,
        mask=mask,
        colour=_colour(item),
        code=values.coded(observation, "RTROIIdentificationCodeSequence"),
        resampled=resampled,
        label_hint=label_of(values.text(observation, "ROIObservationLabel")),
        warnings=tuple(warnings),
    )


def _contours(item: Dataset, grid: Grid, warnings: list[str]) -> Iterator[_Contour]:
    skipped: dict[str, int] = {}
    for contour in values.items(item, "ContourSequence"):
        kind = values.text(contour, "ContourGeometricType")
        points = _points(contour)
        if kind not in CLOSED or len(points) < 3:
            skipped[kind] = skipped.get(kind, 0) + 1
            continue
        index = grid.world_to_index(points)
        depth = index[:, 2]
        if float(np.ptp(depth)) * grid.spacing_xyz_mm[2] > FLATNESS_MM:
            raise ContourNotInPlane("A contour does not lie in a plane parallel to the PET slices.")
        images = values.items(contour, "ContourImageSequence")
        referenced = values.text(images[0], "ReferencedSOPInstanceUID") if len(images) == 1 else ""
        yield _Contour(points, float(depth.mean()), index[:, :2], referenced)
    warnings += [
        f"{count} contour(s) of type {kind or '(missing)'} skipped" for kind, count in skipped.items()
    ]


def _points(contour: Dataset) -> Points:
    """(n, 3) LPS mm. Raises MissingTag or BadTag."""
    numbers = _coordinates(contour)
    if numbers.size == 0:
        raise MissingTag("A contour has no points.", tag="ContourData")
    if numbers.size % 3 or numbers.size > MAX_POINTS:
        raise BadTag(f"A contour has {numbers.size} coordinates, which is not a list of points.")
    if not np.isfinite(numbers).all():
        raise BadTag("A contour has a coordinate that is not a number.", tag="ContourData")
    return numbers.reshape(-1, 3)


def _coordinates(contour: Dataset) -> Points:
    """Straight from the bytes of the file where they are still at hand: pydicom would make an object of
    every number.
    """
    raw = contour.get_item("ContourData") if "ContourData" in contour else None
    value = getattr(raw, "value", None)
    if not isinstance(value, bytes):
        parts = values.texts(contour, "ContourData")
        return np.array(values.numbers(contour, "ContourData", len(parts)) if parts else (), np.float64)
    if not value.strip(b" \0"):
        return np.empty(0)
    try:
        return np.array(value.strip(b" \0").split(b"\\")).astype(np.float64)
    except ValueError as error:
        raise BadTag("A contour has a coordinate that is not a number.", tag="ContourData") from error


def _fill(contours: Sequence[_Contour], grid: Grid, resampled: bool) -> dict[int, BoolArray]:
    """{z: bool [rows, columns]}. Contours of the grid's own planes fill their plane; contours of another
    grid fill every PET plane that lies nearest to theirs, within half of their own spacing.
    """
    depth, rows, columns = grid.shape_zyx
    if not resampled:
        own: dict[int, list[Points]] = {}
        for contour in contours:
            own.setdefault(round(contour.plane), []).append(contour.pixels)
        return {z: fill_even_odd(own[z], rows, columns) for z in own if 0 <= z < depth}
    groups = _group_planes(contours, FLATNESS_MM / grid.spacing_xyz_mm[2])
    planes = np.array([group[0].plane for group in groups])
    half = _half_spacing(planes)
    filled: dict[int, BoolArray] = {}
    for z in range(depth):
        nearest = int(np.argmin(np.abs(planes - z)))
        if -half <= planes[nearest] - z < half:
            filled[z] = fill_even_odd([c.pixels for c in groups[nearest]], rows, columns)
    return filled


def _group_planes(contours: Sequence[_Contour], tolerance: float) -> list[list[_Contour]]:
    """Contours on one plane together, planes in order; planes that differ by rounding only are one."""
    groups: list[list[_Contour]] = []
    for contour in sorted(contours, key=lambda contour: contour.plane):
        if groups and contour.plane - groups[-1][0].plane <= tolerance:
            groups[-1].append(contour)
        else:
            groups.append([contour])
    return groups


def _half_spacing(planes: npt.NDArray[np.float64]) -> float:
    """Half of the usual gap between the contours' own planes, in slices; half a slice for one plane."""
    return float(np.median(np.diff(planes))) / 2.0 if len(planes) > 1 else 0.5


def _outside(contours: Sequence[_Contour], grid: Grid) -> int:
    depth, rows, columns = grid.shape_zyx
    count = 0
    for contour in contours:
        low, high = contour.pixels.min(axis=0), contour.pixels.max(axis=0)
        inside = low.min() >= -1 and high[0] <= columns and high[1] <= rows
        count += not (inside and -0.5 - PLANE_TOLERANCE <= contour.plane <= depth - 0.5 + PLANE_TOLERANCE)
    return count


def _colour(item: Dataset | None) -> tuple[int, int, int] | None:
    parts = values.texts(item, "ROIDisplayColor") if item is not None else ()
    if len(parts) != 3 or not all(part.isdigit() and int(part) < 256 for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])
