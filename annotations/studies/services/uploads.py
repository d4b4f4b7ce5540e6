"""The folder of an upload: PETREVIEW_HOME/uploads/<run>/, from the first file until the import has ended."""

import errno
import os
import shutil
from datetime import timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils import timezone

from annotations.dicom.refusals import UnsafePath
from annotations.errors import Conflict, InvalidInput, StorageFull
from annotations.studies.models import ImportRun

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1024
KEEP_FREE_BYTES = 256 * 2**20
MAX_FILES = 100_000
ABANDON_AFTER = timedelta(days=7)


class ImportNotReceiving(Conflict):
    code = "import_not_receiving"


class TooManyFiles(InvalidInput):
    code = "too_many_files"


def upload_folder(run: ImportRun) -> Path:
    return Path(settings.HOME) / "uploads" / str(run.pk)


def safe_relative_path(name: str) -> PurePosixPath:
    """The path a browser sent, as one that stays inside the upload's folder. Raises UnsafePath."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    drive = bool(parts) and len(parts[0]) == 2 and parts[0][1] == ":"
    if not parts or path.is_absolute() or ".." in parts or drive:
        raise UnsafePath("The name of an uploaded file leads out of its folder.")
    if any(not character.isprintable() for character in name):
        raise UnsafePath("The name of an uploaded file has characters that cannot be shown.")
    too_long = any(len(part.encode()) > MAX_NAME_BYTES for part in parts)
    if too_long or len(name.encode()) > MAX_PATH_BYTES:
        raise UnsafePath("The name of an uploaded file is too long.")
    return PurePosixPath(*parts)


def check_receiving(*, run: ImportRun) -> None:
    """The run takes files, and the disk has room. Raises ImportNotReceiving or StorageFull."""
    if run.state != ImportRun.State.RECEIVING:
        raise ImportNotReceiving("This import takes no more files.", state=run.state)
    free = shutil.disk_usage(settings.HOME).free
    if free < KEEP_FREE_BYTES:
        raise StorageFull("The disk of the server is full. Nothing was stored.", free_bytes=free)


def receive_file(*, run: ImportRun, name: str, source: Path) -> None:
    """Move one uploaded temporary file into the run's folder. The same name again replaces it, so that a
    request may be repeated. Raises UnsafePath or StorageFull.
    """
    target = upload_folder(run) / safe_relative_path(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)
    except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
        raise UnsafePath("A file and a folder of the upload have the same name.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("The disk of the server is full. Nothing was stored.") from error
        raise


def count_files(run: ImportRun) -> int:
    """Files in the folder (an archive counts as one). Raises TooManyFiles."""
    count = sum(len(files) for _, _, files in os.walk(upload_folder(run)))
    if count > MAX_FILES:
        raise TooManyFiles(f"An upload may have {MAX_FILES} files; pack them into a zip archive.")
    return count


def remove_upload(run: ImportRun) -> None:
    shutil.rmtree(upload_folder(run), ignore_errors=True)


def abandon_old_uploads() -> int:
    """Forget uploads nobody started or started again within ABANDON_AFTER; how many."""
    limit = timezone.now() - ABANDON_AFTER
    waiting = ImportRun.objects.filter(state=ImportRun.State.RECEIVING, updated_at__lt=limit)
    waiting.update(
        state=ImportRun.State.FAILED,
        error_code="abandoned",
        error_message="The upload was never started.",
        finished_at=timezone.now(),
    )
    removed = 0
    for run in ImportRun.objects.filter(state=ImportRun.State.FAILED, updated_at__lt=limit):
        if upload_folder(run).is_dir():
            remove_upload(run)
            removed += 1
    return removed
