"""De-identification as a project says: which transform its imports use, and who its patients are."""

from annotations.dicom.attributes import StudyInfo
from annotations.dicom.deidentify import BasicProfile, KnownPatient
from annotations.dicom.transform import IDENTITY, SourcePatient, Transform
from annotations.studies.models import PatientKey, Project
from annotations.studies.services.projects import ensure_patient


def transform_of(project: Project) -> Transform:
    """A fresh transform for one import into the project; it knows the project's key table."""
    if project.deidentification == Project.Deidentification.NONE:
        return IDENTITY
    keys = PatientKey.objects.filter(project=project).select_related("patient")
    return BasicProfile(bytes.fromhex(project.deidentification_secret), map(_known, keys))


def source_patient(project: Project, info: StudyInfo, transform: Transform) -> SourcePatient:
    """Who the patient of an object is: what the file said, also where the transform took it out."""
    if isinstance(transform, BasicProfile):
        source = transform.source_of(info.patient_id)
        if source is not None:
            return source
        # A stored file came along with new ones of its series: it names the patient by pseudonym.
        key = PatientKey.objects.filter(project=project, patient__pseudonym=info.patient_id)
        found = key.select_related("patient").first()
        if found is not None:
            return _known(found).source
    return SourcePatient(info.patient_id, info.patient_name)


def name_patient(*, project: Project, info: StudyInfo, transform: Transform) -> None:
    """Give out the pseudonym before a file is stored, so that the file carries it."""
    if isinstance(transform, BasicProfile):
        patient = ensure_patient(
            project=project,
            source_patient_id=info.patient_id,
            source_patient_name=info.patient_name,
            date_offset_days=transform.offset_days(info.patient_id),
        )
        transform.assign(patient_id=info.patient_id, pseudonym=patient.pseudonym)


def _known(key: PatientKey) -> KnownPatient:
    source = SourcePatient(key.source_patient_id, key.source_patient_name, key.date_offset_days)
    return KnownPatient(source, key.patient.pseudonym)
