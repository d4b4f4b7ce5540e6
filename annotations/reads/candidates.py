"""Studies that could be cases of a reader study, with demographics and the versions on their PET."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Prefetch, Q

from annotations.accounts.models import User
from annotations.reads.layout import PLANTED
from annotations.reads.models import Read
from annotations.segmentations.models import MeasureSet, Version
from annotations.segmentations.selectors import current_measures
from annotations.segmentations.visibility import masked_volumes
from annotations.studies.models import Project, Study, Volume
from annotations.studies.selectors import current_suv_revision, default_pet_volume, with_volumes


class Candidate(NamedTuple):
    study: Study
    pet: Volume
    attributes: dict[str, str]
    versions: Sequence[Version]


def find_candidates(
    project: Project,
    *,
    user: User,
    search: str = "",
    attributes: Mapping[str, str] | None = None,
    minimum_lesions: int = 0,
) -> list[Candidate]:
    """By pseudonym. attributes: name -> value that a patient has to have, whatever the case of letters.
    minimum_lesions: at least one version holds so many. A study without a PET is no candidate. Of reads
    only final versions are offered, of studies that mask nothing or are closed, and none on images that
    `user` reads masked.
    """
    studies = Study.objects.filter(project=project)
    if search:
        studies = studies.filter(patient__pseudonym__icontains=search) | studies.filter(
            description__icontains=search
        )
    for name, value in (attributes or {}).items():
        studies = studies.filter(patient__attributes__name=name, patient__attributes__value__iexact=value)
    rows = with_volumes(studies).prefetch_related("patient__attributes").order_by("patient__pseudonym", "pk")
    found = [(study, pet) for study in rows if (pet := default_pet_volume(study)) is not None]
    versions = _versions([pet for _, pet in found], user)
    candidates = [Candidate(study, pet, _attributes(study), versions.get(pet.pk, ())) for study, pet in found]
    return [one for one in candidates if not minimum_lesions or _most_lesions(one) >= minimum_lesions]


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """The content of CandidateSerializer."""
    revision = current_suv_revision(candidate.pet)
    study = candidate.study
    return {
        "study": study.pk,
        "pseudonym": study.patient.pseudonym,
        "description": study.description,
        "tracer": candidate.pet.series.tracer,
        "is_synthetic": study.is_synthetic,
        "attributes": candidate.attributes,
        "pet_volume": candidate.pet.pk,
        "valid_suv": revision is not None and revision.factor is not None,
        "versions": [_version_json(version) for version in candidate.versions],
    }


def _version_json(version: Version) -> dict[str, Any]:
    summary = current_measures(version).summary
    return {
        "id": version.pk,
        "title": version.segmentation.title,
        "producer_kind": version.producer_kind,
        "producer_name": version.producer_name,
        "producer_fingerprint": version.producer_fingerprint,
        "number": version.number,
        "created_at": version.created_at,
        "lesion_count": summary["lesion_count"],
        "ttv_ml": summary["ttv_ml"],
        "is_planted": PLANTED in version.parameters,
    }


def _versions(volumes: Sequence[Volume], user: User) -> dict[Any, list[Version]]:
    measures = Prefetch("measure_sets", queryset=MeasureSet.objects.defer("lesions"))
    read = "segmentation__read"
    final = Q(**{f"{read}__state": Read.State.SUBMITTED, f"{read}__final_version": F("pk")})
    plan = f"{read}__assignment__plan"
    free = Q(**{f"{plan}__masked": []}) | Q(**{f"{plan}__reader_study__data_locked_at__isnull": False})
    rows = Version.objects.filter(Q(**{f"{read}__isnull": True}) | (final & free))
    rows = rows.filter(segmentation__volume__in=volumes)
    rows = rows.exclude(segmentation__volume__in=masked_volumes(user))
    rows = rows.select_related("segmentation").prefetch_related(measures).order_by("created_at", "pk")
    found: dict[Any, list[Version]] = {}
    for row in rows:
        found.setdefault(row.segmentation.volume_id, []).append(row)
    return found


def _attributes(study: Study) -> dict[str, str]:
    return {one.name: one.value for one in sorted(study.patient.attributes.all(), key=lambda one: one.name)}


def _most_lesions(candidate: Candidate) -> int:
    counts = (current_measures(version).summary["lesion_count"] for version in candidate.versions)
    return max(counts, default=0)
