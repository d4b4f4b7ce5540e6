"""Store many small files at once: the 267 slices of a series cost one fsync each, side by side."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from annotations.store.models import Blob
from annotations.store.services import blob_path, content_sha256, write_file

WORKERS = 8
ROWS_AT_ONCE = 500


def put_blobs(*, contents: Sequence[Callable[[], bytes]], kind: str) -> list[Blob]:
    """One Blob for each of `contents`, in order; uncompressed. A content that is there is not written again.

    Contents come as functions, called when their turn comes, so that at most a few are in memory. What
    they raise is raised here; so is StorageFull. Files lie safely on disk before any row is written.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        written = list(pool.map(_write_one, contents))
    sizes = dict(written)
    rows = (
        Blob(digest=digest, kind=kind, encoding="none", size_bytes=size, stored_bytes=size)
        for digest, size in sizes.items()
    )
    Blob.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    stored = {
        blob.digest: blob for part in _parts(list(sizes)) for blob in Blob.objects.filter(digest__in=part)
    }
    return [stored[digest] for digest, _ in written]


def _write_one(content: Callable[[], bytes]) -> tuple[str, int]:
    data = content()
    digest = content_sha256(data)
    path = blob_path(digest)
    if not path.exists():
        write_file(path, data)
    return digest, len(data)


def _parts(digests: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(digests), ROWS_AT_ONCE):
        yield digests[start : start + ROWS_AT_ONCE]
