"""A stored blob as an HTTP answer: immutable, named by its digest, zstd as it lies on disk where it can be.

Nothing is recompressed and never more than a chunk is in memory. Under ASGI chunks are read in a thread,
so a large volume holds up no other request.
"""

import asyncio
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import TypeVar

import zstandard
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from annotations.errors import NotFound
from annotations.store.models import Blob
from annotations.store.services import blob_path

Answer = TypeVar("Answer", bound=HttpResponseBase)
CHUNK_BYTES = 2**20
IMMUTABLE = "private, immutable, max-age=31536000"


def blob_response(request: Request, blob: Blob) -> HttpResponseBase:
    """200 with the content, or 304 when the client has it. Raises NotFound when the file is gone."""
    unchanged = not_modified(request, blob.digest)
    if unchanged is not None:
        return unchanged
    as_stored = blob.encoding == "none" or accepts_zstd(request)
    response = _streamed(request, _chunks(blob, as_stored=as_stored))
    response["Content-Length"] = str(blob.stored_bytes if as_stored else blob.size_bytes)
    if as_stored and blob.encoding == "zstd":
        response["Content-Encoding"] = "zstd"
    return with_cache_headers(response, blob.digest)


def not_modified(request: Request, etag: str, cache_control: str = IMMUTABLE) -> HttpResponse | None:
    """304 when the client names this etag as one it has; None otherwise."""
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if f'"{etag}"' not in known:
        return None
    return with_cache_headers(HttpResponseNotModified(), etag, cache_control)


def with_cache_headers(response: Answer, etag: str, cache_control: str = IMMUTABLE) -> Answer:
    """Only this user's browser may keep it; by default for ever, because the content never changes."""
    response["Cache-Control"] = cache_control
    response["ETag"] = f'"{etag}"'
    patch_vary_headers(response, ("Accept-Encoding", "Cookie"))
    return response


def accepts_zstd(request: Request) -> bool:
    for part in request.headers.get("Accept-Encoding", "").split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() == "zstd":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _streamed(request: Request, chunks: Generator[bytes, None, None]) -> StreamingHttpResponse:
    content = _in_thread(chunks) if isinstance(request._request, ASGIRequest) else chunks
    return StreamingHttpResponse(content, content_type="application/octet-stream")


def _chunks(blob: Blob, *, as_stored: bool) -> Generator[bytes, None, None]:
    path = blob_path(blob.digest)
    if not path.exists():
        raise NotFound("A stored file is missing from the store.", digest=blob.digest)
    return _read(path, as_stored=as_stored)


def _read(path: Path, *, as_stored: bool) -> Generator[bytes, None, None]:
    """Opened with the first chunk: an answer that nobody reads leaves no file open."""
    with path.open("rb") as file:
        source = file if as_stored else zstandard.ZstdDecompressor().stream_reader(file)
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


async def _in_thread(chunks: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    try:
        while (chunk := await asyncio.to_thread(next, chunks, b"")) != b"":
            yield chunk
    finally:
        chunks.close()
