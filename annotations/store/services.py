"""The content store: immutable files named by digest under PETREVIEW_HOME/store.

Order of a write (invariant 2): temporary name, fsync, rename, and only then the row; a crash in
between leaves a file without a row, which `verify_store` reports and nothing points to.
"""

import errno
import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard
from django.conf import settings

from annotations.errors import NotFound, PetreviewError, StorageFull
from annotations.store.models import Blob

ZSTD_LEVEL = 3


class StoreDamaged(PetreviewError):
    code = "store_damaged"
    http_status = 500


def blob_path(digest: str) -> Path:
    return Path(settings.HOME) / "store" / digest[:2] / digest[2:4] / digest


def put_blob(*, content: bytes | memoryview, kind: str, compress: bool, suffix: bytes = b"") -> Blob:
    """Store `content` once; the same content again is the same row.

    The digest is sha256(content + suffix). `suffix` binds what gives the bytes their meaning, such
    as the canonical JSON of the grid of a label map.
    """
    digest = content_sha256(content, suffix)
    existing = Blob.objects.filter(digest=digest).first()
    if existing is not None and blob_path(digest).exists():
        return existing
    stored = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(content) if compress else content
    write_file(blob_path(digest), stored)
    blob, _ = Blob.objects.get_or_create(
        digest=digest,
        defaults={
            "kind": kind,
            "encoding": "zstd" if compress else "none",
            "size_bytes": len(content),
            "stored_bytes": len(stored),
            "digest_suffix": suffix,
        },
    )
    return blob


def content_sha256(content: bytes | memoryview, suffix: bytes = b"") -> str:
    digest = hashlib.sha256(content)
    digest.update(suffix)
    return digest.hexdigest()


def read_blob(blob: Blob) -> bytes:
    """The uncompressed content."""
    stored = read_stored(blob)
    if blob.encoding == "none":
        return stored
    return zstandard.ZstdDecompressor().decompress(stored, max_output_size=blob.size_bytes)


def read_stored(blob: Blob) -> bytes:
    """The bytes as they lie on disk (zstd or plain), for sending on unchanged."""
    try:
        return blob_path(blob.digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("A stored file is missing from the store.", digest=blob.digest) from error


def verify_blob(blob: Blob) -> None:
    """Raise StoreDamaged when the file does not give its digest."""
    found = content_sha256(read_blob(blob), bytes(blob.digest_suffix))
    if found != blob.digest:
        raise StoreDamaged("A stored file does not match its digest.", digest=blob.digest, found=found)


def write_file(path: Path, content: bytes | memoryview) -> None:
    """Durable and all or nothing: temporary name, fsync, rename, fsync of the folder. Raises StorageFull."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("The disk is full. Nothing was stored.", folder=str(path.parent)) from error
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class BlobCache:
    """The last few uncompressed blobs of this process, bounded by bytes: an edit reads its parent again."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._items: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, blob: Blob) -> bytes:
        with self._lock:
            if blob.digest in self._items:
                self._items.move_to_end(blob.digest)
                return self._items[blob.digest]
        content = read_blob(blob)
        self.keep(blob.digest, content)
        return content

    def keep(self, digest: str, content: bytes) -> None:
        with self._lock:
            if digest in self._items or len(content) > self._limit:
                return
            self._items[digest] = content
            self._size += len(content)
            self._drop_oldest()

    @contextmanager
    def held_to(self, limit_bytes: int) -> Iterator[None]:
        """For this process and while it lasts; what is over the limit goes at once."""
        with self._lock:
            before, self._limit = self._limit, min(self._limit, limit_bytes)
            self._drop_oldest()
        try:
            yield
        finally:
            with self._lock:
                self._limit = before

    def _drop_oldest(self) -> None:
        while self._size > self._limit:
            _, dropped = self._items.popitem(last=False)
            self._size -= len(dropped)


label_cache = BlobCache(limit_bytes=256 * 2**20)
voxel_cache = BlobCache(limit_bytes=768 * 2**20)
ONE_PASS_BYTES = 48 * 2**20


@contextmanager
def small_caches() -> Iterator[None]:
    """For work that goes over many volumes once, as an export does: keeping them would only cost memory."""
    with label_cache.held_to(ONE_PASS_BYTES), voxel_cache.held_to(ONE_PASS_BYTES):
        yield
