"""Patients of a reader study's releases, as Table 2 of an analysis tells them, and clinical attributes."""

from annotations.exports.acquisition import acquisition_of
from annotations.exports.study_data import StudyData
from annotations.reads.models import Plan
from annotations.segmentations import producing
from annotations.statistics.data import Acquisition, Attribute, PatientRow
from annotations.studies.models import Patient, PatientAttribute, Volume

CENTRE = "centre"
PET = "PT"


def attributes_of(patient: Patient) -> tuple[dict[str, Attribute], str | None]:
    """By name, and the centre, which tables tell apart."""
    found = {one.name: _attribute(one.value) for one in patient.attributes.all()}
    centre = found.pop(CENTRE, None)
    return found, None if centre is None else str(centre)


def trained_on(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Pseudonyms by arm key; an arm whose release does not state its training patients is left out."""
    fingerprints = {arm.key: arm.producer_fingerprint for arm in plan.arms.all() if arm.producer_fingerprint}
    known = producing.training_patients(set(fingerprints.values()))
    return {key: known[fingerprint] for key, fingerprint in fingerprints.items() if fingerprint in known}


def training_rows(data: StudyData) -> tuple[PatientRow, ...]:
    """One row a training patient of any arm. Who is no patient of the project has a pseudonym only."""
    pseudonyms = {one for patients in trained_on(data.plan).values() for one in patients}
    here = Patient.objects.filter(project=data.study.project_id, pseudonym__in=pseudonyms)
    known = {patient.pseudonym: patient for patient in here.prefetch_related("attributes")}
    return tuple(_training_row(one, known.get(one)) for one in sorted(pseudonyms))


def training_attributes(plan: Plan) -> list[list[str]]:
    """What Table 2 depends on, for the digest of an analysis."""
    pseudonyms = {one for patients in trained_on(plan).values() for one in patients}
    found = PatientAttribute.objects.filter(
        patient__project=plan.reader_study.project_id, patient__pseudonym__in=pseudonyms
    )
    return sorted(list(row) for row in found.values_list("patient__pseudonym", "name", "value"))


def _training_row(pseudonym: str, patient: Patient | None) -> PatientRow:
    if patient is None:
        return PatientRow(pseudonym, "training")
    attributes, centre = attributes_of(patient)
    pets = Volume.objects.filter(series__study__patient=patient, series__modality=PET)
    pet = pets.select_related("series__study").order_by("created_at", "pk").first()
    return PatientRow(
        pseudonym, "training", attributes, centre, acquisition_of(pet) if pet else Acquisition()
    )


def _attribute(text: str) -> Attribute:
    """Numbers as float, everything else as it was written; an empty text is not there."""
    plain = text.strip()
    try:
        return float(plain)
    except ValueError:
        return plain or None
