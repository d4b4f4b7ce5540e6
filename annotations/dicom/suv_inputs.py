"""Collect what SUV needs from the headers of one PET series, as found, without judging it.

The result is JSON-serialisable and is stored with the volume, so that a corrected tag gives a new
record without reading the files again.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydicom.dataset import Dataset
from pydicom.tag import Tag

from annotations.dicom import sop_classes, values
from annotations.dicom.nuclides import nuclide_of
from annotations.dicom.refusals import BadTag

# field -> where it stands in a PET image; shown beside each value
TAGS: dict[str, str] = {
    "units": "(0054,1001)",
    "suv_type": "(0054,1006)",
    "decay_correction": "(0054,1102)",
    "corrected_image": "(0028,0051)",
    "manufacturer": "(0008,0070)",
    "weight_kg": "(0010,1030)",
    "height_m": "(0010,1020)",
    "sex": "(0010,0040)",
    "dose": "(0018,1074)",
    "half_life_s": "(0018,1075)",
    "injection_datetime": "(0018,1078)",
    "injection_time": "(0018,1072)",
    "series_datetime": "(0008,0021)+(0008,0031)",
    "decay_correction_datetime": "(0018,9701)",
    "vendor_scan_datetime": "(0009,xx0D) or (0071,xx22)",
    "philips_suv_factor": "(7053,xx00)",
    "philips_activity_factor": "(7053,xx09)",
    "nuclide": "(0054,0300)",
    "radiopharmaceutical": "(0018,0031)",
    "injections": "(0054,0016)",
}


@dataclass(frozen=True)
class FrameTiming:
    """Times of the slices of one bed position. acquired: ISO local time; the rest in seconds."""

    acquired: str | None
    reference_time_s: float | None
    duration_s: float | None
    decay_factor: float | None

    @property
    def acquired_at(self) -> datetime | None:
        return datetime.fromisoformat(self.acquired) if self.acquired else None


@dataclass(frozen=True)
class SuvInputs:
    """Times are ISO strings on the scanner's local clock. dose is the number as found (Bq or MBq)."""

    units: str = ""
    suv_type: str = ""
    decay_correction: str = ""
    corrected_image: tuple[str, ...] = ()
    manufacturer: str = ""
    weight_kg: float | None = None
    height_m: float | None = None
    sex: str = ""
    dose: float | None = None
    half_life_s: float | None = None
    injection_datetime: str | None = None
    injection_time: str | None = None
    series_datetime: str | None = None
    decay_correction_datetime: str | None = None
    vendor_scan_datetime: str | None = None
    philips_suv_factor: float | None = None
    philips_activity_factor: float | None = None
    nuclide: str = ""
    radiopharmaceutical: str = ""
    injections: int = 0
    frames: tuple[FrameTiming, ...] = ()
    inconsistent: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SuvInputs":
        frames = tuple(FrameTiming(**frame) for frame in data["frames"])
        lists = {name: tuple(data[name]) for name in ("corrected_image", "inconsistent", "notes")}
        return cls(**{**data, **lists, "frames": frames})


def collect_suv_inputs(headers: Sequence[Dataset]) -> SuvInputs:
    """headers: one for each slice. A tag that differs between slices though it must not is named in
    `inconsistent`. Raises BadTag for a tag that is there and cannot be understood.
    """
    first = headers[0]
    private = [_private_values(header) for header in (first, headers[-1])]
    injection = _injection(first)
    inconsistent = [name for name in CONSTANT if len({values.text(h, name) for h in headers}) > 1]
    if private[0] != private[1]:
        inconsistent.append("private SUV values")
    if any(_injection(header) != injection for header in headers[1:]):
        inconsistent.append("RadiopharmaceuticalInformationSequence")
    return SuvInputs(
        units=values.text(first, "Units").upper(),
        suv_type=values.text(first, "SUVType").upper(),
        decay_correction=values.text(first, "DecayCorrection").upper(),
        corrected_image=tuple(part.upper() for part in values.texts(first, "CorrectedImage")),
        manufacturer=values.text(first, "Manufacturer"),
        weight_kg=values.number(first, "PatientWeight"),
        height_m=values.number(first, "PatientSize"),
        sex=values.text(first, "PatientSex").upper(),
        series_datetime=_iso(values.moment(first, "SeriesDate", "SeriesTime")),
        decay_correction_datetime=_decay_correction_datetime(first),
        frames=tuple(sorted({frame_timing(header) for header in headers}, key=str)),
        inconsistent=tuple(inconsistent),
        **private[0],
        **injection,
    )


CONSTANT = (
    "Units",
    "SUVType",
    "DecayCorrection",
    "CorrectedImage",
    "PatientWeight",
    "PatientSize",
    "PatientSex",
    "SeriesDate",
    "SeriesTime",
)


def _decay_correction_datetime(header: Dataset) -> str | None:
    """Multi-frame objects say outright to which moment the voxels are corrected. In single-frame objects
    the tag has no defined meaning and is not used.
    """
    if values.text(header, "SOPClassUID") not in sop_classes.ENHANCED:
        return None
    return _iso(values.datetime_of(header, "DecayCorrectionDateTime"))


def frame_timing(header: Dataset) -> FrameTiming:
    """Acquisition start, frame reference time and duration of one slice (milliseconds in the file)."""
    acquired = values.moment(header, "AcquisitionDate", "AcquisitionTime")
    if acquired is None:
        acquired = values.datetime_of(header, "AcquisitionDateTime")
    return FrameTiming(
        _iso(acquired),
        _seconds(values.number(header, "FrameReferenceTime")),
        _seconds(values.number(header, "ActualFrameDuration")),
        values.number(header, "DecayFactor"),
    )


def _injection(header: Dataset) -> dict[str, Any]:
    items = values.items(header, "RadiopharmaceuticalInformationSequence")
    if not items:
        return {}
    item = items[0]
    when = values.datetime_of(item, "RadiopharmaceuticalStartDateTime")
    start = values.text(item, "RadiopharmaceuticalStartTime")
    return {
        "dose": values.number(item, "RadionuclideTotalDose"),
        "half_life_s": values.number(item, "RadionuclideHalfLife"),
        "injection_datetime": _iso(when),
        "injection_time": _clock(start) if start else None,
        "nuclide": nuclide_of(item),
        "radiopharmaceutical": values.text(item, "Radiopharmaceutical"),
        "injections": len(items),
    }


def _clock(value: str) -> str:
    try:
        return str((datetime.min + values.parse_time(value)).time())
    except ValueError as error:
        raise BadTag(
            "RadiopharmaceuticalStartTime is not a time.", tag="RadiopharmaceuticalStartTime"
        ) from error


def _private_values(header: Dataset) -> dict[str, Any]:
    maker = values.text(header, "Manufacturer").upper()
    notes: list[str] = []
    scan = _private(header, 0x0009, "GEMS_PETD_01", 0x0D, maker.startswith("GE "), notes)
    if not scan:
        scan = _private(header, 0x0071, "SIEMENS MED PT", 0x22, "SIEMENS" in maker or "CPS" in maker, notes)
    philips = "Philips PET Private Group"
    suv = _private(header, 0x7053, philips, 0x00, maker.startswith("PHILIPS"), notes)
    activity = _private(header, 0x7053, philips, 0x09, maker.startswith("PHILIPS"), notes)
    return {
        "vendor_scan_datetime": _iso(_vendor_moment(scan)) if scan else None,
        "philips_suv_factor": _vendor_number(suv),
        "philips_activity_factor": _vendor_number(activity),
        "notes": tuple(notes),
    }


def _private(
    header: Dataset, group: int, creator: str, offset: int, same_maker: bool, notes: list[str]
) -> str:
    """The value as text, "" when absent. The block is the one its creator reserved; block 0x10 without
    any creator is accepted only from the maker whose block it is (creators get lost on the way).
    """
    try:
        return _private_text(header, group, creator, offset, same_maker, notes)
    except values.READ_ERRORS as error:
        raise BadTag(f"Private values of group {group:04X} cannot be read.") from error


def _private_text(
    header: Dataset, group: int, creator: str, offset: int, same_maker: bool, notes: list[str]
) -> str:
    creators = {e: str(header[group, e].value).strip() for e in range(0x10, 0x100) if (group, e) in header}
    blocks = [element for element, name in creators.items() if name.upper() == creator.upper()]
    if not blocks and same_maker and 0x10 not in creators and (group, 0x1000 + offset) in header:
        blocks = [0x10]
        notes.append(f"({group:04X},10{offset:02X}) was read without its private creator")
    for block in blocks:
        tag = Tag(group, (block << 8) + offset)
        if tag in header:
            value = header[tag].value
            text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
            return text.strip().strip("\0").strip()
    return ""


def _vendor_moment(value: str) -> datetime:
    digits = re.sub(r"[^0-9.]", "", value)
    try:
        return values.parse_datetime(digits)
    except ValueError as error:
        raise BadTag("The vendor's private scan date and time cannot be read.") from error


def _vendor_number(value: str) -> float | None:
    """0 means "not known" (conformance statement), so it counts as absent."""
    try:
        result = float(value) if value else 0.0
    except ValueError as error:
        raise BadTag("The vendor's private scale factor is not a number.") from error
    return result if math.isfinite(result) and result > 0 else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else timedelta(milliseconds=milliseconds).total_seconds()
