"""One volume group to one checked series: geometry, voxels, attributes, SUV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from annotations.dicom import attributes, sop_classes, suv_time, values
from annotations.dicom.attributes import SeriesInfo, StudyInfo, TracerInfo
from annotations.dicom.fit_grid import FittedGrid, fit_grid
from annotations.dicom.group import VolumeGroup, group_files
from annotations.dicom.pixels import IntArray, join_planes, read_planes
from annotations.dicom.read_files import HeaderFile, read_heap
from annotations.dicom.refusals import (
    BadTag,
    DicomRefused,
    LossyCompression,
    MissingTag,
    Refusal,
)
from annotations.dicom.regions import TargetVolume
from annotations.dicom.slices import Slice
from annotations.dicom.sources import Limits
from annotations.dicom.suv import SuvRecord, compute_suv, refused_record
from annotations.dicom.suv_inputs import collect_suv_inputs, frame_timing
from annotations.dicom.transform import IDENTITY, Transform
from annotations.imaging.volume import StoredVolume

PET_UNITS = {"BQML": "Bq/mL", "GML": "g/mL", "CM2ML": "cm2/mL", "CNTS": "counts"}


@dataclass(frozen=True)
class InstanceRef:
    """One slice of the volume, in slice order. digest: sha256 of the file's bytes. frame: 0-based frame
    of a multi-frame object, 0 otherwise.
    """

    sop_instance_uid: str
    sop_class_uid: str
    digest: str
    file: str
    instance_number: int | None
    frame: int
    transfer_syntax: str
    size_bytes: int


@dataclass(frozen=True)
class ImageSeries:
    """One volume of one series. headers: a data set without pixels for each slice, in slice order.

    max_deviation_mm: how far a slice lies off the fitted grid. suv: None unless modality is PT.
    decay_corrected: True when voxels without decay correction were corrected here to suv's
    reference_datetime (the slopes carry the correction).
    """

    study: StudyInfo
    series: SeriesInfo
    tracer: TracerInfo | None
    volume: StoredVolume
    max_deviation_mm: float
    instances: tuple[InstanceRef, ...]
    headers: tuple[Dataset, ...]
    suv: SuvRecord | None
    decay_corrected: bool
    warnings: tuple[str, ...]

    @property
    def unit(self) -> str:
        return self.volume.unit

    def target(self) -> TargetVolume:
        """What RTSTRUCT and SEG are read onto."""
        return TargetVolume(
            grid=self.volume.grid,
            frame_of_reference_uid=self.series.frame_of_reference_uid,
            series_instance_uid=self.series.series_instance_uid,
            sop_instance_uids=tuple(instance.sop_instance_uid for instance in self.instances),
        )

    def suv_max(self) -> float | None:
        """Largest SUVbw of the volume; None without a valid SUV."""
        if self.suv is None or self.suv.factor is None:
            return None
        return float(self.volume.values(self.suv.factor).max())


@dataclass(frozen=True)
class ReadResult:
    """Everything usable of a heap, and what was refused."""

    series: tuple[ImageSeries, ...]
    objects: tuple[HeaderFile, ...]
    refusals: tuple[Refusal, ...]
    duplicates: int


def read_series(
    paths: Iterable[Path | str], *, transform: Transform = IDENTITY, limits: Limits | None = None
) -> ReadResult:
    """All volumes of a heap at once. For large heaps use read_heap, group_files and iter_series."""
    heap = read_heap(paths, transform=transform, limits=limits)
    grouped = group_files(heap.files)
    built = list(iter_series(grouped.volumes))
    refused = tuple(item for item in built if isinstance(item, Refusal))
    return ReadResult(
        tuple(item for item in built if isinstance(item, ImageSeries)),
        grouped.objects,
        heap.refusals + grouped.refusals + refused,
        heap.duplicates,
    )


def iter_series(groups: Iterable[VolumeGroup]) -> Iterator[ImageSeries | Refusal]:
    """One volume in memory at a time."""
    for group in groups:
        try:
            yield build_series(group)
        except DicomRefused as error:
            message = f"{error.message} ({len(group.slices)} slices of series {_label(group)})"
            yield Refusal(group.name, error.code, message)


def _label(group: VolumeGroup) -> str:
    try:
        described = values.text(group.slices[0].file.header, "SeriesDescription")
    except BadTag:
        described = ""
    return f"{(described or group.series_instance_uid)!r}" + (f", {group.part}" if group.part else "")


def build_series(group: VolumeGroup) -> ImageSeries:
    """Raises a DicomRefused naming what is wrong."""
    fitted = fit_grid(group.slices)
    ordered = [group.slices[index] for index in fitted.order]
    first = ordered[0].attributes
    modality = values.text(first, "Modality")
    _check_lossless(ordered, modality)
    slopes, intercepts = _rescale(ordered, modality)
    suv = _suv(ordered) if modality == "PT" else None
    decay = _decay(ordered, suv)
    if decay is not None:
        slopes, intercepts = slopes * decay, intercepts * decay
    volume = StoredVolume(fitted.grid, read_stored(ordered), slopes, intercepts, unit_of(first, modality))
    return ImageSeries(
        study=attributes.study_info(first),
        series=attributes.series_info(first, group.part),
        tracer=attributes.tracer_info(first) if modality == "PT" else None,
        volume=volume,
        max_deviation_mm=fitted.max_deviation_mm,
        instances=tuple(_reference(piece) for piece in ordered),
        headers=tuple(piece.attributes for piece in ordered),
        suv=suv,
        decay_corrected=decay is not None,
        warnings=tuple(_warnings(ordered, fitted)),
    )


def _suv(ordered: Sequence[Slice]) -> SuvRecord:
    """A tag that cannot be understood costs the SUV, not the series."""
    try:
        return compute_suv(collect_suv_inputs([piece.attributes for piece in ordered]))
    except BadTag as error:
        return refused_record("suv_bad_tag", error.message)


def read_stored(ordered: Sequence[Slice]) -> IntArray:
    """Stored integers [z, y, x] in slice order; each file is read once."""
    wanted: dict[int, tuple[HeaderFile, list[tuple[int, int]]]] = {}
    for z, piece in enumerate(ordered):
        wanted.setdefault(id(piece.file), (piece.file, []))[1].append((z, piece.frame))
    planes: list[IntArray | None] = [None] * len(ordered)
    for file, places in wanted.values():
        decoded = read_planes(file.load())
        for z, frame in places:
            planes[z] = decoded[frame]
    return join_planes([plane for plane in planes if plane is not None])


def _check_lossless(ordered: Sequence[Slice], modality: str) -> None:
    """A PET whose voxels were altered by lossy compression has no reliable SUV."""
    for piece in ordered:
        lossy = values.text(piece.attributes, "LossyImageCompression") == "01"
        if modality == "PT" and (lossy or piece.file.transfer_syntax in sop_classes.LOSSY):
            raise LossyCompression("The PET was compressed with loss; its values cannot be trusted.")


def _rescale(
    ordered: Sequence[Slice], modality: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    slopes, intercepts = [], []
    for piece in ordered:
        slope = values.number(piece.attributes, "RescaleSlope")
        intercept = values.number(piece.attributes, "RescaleIntercept")
        if slope is None or intercept is None:
            raise MissingTag("RescaleSlope or RescaleIntercept is missing.", tag="RescaleSlope")
        if slope <= 0:
            raise BadTag(f"RescaleSlope must be positive; it is {slope:g}.", tag="RescaleSlope")
        slopes.append(slope)
        intercepts.append(intercept)
    return np.array(slopes), np.array(intercepts)


def unit_of(header: Dataset, modality: str) -> str:
    """The series' own unit: "HU" for CT, the PET unit otherwise, or what the header says."""
    if modality == "CT":
        kind = values.text(header, "RescaleType").upper()
        return "HU" if kind in ("", "HU", "US") else kind
    units = values.text(header, "Units").upper()
    return PET_UNITS.get(units, units)


def _decay(ordered: Sequence[Slice], suv: SuvRecord | None) -> npt.NDArray[np.float64] | None:
    """Factor for each slice that corrects uncorrected voxels to the SUV reference time; None otherwise."""
    if (
        suv is None
        or not suv.valid
        or suv.inputs.decay_correction != "NONE"
        or suv.reference_datetime is None
    ):
        return None
    reference = datetime.fromisoformat(suv.reference_datetime)
    half_life = suv.inputs.half_life_s
    assert half_life is not None
    frames = (frame_timing(piece.attributes) for piece in ordered)
    return np.array([suv_time.decay_to_reference(frame, reference, half_life) for frame in frames])


def _reference(piece: Slice) -> InstanceRef:
    return InstanceRef(
        sop_instance_uid=piece.sop_instance_uid,
        sop_class_uid=values.text(piece.file.header, "SOPClassUID"),
        digest=piece.file.digest,
        file=piece.file.source.name,
        instance_number=attributes.whole_number(piece.attributes, "InstanceNumber"),
        frame=piece.frame,
        transfer_syntax=piece.file.transfer_syntax,
        size_bytes=piece.file.size_bytes,
    )


def _warnings(ordered: Sequence[Slice], fitted: FittedGrid) -> Iterator[str]:
    first = ordered[0].attributes
    announced = attributes.whole_number(first, "NumberOfSlices")
    if announced and len(ordered) < announced:
        yield f"The scanner announced {announced} slices; {len(ordered)} are here."
    if len({values.text(piece.attributes, "FrameOfReferenceUID") for piece in ordered}) > 1:
        raise BadTag("Slices of one series have different frames of reference.", tag="FrameOfReferenceUID")
    if fitted.max_deviation_mm > 0.01:
        yield f"Slices lie up to {fitted.max_deviation_mm:.3f} mm off an even grid."
    if any(intercept != 0 for intercept in _pet_intercepts(ordered)):
        yield "RescaleIntercept is not 0, which a PET should not have."


def _pet_intercepts(ordered: Sequence[Slice]) -> Iterator[float]:
    for piece in ordered:
        if values.text(piece.attributes, "Modality") == "PT":
            yield values.number(piece.attributes, "RescaleIntercept") or 0.0
