"""Writes of this room, by subject: projects and patients, DICOM objects, volumes, SUV, imports."""

from annotations.studies.services.imports import (
    ImportCancelled,
    ImportProgress,
    cancel_import,
    claim_import,
    create_import_run,
    fail_stale_imports,
    queue_import,
)
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
    "ImportCancelled",
    "ImportProgress",
    "Matched",
    "StoredObject",
    "StoredSeries",
    "cancel_import",
    "claim_import",
    "correct_suv",
    "create_import_run",
    "create_project",
    "create_suv_revision",
    "ensure_patient",
    "ensure_project",
    "fail_stale_imports",
    "match_stored",
    "queue_import",
    "refresh_synthetic_mark",
    "store_files",
    "store_image_series",
    "store_object",
    "volume_digest",
]
