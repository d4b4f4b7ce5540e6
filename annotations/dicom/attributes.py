"""What a study and a series say about themselves, typed. Absent is "" or None, never a guess."""

from dataclasses import asdict, dataclass
from typing import Any

from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.nuclides import nuclide_of
from annotations.dicom.refusals import BadTag


@dataclass(frozen=True)
class StudyInfo:
    """study_date "YYYYMMDD"; study_time "HHMMSS..."; birth_date "YYYYMMDD"; age_years from PatientAge."""

    study_instance_uid: str
    patient_id: str
    patient_name: str
    sex: str
    birth_date: str
    age_years: float | None
    weight_kg: float | None
    height_m: float | None
    study_date: str
    study_time: str
    description: str
    accession_number: str
    institution: str
    identity_removed: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class SeriesInfo:
    """series_date, series_time as in the file. part: "" or which of several volumes of the series."""

    series_instance_uid: str
    modality: str
    description: str
    number: int | None
    frame_of_reference_uid: str
    manufacturer: str
    model: str
    station_name: str
    body_part: str
    series_date: str
    series_time: str
    image_type: str
    sop_class_uid: str
    part: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TracerInfo:
    """nuclide such as "64Cu"; codes as (value, scheme, meaning), empty strings where absent."""

    radiopharmaceutical: str
    nuclide: str
    radiopharmaceutical_code: tuple[str, str, str]
    radionuclide_code: tuple[str, str, str]
    half_life_s: float | None
    units: str
    attenuation_corrected: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


NO_CODE = ("", "", "")
_AGE_UNITS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


def age_years(age: str) -> float | None:
    """ "059Y" -> 59.0; None when it is not a DICOM age."""
    if len(age) < 2 or not age[:-1].isdigit() or age[-1].upper() not in _AGE_UNITS:
        return None
    return int(age[:-1]) * _AGE_UNITS[age[-1].upper()]


def _number(dataset: Dataset, keyword: str) -> float | None:
    """For show only: what cannot be read is as good as absent (the SUV record names it)."""
    try:
        return values.number(dataset, keyword)
    except BadTag:
        return None


def whole_number(dataset: Dataset, keyword: str) -> int | None:
    value = _number(dataset, keyword)
    return int(value) if value is not None and value == int(value) else None


def study_info(header: Dataset) -> StudyInfo:
    return StudyInfo(
        study_instance_uid=values.text(header, "StudyInstanceUID"),
        patient_id=values.text(header, "PatientID"),
        patient_name=values.text(header, "PatientName"),
        sex=values.text(header, "PatientSex"),
        birth_date=values.text(header, "PatientBirthDate"),
        age_years=age_years(values.text(header, "PatientAge")),
        weight_kg=_number(header, "PatientWeight"),
        height_m=_number(header, "PatientSize"),
        study_date=values.text(header, "StudyDate"),
        study_time=values.text(header, "StudyTime"),
        description=values.text(header, "StudyDescription"),
        accession_number=values.text(header, "AccessionNumber"),
        institution=values.text(header, "InstitutionName"),
        identity_removed=values.text(header, "PatientIdentityRemoved") == "YES",
    )


def series_info(header: Dataset, part: str = "") -> SeriesInfo:
    return SeriesInfo(
        series_instance_uid=values.text(header, "SeriesInstanceUID"),
        modality=values.text(header, "Modality"),
        description=values.text(header, "SeriesDescription"),
        number=whole_number(header, "SeriesNumber"),
        frame_of_reference_uid=values.text(header, "FrameOfReferenceUID"),
        manufacturer=values.text(header, "Manufacturer"),
        model=values.text(header, "ManufacturerModelName"),
        station_name=values.text(header, "StationName"),
        body_part=values.text(header, "BodyPartExamined"),
        series_date=values.text(header, "SeriesDate"),
        series_time=values.text(header, "SeriesTime"),
        image_type=values.text(header, "ImageType"),
        sop_class_uid=values.text(header, "SOPClassUID"),
        part=part,
    )


def tracer_info(header: Dataset) -> TracerInfo:
    items = values.items(header, "RadiopharmaceuticalInformationSequence") or [Dataset()]
    item = items[0]
    return TracerInfo(
        radiopharmaceutical=values.text(item, "Radiopharmaceutical"),
        nuclide=nuclide_of(item),
        radiopharmaceutical_code=values.coded(item, "RadiopharmaceuticalCodeSequence") or NO_CODE,
        radionuclide_code=values.coded(item, "RadionuclideCodeSequence") or NO_CODE,
        half_life_s=_number(item, "RadionuclideHalfLife"),
        units=values.text(header, "Units"),
        attenuation_corrected="ATTN" in values.texts(header, "CorrectedImage"),
    )
