"""Reads of this room. Who may see a row is decided in `visibility.py`."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from django.db.models import Count, Prefetch, QuerySet

from annotations.accounts.models import User
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import StoredVolume
from annotations.store.services import voxel_cache
from annotations.studies.models import PatientKey, Project, Series, Study, SuvRevision, Volume
from annotations.studies.visibility import (
    imports_visible_to,
    projects_managed_by,
    projects_visible_to,
    studies_visible_to,
    volumes_visible_to,
)

__all__ = [
    "best_pet_volume",
    "current_suv_revision",
    "default_ct_volume",
    "default_pet_volume",
    "imports_visible_to",
    "pet_volumes_of",
    "projects_managed_by",
    "projects_visible_to",
    "read_volume",
    "studies_visible_to",
    "volume_grid",
    "volumes_visible_to",
]

PET, CT = "PT", "CT"


def volume_grid(volume: Volume) -> Grid:
    return Grid.from_json(volume.grid)


def read_volume(volume: Volume) -> StoredVolume:
    """The stored integers with their factors for each slice; read-only, shared with the byte cache."""
    grid = volume_grid(volume)
    content = voxel_cache.read(volume.voxels)
    stored = np.frombuffer(content, dtype=np.dtype(volume.dtype).newbyteorder("<")).reshape(grid.shape_zyx)
    return StoredVolume(
        grid=grid,
        stored=stored,
        slopes=np.asarray(volume.slopes, dtype=np.float64),
        intercepts=np.asarray(volume.intercepts, dtype=np.float64),
        unit=volume.unit,
    )


def current_suv_revision(volume: Volume) -> SuvRevision | None:
    """The newest SUV revision; None for a volume that is not a PET."""
    return max(volume.suv_revisions.all(), key=lambda revision: revision.number, default=None)


def default_pet_volume(study: Study) -> Volume | None:
    """The PET of a study that is read unless another is chosen.

    Rule "valid_suv_then_largest": a volume with a valid SUV before one without, then the one with most
    slices (a whole-body scan before a crop or a late local view), then most voxels, then the newest.
    """
    return best_pet_volume(_volumes(study, PET))


def best_pet_volume(volumes: Iterable[Volume]) -> Volume | None:
    """By the rule of `default_pet_volume`; None of none."""
    return max(volumes, key=_pet_rank, default=None)


def pet_volumes_of(project: Project, source_patient_id: str) -> list[Volume]:
    """Every PET volume of one patient."""
    volumes = Volume.objects.filter(
        series__modality=PET,
        series__study__project=project,
        series__study__patient__key__source_patient_id=source_patient_id,
    )
    return list(volumes.select_related("series__study__project"))


def default_ct_volume(study: Study, pet: Volume | None = None) -> Volume | None:
    """The CT shown under `pet` (default: the study's PET).

    Rule "same_frame_then_longest": only a CT in the PET's own frame of reference is ever fused with it;
    of those the one that covers most along its slices, then most voxels, then the newest. None when
    there is none, or when the PET does not say its frame of reference.
    """
    pet = pet or default_pet_volume(study)
    if pet is None or not pet.series.frame_of_reference_uid:
        return None
    frame = pet.series.frame_of_reference_uid
    candidates = (ct for ct in _volumes(study, CT) if ct.series.frame_of_reference_uid == frame)
    return max(candidates, key=_ct_rank, default=None)


def _volumes(study: Study, modality: str) -> Iterable[Volume]:
    """Uses what `with_volumes` prefetched, when it did."""
    for series in study.series.all():
        if series.modality == modality:
            for volume in series.volumes.all():
                volume.series = series
                yield volume


def _pet_rank(volume: Volume) -> tuple[object, ...]:
    revision = current_suv_revision(volume)
    valid = revision is not None and revision.factor is not None
    shape = volume_grid(volume).shape_zyx
    return valid, shape[0], shape[1] * shape[2], volume.created_at, str(volume.pk)


def _ct_rank(volume: Volume) -> tuple[object, ...]:
    grid = volume_grid(volume)
    length_mm = round(grid.shape_zyx[0] * grid.spacing_xyz_mm[2], 3)
    return length_mm, grid.voxel_count, volume.created_at, str(volume.pk)


def with_volumes(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Studies with all that the summaries show, in a fixed number of queries."""
    revisions = SuvRevision.objects.defer("record")
    volumes = Volume.objects.defer("slopes", "intercepts", "mip_header").order_by("created_at")
    volumes = volumes.prefetch_related(Prefetch("suv_revisions", queryset=revisions))
    series = Series.objects.order_by("modality", "series_instance_uid")
    series = series.prefetch_related(Prefetch("volumes", queryset=volumes))
    counted = studies.annotate(segmentation_count=Count("series__volumes__segmentations", distinct=True))
    return counted.select_related("project", "patient").prefetch_related(Prefetch("series", queryset=series))


def list_studies(user: User, *, project: UUID | None = None, search: str = "") -> QuerySet[Study]:
    """Newest first. search: part of the pseudonym or of the description."""
    studies = studies_visible_to(user)
    if project is not None:
        studies = studies.filter(project=project)
    if search:
        studies = studies.filter(patient__pseudonym__icontains=search) | studies.filter(
            description__icontains=search
        )
    return with_volumes(studies).order_by("-created_at", "pk")


def list_projects(user: User) -> QuerySet[Project]:
    counts = {
        "patient_count": Count("patients", distinct=True),
        "study_count": Count("studies", distinct=True),
    }
    projects = projects_visible_to(user).annotate(**counts)
    return projects.prefetch_related("data_managers").order_by("name")


def list_patient_keys(project: Project) -> QuerySet[PatientKey]:
    return PatientKey.objects.filter(project=project).select_related("patient").order_by("patient__pseudonym")
