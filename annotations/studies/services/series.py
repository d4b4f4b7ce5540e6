"""One series as it was read becomes rows: patient, study, series, instances, volume, SUV revision."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import transaction
from pydicom.dataset import Dataset

from annotations.accounts.models import User
from annotations.audit.services import record as audit
from annotations.dicom import values
from annotations.dicom.attributes import StudyInfo, series_info, study_info
from annotations.dicom.read_files import HeaderFile
from annotations.dicom.refusals import BadTag, DicomRefused, MissingTag
from annotations.dicom.series import ImageSeries
from annotations.dicom.transform import IDENTITY, Transform
from annotations.studies.models import Project, Series, Study, Volume
from annotations.studies.plain_text import plain_json, plain_text
from annotations.studies.selectors import PET
from annotations.studies.services.deidentification import name_patient, source_patient
from annotations.studies.services.instances import insert_instances, store_files
from annotations.studies.services.projects import ensure_patient
from annotations.studies.services.volumes import (
    SliceSource,
    create_suv_revision,
    insert_volume,
    prepare_volume,
    volume_digest,
)
from annotations.studies.tracers import tracer_name

MAX_PATIENT_ID = 128
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
# Letters do not belong into a UID, but de-identified collections have them, and they do no harm.
UID_FORM = re.compile(r"[0-9A-Za-z._-]{1,64}")


class PatientMismatch(DicomRefused):
    code = "patient_mismatch"
    http_status = 409


@dataclass(frozen=True)
class StoredSeries:
    """What became of one series. is_new: a volume that was not there before."""

    volume: Volume
    is_new: bool


def store_image_series(
    *,
    project: Project,
    image: ImageSeries,
    files: Iterable[HeaderFile],
    transform: Transform = IDENTITY,
    imported_by: User | None = None,
) -> StoredSeries:
    """Store a series that was read and checked. The same content again is the same Volume.

    files: at least those the image's instances come from. Files first, then all rows in one
    transaction. Raises StorageFull, InstanceConflict, or what check_identity raises.
    """
    info = check_identity(project, image.headers[0], transform)
    name_patient(project=project, info=info, transform=transform)
    check_range(image)
    used = {one.sop_instance_uid for one in image.instances}
    members = [file for file in files if str(file.header.SOPInstanceUID) in used]
    stored = store_files(project=project, files=members, transform=transform)
    slices = [SliceSource(stored[one.sop_instance_uid].blob.digest, one.frame) for one in image.instances]
    known = _known_volume(project, image, volume_digest(slices, image.volume))
    if known is not None:
        return StoredSeries(known, is_new=False)
    prepared = prepare_volume(
        voxels=image.volume,
        slices=slices,
        max_deviation_mm=image.max_deviation_mm,
        part=image.series.part,
        warnings=image.warnings,
        with_mip=image.series.modality == PET,
    )
    with transaction.atomic():
        study = ensure_study(project=project, info=info, header=image.headers[0])
        series = ensure_series(
            study=study, header=image.headers[0], tracer=tracer_name(image.tracer), transform=transform
        )
        rows = insert_instances(series=series, stored=stored)
        ordered = [rows[one.sop_instance_uid] for one in image.instances]
        volume, is_new = insert_volume(prepared=prepared, series=series, instances=ordered)
        if is_new and image.suv is not None:
            create_suv_revision(volume=volume, record=image.suv)
        if is_new:
            _audit_volume(volume, study, len(rows), imported_by)
    return StoredSeries(volume, is_new)


@dataclass(frozen=True)
class StoredObject:
    """A stored object that is not an image (RTSTRUCT, SEG): its series and the digest of its file."""

    series: Series
    sop_instance_uid: str
    digest: str


def store_object(*, project: Project, file: HeaderFile, transform: Transform = IDENTITY) -> StoredObject:
    """Store one RTSTRUCT or SEG. Again and again gives the same rows. Raises as store_image_series."""
    info = check_identity(project, file.header, transform)
    name_patient(project=project, info=info, transform=transform)
    stored = store_files(project=project, files=[file], transform=transform)
    uid = str(file.header.SOPInstanceUID)
    with transaction.atomic():
        study = ensure_study(project=project, info=info, header=file.header)
        series = ensure_series(study=study, header=file.header, tracer="", transform=transform)
        insert_instances(series=series, stored=stored)
    return StoredObject(series, uid, stored[uid].blob.digest)


def check_identity(project: Project, header: Dataset, transform: Transform = IDENTITY) -> StudyInfo:
    """What the object says of its study, when it can be kept; the patient as the key table has it.

    Raises MissingTag without a PatientID, BadTag for a UID or PatientID that cannot be one, PatientMismatch
    when the study is another patient's here.
    """
    info = study_info(header)
    source = source_patient(project, info, transform)
    info = replace(info, patient_id=source.patient_id, patient_name=source.patient_name)
    for keyword in UIDS:
        uid = values.text(header, keyword)
        if uid and not UID_FORM.fullmatch(uid):
            raise BadTag(f"{keyword} is not a UID.", tag=keyword)
    if not info.patient_id:
        raise MissingTag("PatientID is missing: nobody can say whose study this is.", tag="PatientID")
    if plain_text(info.patient_id, MAX_PATIENT_ID) != info.patient_id:
        raise BadTag("PatientID is too long or has characters that cannot be shown.", tag="PatientID")
    study = Study.objects.filter(project=project, study_instance_uid=info.study_instance_uid)
    known = study.values_list("patient__key__source_patient_id", flat=True).first()
    if known is not None and known != info.patient_id:
        raise PatientMismatch("This study is stored already, for another patient.")
    return info


def check_range(image: ImageSeries) -> None:
    """Raises BadTag when values, in their unit or as SUV, would not fit into float32."""
    volume = image.volume
    factor = max(1.0, image.suv.factor if image.suv and image.suv.factor else 1.0)
    largest = np.abs(volume.slopes).max() * 65536.0 + np.abs(volume.intercepts).max()
    if not np.isfinite(largest) or largest * factor > np.finfo(np.float32).max:
        raise BadTag("RescaleSlope or RescaleIntercept is too large to be true.", tag="RescaleSlope")


@transaction.atomic
def ensure_study(*, project: Project, info: StudyInfo, header: Dataset) -> Study:
    patient = ensure_patient(
        project=project, source_patient_id=info.patient_id, source_patient_name=info.patient_name
    )
    study, _ = Study.objects.get_or_create(
        project=project,
        study_instance_uid=info.study_instance_uid,
        defaults={
            "patient": patient,
            "study_date": study_date(info.study_date),
            "description": plain_text(info.description, 200),
            "is_synthetic": says_synthetic(header),
        },
    )
    return study


@transaction.atomic
def ensure_series(*, study: Study, header: Dataset, tracer: str, transform: Transform) -> Series:
    info = series_info(header)
    attributes: dict[str, Any] = {**info.to_json(), "transform": transform.name}
    series, _ = Series.objects.get_or_create(
        study=study,
        series_instance_uid=info.series_instance_uid,
        defaults={
            "modality": plain_text(info.modality, 16),
            "description": plain_text(info.description, 200),
            "frame_of_reference_uid": info.frame_of_reference_uid,
            "tracer": tracer,
            "attributes": plain_json(attributes),
        },
    )
    return series


def study_date(text: str) -> date | None:
    """None when it is missing or not a date: nothing depends on it."""
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def says_synthetic(header: Dataset) -> bool:
    """True when the object's own texts say that it is a synthetic phantom (as ours do), not a patient.

    The word "synthetic" alone would not do: a CT made from an MR is called so too.
    """
    texts = (values.text(header, name) for name in ("PatientComments", "ImageComments", "StudyDescription"))
    return any("synthetic phantom" in text.lower() for text in texts)


def _known_volume(project: Project, image: ImageSeries, digest: str) -> Volume | None:
    return (
        Volume.objects.filter(
            series__study__project=project,
            series__study__study_instance_uid=image.study.study_instance_uid,
            series__series_instance_uid=image.series.series_instance_uid,
            digest=digest,
        )
        .select_related("series__study")
        .first()
    )


def _audit_volume(volume: Volume, study: Study, instances: int, imported_by: User | None) -> None:
    audit(
        actor=imported_by,
        action="volume_imported",
        object_type="volume",
        object_id=volume.pk,
        new={"study": str(study.pk), "series": str(volume.series_id), "instances": instances},
    )
