"""Writes of this room, by subject: projects and patients, DICOM objects, volumes, SUV, imports."""

from annotations.studies.services.attributes import AttributesResult, import_attributes
from annotations.studies.services.deidentification import transform_of
from annotations.studies.services.imports import (
    ImportCancelled,
    ImportProgress,
    cancel_import,
    claim_import,
    create_import_run,
    fail_stale_imports,
    forgotten_imports,
    may_start_again,
    queue_import,
)
from annotations.studies.services.instances import Matched, match_stored, store_files
from annotations.studies.services.projects import (
    create_project,
    ensure_patient,
    ensure_project,
    refresh_synthetic_mark,
    set_data_managers,
)
from annotations.studies.services.series import (
    StoredObject,
    StoredSeries,
    check_identity,
    says_synthetic,
    store_image_series,
    store_object,
)
from annotations.studies.services.uploads import (
    abandon_old_uploads,
    check_receiving,
    count_files,
    receive_file,
    remove_upload,
    upload_folder,
)
from annotations.studies.services.volumes import (
    correct_suv,
    corrected_record,
    create_suv_revision,
    digest_of_stored_volume,
    suv_digest,
    volume_digest,
)

__all__ = [
    "AttributesResult",
    "ImportCancelled",
    "ImportProgress",
    "Matched",
    "StoredObject",
    "StoredSeries",
    "abandon_old_uploads",
    "cancel_import",
    "check_identity",
    "check_receiving",
    "claim_import",
    "correct_suv",
    "corrected_record",
    "count_files",
    "create_import_run",
    "create_project",
    "create_suv_revision",
    "digest_of_stored_volume",
    "ensure_patient",
    "ensure_project",
    "fail_stale_imports",
    "forgotten_imports",
    "import_attributes",
    "match_stored",
    "may_start_again",
    "queue_import",
    "receive_file",
    "refresh_synthetic_mark",
    "remove_upload",
    "says_synthetic",
    "set_data_managers",
    "store_files",
    "store_image_series",
    "store_object",
    "suv_digest",
    "transform_of",
    "upload_folder",
    "volume_digest",
]
