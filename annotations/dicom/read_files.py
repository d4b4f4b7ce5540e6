"""From a heap of paths to headers and named refusals. Pixels are left where they are.

Memory is bounded: at most a few files are held at once, and a header keeps no element larger than
`MAX_ELEMENT_BYTES`.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from annotations.dicom import sop_classes, values
from annotations.dicom.part10 import UNDEFINED_LENGTH, Part10, parse_part10
from annotations.dicom.refusals import (
    DicomRefused,
    FileChanged,
    InstanceConflict,
    Malformed,
    MissingTag,
    Refusal,
    Truncated,
    UnsupportedSopClass,
    UnsupportedTransferSyntax,
)
from annotations.dicom.sources import Limits, Source, walk
from annotations.dicom.transform import IDENTITY, Transform
from annotations.dicom.values import READ_ERRORS

MAX_ELEMENT_BYTES = 64 * 1024
WORKERS = 4
REQUIRED = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality")


@dataclass(frozen=True)
class HeaderFile:
    """One readable object of a heap. digest: sha256 (hex) of the file's bytes as they were read.
    header: without pixels, after the transform.
    """

    source: Source
    header: Dataset
    digest: str
    size_bytes: int
    transfer_syntax: str
    limits: Limits

    @property
    def kind(self) -> str:
        """ "image" | "rtstruct" | "seg"."""
        return sop_classes.KINDS[str(self.header.SOPClassUID)]

    def load(self) -> Part10:
        """The whole object again, from the same bytes. Raises FileChanged when they are not the same."""
        data = self.source.read_bytes(self.limits)
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise FileChanged("The file changed while it was being read.")
        return parse_part10(data)


@dataclass(frozen=True)
class Heap:
    """files: one for each SOPInstanceUID. duplicates: exact copies that were dropped."""

    files: tuple[HeaderFile, ...]
    refusals: tuple[Refusal, ...]
    duplicates: int


def read_heap(
    paths: Iterable[Path | str],
    *,
    transform: Transform = IDENTITY,
    limits: Limits | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> Heap:
    """Read every file under `paths` (files, folders, zip archives) as far as its header.

    on_file is told (files read, files in all) in the caller's thread; what it raises ends the reading.
    """
    limits = limits or Limits()
    sources, refusals = walk([Path(path) for path in paths], limits)
    results: list[HeaderFile | Refusal] = []
    with (
        ThreadPoolExecutor(WORKERS) as pool,
        closing(_read_all(pool, sources, transform, limits)) as reading,
    ):
        for result in reading:
            results.append(result)
            if on_file is not None:
                on_file(len(results), len(sources))
    files = [result for result in results if isinstance(result, HeaderFile)]
    refusals += [result for result in results if isinstance(result, Refusal)]
    kept, conflicts, duplicates = _drop_duplicates(files)
    return Heap(tuple(kept), tuple(refusals + conflicts), duplicates)


def _read_all(
    pool: ThreadPoolExecutor, sources: Sequence[Source], transform: Transform, limits: Limits
) -> Generator[HeaderFile | Refusal, None, None]:
    """In order. Closing it drops the files that were not begun."""
    yield from pool.map(lambda source: _read_one(source, transform, limits), sources)


def _read_one(source: Source, transform: Transform, limits: Limits) -> HeaderFile | Refusal:
    try:
        data = source.read_bytes(limits)
        part = parse_part10(data)
        check_supported(part)
        header = transform(_slim(part.header))
        return HeaderFile(
            source, header, hashlib.sha256(data).hexdigest(), len(data), part.transfer_syntax, limits
        )
    except DicomRefused as error:
        return Refusal.of(source.name, error)


def check_supported(part: Part10) -> None:
    """Raises UnsupportedSopClass, UnsupportedTransferSyntax, MissingTag, Truncated or BadTag."""
    header = part.header
    uid = values.text(header, "SOPClassUID")
    if uid not in sop_classes.KINDS:
        raise UnsupportedSopClass(f"Objects of the kind {sop_classes.name_of(uid)!r} are not used here.")
    missing = [name for name in REQUIRED if not values.text(header, name)]
    if missing:
        raise MissingTag(f"{', '.join(missing)} is missing.", tags=missing)
    if part.pixel_offset is None and sop_classes.KINDS[uid] != "rtstruct":
        raise Truncated("The object has no pixels.")
    if part.transfer_syntax not in sop_classes.TRANSFER_SYNTAXES:
        name = sop_classes.name_of(part.transfer_syntax)
        raise UnsupportedTransferSyntax(f"Pixels compressed as {name!r} cannot be read.")


def _slim(header: Dataset) -> Dataset:
    """Without elements that no part of ours reads and that may be huge (private blobs, overlays)."""
    if str(header.SOPClassUID) in sop_classes.KEPT_WHOLE:
        return header
    try:
        for tag in list(header.keys()):
            length = getattr(header.get_item(tag), "length", 0)
            if length != UNDEFINED_LENGTH and length > MAX_ELEMENT_BYTES:
                del header[tag]
    except READ_ERRORS as error:
        raise Malformed(f"The DICOM header cannot be read ({type(error).__name__}).") from error
    return header


def _drop_duplicates(files: list[HeaderFile]) -> tuple[list[HeaderFile], list[Refusal], int]:
    """Exact copies are dropped in silence. The same SOPInstanceUID with other bytes: the first found
    stays, as it would had it been imported before, and every other is refused.
    """
    first: dict[str, HeaderFile] = {}
    refusals: list[Refusal] = []
    duplicates = 0
    for file in files:
        kept = first.setdefault(str(file.header.SOPInstanceUID), file)
        if kept is file:
            continue
        if kept.digest == file.digest:
            duplicates += 1
            continue
        error = InstanceConflict(f"It has the SOP Instance UID of {kept.source.name!r} and other content.")
        refusals.append(Refusal.of(file.source.name, error))
    return list(first.values()), refusals, duplicates
