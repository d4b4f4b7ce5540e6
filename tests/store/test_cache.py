"""The cache of uncompressed blobs is bounded, and smaller while a job goes over many volumes once."""

import pytest

from annotations.store.services import BlobCache, put_blob

pytestmark = pytest.mark.django_db


@pytest.fixture
def blobs():
    return [put_blob(content=bytes([number]) * 400, kind="labelmap", compress=True) for number in range(4)]


@pytest.fixture
def reads(monkeypatch):
    """Digests in the order in which the store was asked for them."""
    from annotations.store import services

    asked = []
    real = services.read_blob
    monkeypatch.setattr(services, "read_blob", lambda blob: asked.append(blob.digest) or real(blob))
    return asked


def test_the_oldest_go_first_when_the_limit_is_passed(blobs, reads):
    cache = BlobCache(limit_bytes=1000)
    for blob in (*blobs[:2], blobs[0], blobs[2], blobs[0], blobs[1]):
        assert cache.read(blob)[:1] == bytes([blobs.index(blob)])
    assert reads == [blobs[0].digest, blobs[1].digest, blobs[2].digest, blobs[1].digest]


def stopped_pass(cache, blobs):
    with cache.held_to(500):
        for place in (3, 0, 3):
            cache.read(blobs[place])
        raise ValueError("stopped")


def test_one_pass_over_many_keeps_little_and_the_limit_comes_back(blobs, reads):
    cache = BlobCache(limit_bytes=2000)
    for blob in blobs:
        cache.read(blob)
    with pytest.raises(ValueError, match="stopped"):
        stopped_pass(cache, blobs)
    assert reads[4:] == [blobs[0].digest, blobs[3].digest]
    for blob in (*blobs, *blobs):
        cache.read(blob)
    assert len(reads) == 6 + 3
