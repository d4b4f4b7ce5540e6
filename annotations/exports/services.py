"""Exports as background work: asked for, made, downloaded, and after a while removed."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import Conflict, NotFound, PetreviewError, StorageFull
from annotations.exports import runs
from annotations.exports.archive import zip_folder
from annotations.exports.models import Export
from annotations.exports.study_data import study_data
from annotations.exports.wish import Wish, checked_wish
from annotations.reads.models import ReaderStudy

KEPT_FOR = timedelta(days=30)
NO_SPACE = "No space left on device"


class PlanNotLocked(Conflict):
    code = "plan_not_locked"


def exports_folder() -> Path:
    return Path(settings.HOME) / "exports"


def export_path(export: Export) -> Path:
    return exports_folder() / f"{export.pk}.zip"


def request_export(*, study: ReaderStudy, by: User, parts: Sequence[str], formats: Sequence[str]) -> Export:
    """A queued export. Raises InvalidInput, PlanNotLocked, MaskedUntilLock."""
    data = study_data(study)
    if data.plan.locked_at is None:
        raise PlanNotLocked("The plan is a draft: there is nothing to export yet.")
    wish = checked_wish(data, parts, formats)
    export = Export(reader_study=study, requested_by=by, is_masked=data.masked, **wish.to_json())
    with transaction.atomic():
        runs.queue_run(export)
        _audit(export, by, "export_requested", wish.to_json() | {"is_masked": data.masked})
    return export


def cancel_export(*, export: Export, by: User) -> Export:
    with transaction.atomic():
        runs.cancel(export)
        _audit(export, by, "export_cancelled", {"state": export.state})
    return export


def make_export(export: Export) -> None:
    """Work of one worker: claim, write the files, pack them, and name the archive last."""
    progress = runs.claim(export)
    if progress is None:
        return
    exports_folder().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{export.pk}.", dir=exports_folder()))
    try:
        packed = _pack(export, folder, progress)
        size, digest = packed.stat().st_size, _sha256(packed)
        packed.rename(export_path(export))
        progress.finish(
            file_name=file_name(export),
            size_bytes=size,
            sha256=digest,
            is_masked=study_data(export.reader_study).masked,
        )
    except PetreviewError as error:
        progress.fail(error.code, error.message)
    except OSError as error:
        message = (
            "The disk is full."
            if error.strerror == NO_SPACE
            else f"A file could not be written: {error.strerror}."
        )
        progress.fail(StorageFull.code if error.strerror == NO_SPACE else "not_written", message)
    except Exception:
        progress.fail("fault", "The export failed by a fault of the software; its log says more.")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(export: Export, folder: Path, progress: runs.RunProgress[Export]) -> Path:
    # Libraries of spreadsheets, Parquet and PDF: 100 MB that only a worker needs.
    from annotations.exports.package import build_package

    files, packed = folder / "files", folder / "packed.zip"
    files.mkdir()
    wish = Wish(tuple(export.parts), tuple(export.formats))
    names = build_package(export.reader_study, files, wish, progress)
    done = iter(range(len(names)))
    zip_folder(files, names, packed, lambda _: progress("packing", next(done), len(names)))
    with packed.open("rb") as file:
        os.fsync(file.fileno())
    return packed


def open_download(*, export: Export, by: User) -> Path:
    """Audited. Raises NotFound when there is no file (not done, or removed after its time)."""
    path = export_path(export)
    if export.state != Export.State.DONE or not path.exists():
        raise NotFound("There is no file of this export. Make the export again.", state=export.state)
    _audit(export, by, "reader_study_exported", {"file": export.file_name, "sha256": export.sha256})
    return path


def remove_old_files() -> None:
    """Files older than KEPT_FOR go; the row with its digest stays, and the same export can be made again."""
    limit = timezone.now() - KEPT_FOR
    old = Export.objects.filter(state=Export.State.DONE, finished_at__lt=limit, file_removed_at__isnull=True)
    for export in old:
        export_path(export).unlink(missing_ok=True)
        Export.objects.filter(pk=export.pk).update(file_removed_at=timezone.now())


def file_name(export: Export) -> str:
    study = export.reader_study
    mark = "synthetic-" if study.is_synthetic else ""
    return f"{mark}{slugify(study.name) or study.pk}-export.zip"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _audit(export: Export, by: User, action: str, new: dict[str, object]) -> None:
    record(
        actor=by,
        action=action,
        object_type="reader_study",
        object_id=export.reader_study_id,
        new={"export": str(export.pk)} | new,
    )
