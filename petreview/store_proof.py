"""The proof of the whole store: every file gives its digest, every row gives its own (invariant 2)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from annotations.errors import PetreviewError
from annotations.imaging.geometry import Grid, canonical_json
from annotations.segmentations.models import Segmentation
from annotations.segmentations.services import verify_chain
from annotations.store.models import Blob
from annotations.store.services import blob_path, verify_blob
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.services import digest_of_stored_volume, suv_digest


class Fault(NamedTuple):
    """kind: blob, volume, suv_revision or version. object_id: its digest or id."""

    kind: str
    object_id: str
    code: str
    message: str


def prove_store() -> Iterator[Fault]:
    """Everything that is not as it was stored; nothing when the store is sound."""
    yield from _blob_faults()
    yield from _volume_faults()
    yield from _suv_faults()
    yield from _version_faults()


def files_without_row() -> Iterator[Path]:
    """Files nothing points to: left by a crash between file and row. They do no harm."""
    known = set(Blob.objects.values_list("digest", flat=True))
    for folder, _, names in os.walk(Path(settings.HOME) / "store"):
        for name in sorted(names):
            path = Path(folder) / name
            if name not in known or blob_path(name) != path:
                yield path


def _blob_faults() -> Iterator[Fault]:
    for blob in Blob.objects.order_by("digest").iterator():
        try:
            verify_blob(blob)
        except PetreviewError as error:
            yield Fault("blob", blob.digest, error.code, error.message)


def _volume_faults() -> Iterator[Fault]:
    for volume in Volume.objects.select_related("voxels", "mip").order_by("pk").iterator():
        if digest_of_stored_volume(volume) != volume.digest:
            yield Fault("volume", str(volume.pk), "volume_changed", "The volume does not give its digest.")
        grid = Grid.from_json(volume.grid)
        if grid.digest() != volume.grid_digest:
            yield Fault("volume", str(volume.pk), "grid_changed", "The grid does not give its digest.")
        if bytes(volume.voxels.digest_suffix) != canonical_json(volume.grid):
            yield Fault("volume", str(volume.pk), "grid_changed", "The voxels were stored for another grid.")
        if volume.mip is not None and bytes(volume.mip.digest_suffix) != canonical_json(volume.mip_header):
            yield Fault("volume", str(volume.pk), "mip_changed", "The MIP was stored with another header.")


def _suv_faults() -> Iterator[Fault]:
    for revision in SuvRevision.objects.select_related("volume").order_by("pk").iterator():
        found = suv_digest(revision.volume, revision.number, revision.record, revision.reason)
        if found != revision.digest or revision.factor != revision.record.get("factor"):
            yield Fault(
                "suv_revision", str(revision.pk), "suv_changed", "The SUV record does not give its digest."
            )


def _version_faults() -> Iterator[Fault]:
    seen: set[Fault] = set()
    for segmentation in Segmentation.objects.order_by("pk").iterator():
        for fault in verify_chain(segmentation):
            found = Fault("version", fault.version, fault.code, fault.message)
            if found not in seen:
                seen.add(found)
                yield found
