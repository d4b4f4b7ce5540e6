"""Find the files of a heap: files, folders and zip archives, within limits.

Nothing is unpacked to disk. An archive is read member by member, and a member never gives more bytes
than its own entry declares.
"""

import itertools
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from annotations.dicom.refusals import (
    ArchiveBomb,
    BadArchive,
    DicomRefused,
    EncryptedArchive,
    FileTooLarge,
    NestedArchive,
    Refusal,
    TooManyFiles,
    Truncated,
    Unreadable,
    UnsafePath,
)

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one heap may cost. A member that shrinks more than `max_ratio` is taken for a bomb once it
    is larger than `ratio_floor_bytes` (empty slices compress well, and are small).
    """

    max_files: int = 50_000
    max_file_bytes: int = 2048 * MIB
    max_archive_bytes: int = 32 * 1024 * MIB
    max_ratio: float = 500.0
    ratio_floor_bytes: int = 16 * MIB


@dataclass(frozen=True)
class Source:
    """One file of a heap. name: shown to people; member: path inside `archive`, which stays open for as
    long as one of its sources is alive (reading its directory again for every member would be quadratic).
    """

    name: str
    path: Path
    member: str | None = None
    archive: zipfile.ZipFile | None = field(default=None, repr=False, compare=False)

    def read_bytes(self, limits: Limits) -> bytes:
        """All bytes. Raises FileTooLarge, Truncated, BadArchive, EncryptedArchive or Unreadable."""
        try:
            if self.archive is None or self.member is None:
                return _read_file(self.path, limits.max_file_bytes)
            return _read_member(self.archive, self.member, limits.max_file_bytes)
        except OSError as error:
            raise Unreadable(f"The file cannot be read: {error.strerror or type(error).__name__}.") from error


def walk(paths: Iterable[Path], limits: Limits) -> tuple[list[Source], list[Refusal]]:
    """Every regular file under `paths`, in a fixed order, and what was left out."""
    found: list[Source] = []
    refusals: list[Refusal] = []
    for item in _walk_all(paths, limits):
        if isinstance(item, Refusal):
            refusals.append(item)
        elif len(found) < limits.max_files:
            found.append(item)
        else:
            error = TooManyFiles(f"More than {limits.max_files} files; the rest was not looked at.")
            return found, [*refusals, Refusal.of(item.name, error)]
    return found, refusals


def _walk_all(paths: Iterable[Path], limits: Limits) -> Iterator[Source | Refusal]:
    for path in paths:
        if path.is_dir():
            for source in _walk_folder(path):
                yield from _expand(source, limits)
        else:
            yield from _expand(_checked(path, path.name), limits)


def _expand(source: Source | Refusal, limits: Limits) -> Iterator[Source | Refusal]:
    if isinstance(source, Refusal) or source.path.suffix.lower() != ".zip":
        yield source
    else:
        yield from _walk_zip(source, limits)


def _walk_folder(root: Path) -> Iterator[Source | Refusal]:
    """Files nearer to the top come first, then by name: where two files contradict each other the first
    one counts, so the order must not depend on the disk.
    """
    inside = root.resolve()
    found = [Path(folder, name).relative_to(root) for folder, _, names in os.walk(root) for name in names]
    for relative in sorted(found, key=lambda path: (len(path.parts), path.as_posix())):
        path, shown = root / relative, relative.as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            yield Refusal.of(shown, UnsafePath("A link that leads out of the folder is not followed."))
        else:
            yield _checked(path, shown)


def _checked(path: Path, shown: str) -> Source | Refusal:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return Refusal.of(shown, Unreadable("The file is not there or cannot be read."))
    if not stat.S_ISREG(mode):
        return Refusal.of(shown, Unreadable("This is not an ordinary file."))
    return Source(shown, path)


def _walk_zip(source: Source, limits: Limits) -> Iterator[Source | Refusal]:
    try:
        archive = zipfile.ZipFile(source.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Refusal.of(source.name, BadArchive(f"The zip archive cannot be opened: {error}."))
        return
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    try:
        _check_archive(entries, limits)
    except DicomRefused as error:
        yield Refusal.of(source.name, error)
        return
    for entry in sorted(entries, key=lambda entry: entry.filename):
        shown = f"{source.name}/{entry.filename}"
        try:
            _check_entry(entry, limits)
        except DicomRefused as error:
            yield Refusal.of(shown, error)
        else:
            yield Source(shown, source.path, entry.filename, archive)


def _check_archive(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.max_files:
        raise TooManyFiles(f"The archive has {len(entries)} files; {limits.max_files} are allowed.")
    if total > limits.max_archive_bytes:
        raise ArchiveBomb(f"The archive unpacks to {total} bytes; {limits.max_archive_bytes} are allowed.")
    starts = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    for (start, size), (following, _) in itertools.pairwise(starts):
        if start + size > following:
            raise ArchiveBomb("Entries of the archive overlap each other.")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise UnsafePath("The name inside the archive leads out of it.")
    if entry.flag_bits & 0x1:
        raise EncryptedArchive("The archive is protected by a password.")
    if entry.file_size > limits.max_file_bytes:
        raise FileTooLarge(f"{entry.file_size} bytes; {limits.max_file_bytes} are allowed.")
    if (
        entry.file_size > limits.ratio_floor_bytes
        and entry.file_size > limits.max_ratio * entry.compress_size
    ):
        raise ArchiveBomb(f"{entry.compress_size} bytes would unpack to {entry.file_size}.")
    if name.suffix.lower() in {".zip", ".gz", ".tar", ".7z", ".rar"}:
        raise NestedArchive("An archive inside an archive is not opened.")


def _read_file(path: Path, limit: int) -> bytes:
    with path.open("rb") as handle:
        data = handle.read(limit + 1)
    if len(data) > limit:
        raise FileTooLarge(f"More than {limit} bytes.")
    return data


def _read_member(archive: zipfile.ZipFile, member: str, limit: int) -> bytes:
    try:
        with archive.open(member) as handle:
            data = handle.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, ValueError) as error:
        raise BadArchive(f"The archive is damaged here: {error}.") from error
    except EOFError as error:
        raise Truncated("The archive ends inside this file.") from error
    except RuntimeError as error:  # zipfile's way of saying that a password is wanted
        raise EncryptedArchive("The archive is protected by a password.") from error
    if len(data) > limit:
        raise FileTooLarge(f"More than {limit} bytes.")
    return data
