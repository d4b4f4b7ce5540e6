"""Writes of this room, by subject: projects and patients, DICOM objects, volumes, SUV, imports."""

from annotations.studies.services.instances import Matched, match_stored, store_files
from annotations.studies.services.projects import (
    create_project,
    ensure_patient,
    ensure_project,
    refresh_synthetic_mark,
)
from annotations.studies.services.series import StoredObject, StoredSeries, store_image_series, store_object
from annotations.studies.services.volumes import correct_suv, create_suv_revision, volume_digest

__all__ = [
    "Matched",
    "StoredObject",
    "StoredSeries",
    "correct_suv",
    "create_project",
    "create_suv_revision",
    "ensure_patient",
    "ensure_project",
    "match_stored",
    "refresh_synthetic_mark",
    "store_files",
    "store_image_series",
    "store_object",
    "volume_digest",
]
