"""DICOM objects as they are kept: which are known, which contradict what is stored, and the storing."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO

import pydicom
from django.db import transaction
from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.part10 import PIXEL_TAGS
from annotations.dicom.read_files import HeaderFile, read_heap
from annotations.dicom.refusals import FileChanged, InstanceConflict, Malformed, Refusal
from annotations.dicom.transform import Transform
from annotations.store.batch import put_blobs
from annotations.store.models import Blob
from annotations.store.services import StoreDamaged, blob_path
from annotations.studies.models import Instance, Project, Series

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Matched:
    """files: what came in without what is refused, and, for each image series that brings something new,
    the instances of it that are stored already: a volume is always built from all of its series.
    """

    files: tuple[HeaderFile, ...]
    refusals: tuple[Refusal, ...]


def match_stored(*, project: Project, files: Sequence[HeaderFile]) -> Matched:
    """Compare what came in with what the project has.

    The same SOP Instance UID with other bytes is refused (instance_conflict): what is stored stays.
    """
    known = _stored_digests(project, [_uid(file) for file in files])
    kept: list[HeaderFile] = []
    refusals: list[Refusal] = []
    for file in files:
        if known.get(_uid(file), file.digest) == file.digest:
            kept.append(file)
            continue
        error = InstanceConflict("This SOP Instance UID is stored already, with other content.")
        refusals.append(Refusal.of(file.source.name, error))
    return Matched((*kept, *_rest_of_series(project, kept)), tuple(refusals))


def _stored_digests(project: Project, uids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(uids), ROWS_AT_ONCE):
        rows = Instance.objects.filter(
            series__study__project=project, sop_instance_uid__in=uids[start : start + ROWS_AT_ONCE]
        )
        found.update(rows.values_list("sop_instance_uid", "source_digest"))
    return found


def _rest_of_series(project: Project, files: Sequence[HeaderFile]) -> list[HeaderFile]:
    """Stored instances of the image series in `files` that did not come in again."""
    here = {_uid(file) for file in files}
    series = {str(file.header.SeriesInstanceUID) for file in files if file.kind == "image"}
    rows = Instance.objects.filter(
        series__study__project=project, series__series_instance_uid__in=series
    ).select_related("blob")
    missing = {row.blob.digest: row for row in rows if row.sop_instance_uid not in here}
    heap = read_heap([blob_path(digest) for digest in missing])
    if len(heap.files) != len(missing):
        raise StoreDamaged(
            "Stored files of a series cannot be read.", refusals=[r.code for r in heap.refusals]
        )
    return [_as_stored(file, missing[file.digest]) for file in heap.files]


def _as_stored(file: HeaderFile, row: Instance) -> HeaderFile:
    source = replace(file.source, name=f"stored instance {row.sop_instance_uid}")
    return replace(file, source=source)


@dataclass(frozen=True)
class StoredFile:
    """source_digest: sha256 of the bytes that came in. blob: the file as it is kept."""

    source_digest: str
    blob: Blob


@transaction.atomic
def insert_instances(*, series: Series, stored: Mapping[str, StoredFile]) -> dict[str, Instance]:
    """{SOP Instance UID: row}; those that are there already stay as they are.

    Raises InstanceConflict when another import stored one of them with other bytes in the meantime.
    """
    Instance.objects.bulk_create(
        (
            Instance(series=series, sop_instance_uid=uid, source_digest=one.source_digest, blob=one.blob)
            for uid, one in stored.items()
        ),
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    rows = {row.sop_instance_uid: row for row in series.instances.all()}
    if any(uid not in rows or rows[uid].blob_id != one.blob.pk for uid, one in stored.items()):
        raise InstanceConflict("An instance of this series is stored already, with other content.")
    return {uid: rows[uid] for uid in stored}


def store_files(
    *, project: Project, files: Iterable[HeaderFile], transform: Transform
) -> dict[str, StoredFile]:
    """{SOP Instance UID: StoredFile}; files that are stored already are not read again.

    Writes to the store only; call it outside any transaction. Raises StorageFull or FileChanged.
    """
    by_uid = {_uid(file): file for file in files}
    known = _known_files(project, list(by_uid))
    new = {uid: file for uid, file in by_uid.items() if uid not in known}
    contents: list[Callable[[], bytes]] = [partial(stored_form, file, transform) for file in new.values()]
    blobs = put_blobs(contents=contents, kind="dicom")
    fresh = {uid: StoredFile(file.digest, blob) for (uid, file), blob in zip(new.items(), blobs, strict=True)}
    return known | fresh


def _known_files(project: Project, uids: Sequence[str]) -> dict[str, StoredFile]:
    found: dict[str, StoredFile] = {}
    for start in range(0, len(uids), ROWS_AT_ONCE):
        rows = Instance.objects.filter(
            series__study__project=project, sop_instance_uid__in=uids[start : start + ROWS_AT_ONCE]
        )
        for row in rows.select_related("blob"):
            found[row.sop_instance_uid] = StoredFile(row.source_digest, row.blob)
    return found


def stored_form(file: HeaderFile, transform: Transform) -> bytes:
    """The bytes that are kept: the file after the transform, or as it came when that changes nothing.

    Raises FileChanged when the source is not what was read before, Malformed when it cannot be written.
    """
    data = file.source.read_bytes(file.limits)
    if hashlib.sha256(data).hexdigest() != file.digest:
        raise FileChanged("The file changed while it was being read.")
    if transform.name == "identity":
        return data
    try:
        return _transformed(pydicom.dcmread(BytesIO(data)), transform)
    except values.READ_ERRORS as error:
        raise Malformed(f"The file cannot be written again ({type(error).__name__}).") from error


def _transformed(dataset: Dataset, transform: Transform) -> bytes:
    pixels = [dataset[tag] for tag in PIXEL_TAGS if tag in dataset]
    for element in pixels:
        del dataset[element.tag]
    meta, encoding = dataset.file_meta, dataset.original_encoding
    changed = transform(dataset)
    for element in pixels:
        changed.add(element)
    meta.MediaStorageSOPInstanceUID = changed.SOPInstanceUID
    changed.file_meta = meta
    changed.set_original_encoding(*encoding)
    target = BytesIO()
    pydicom.dcmwrite(target, changed, enforce_file_format=True)
    return target.getvalue()


def _uid(file: HeaderFile) -> str:
    return str(file.header.SOPInstanceUID)
