"""A lineage of a read's own, and the proof that a lineage is what was stored."""

import uuid
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from annotations.accounts.models import User
from annotations.errors import NotFound
from annotations.segmentations.digests import version_digest
from annotations.segmentations.measures import measures_of
from annotations.segmentations.models import ProducerKind, Segmentation, Version
from annotations.segmentations.services.create import (
    LESION_TEXT,
    PreparedVersion,
    label_after,
    new_lesion,
    prepare_version,
    seal,
)
from annotations.segmentations.services.edits import reader_name
from annotations.segmentations.voxels import read_labels
from annotations.store.services import StoreDamaged, verify_blob
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import volume_grid


def prepare_lineage(
    *,
    volume: Volume,
    start: Version | None,
    title: str,
    author: User,
    suv_revision: SuvRevision | None,
    is_synthetic: bool,
    says_origin: bool = True,
) -> PreparedVersion:
    """The first version of a reader's lineage: `start`'s labels with `start` as parent, or empty without.

    says_origin: False carries over the voxels only, so that lesions tell nothing of who or what made
    them: no text, no deleted lesion nor its number, every source the model's (design.md, invariant 7).

    Labels keep their numbers and the numbers of lesions deleted before stay used (invariant 4).
    """
    if start is None:
        return prepare_version(
            volume=volume,
            title=title,
            labels=np.zeros(volume_grid(volume).shape_zyx, dtype=np.uint16),
            suv_revision=suv_revision,
            producer_kind=ProducerKind.READER,
            producer_name=reader_name(author),
            author=author,
            tool="open",
            source=ProducerKind.READER,
            is_synthetic=is_synthetic,
        )
    segmentation = Segmentation(
        volume=volume, title=title, is_synthetic=is_synthetic, is_resampled=start.segmentation.is_resampled
    )
    version = Version(
        id=uuid.uuid4(),
        segmentation=segmentation,
        number=1,
        labels=start.labels,
        producer_kind=ProducerKind.READER,
        producer_name=reader_name(author),
        author=author,
        tool="open",
        next_label=start.next_label if says_origin else label_after(int(read_labels(start).max(initial=0))),
        created_at=timezone.now(),
    )
    lesions = [
        new_lesion(
            version,
            lesion.label,
            "deleted" if lesion.status == "deleted" else "kept",
            lesion.source if says_origin else ProducerKind.MODEL,
            {name: getattr(lesion, name) for name in LESION_TEXT} if says_origin else {},
        )
        for lesion in start.lesions.all()
        if says_origin or lesion.status != "deleted"
    ]
    measured = measures_of(start, suv_revision)
    return seal(version, lesions, measured, suv_revision, parent=start, is_new_segmentation=True)


class ChainFault(NamedTuple):
    version: str
    code: str
    message: str


def verify_chain(segmentation: Segmentation) -> list[ChainFault]:
    """Recompute every digest of a lineage and of the versions it grew from; empty when all is as stored."""
    faults = []
    version: Version | None = segmentation.versions.order_by("-number").first()
    while version is not None:
        faults += _version_faults(version)
        if version.parent is not None and version.number > 1:
            if version.parent.segmentation_id != version.segmentation_id:
                faults.append(_fault(version, "parent_elsewhere", "The parent belongs to another lineage."))
            elif version.parent.number != version.number - 1:
                faults.append(_fault(version, "number_skipped", "The parent is not the version before."))
        version = version.parent
    return faults


def _version_faults(version: Version) -> list[ChainFault]:
    faults = []
    try:
        verify_blob(version.labels)
    except (StoreDamaged, NotFound) as error:
        faults.append(_fault(version, error.code, error.message))
    parent_digest = version.parent.version_digest if version.parent else None
    if version_digest(version, version.lesions.all(), parent_digest) != version.version_digest:
        faults.append(_fault(version, "version_changed", "The version does not match its digest."))
    return faults


def _fault(version: Version, code: str, message: str) -> ChainFault:
    return ChainFault(str(version.pk), code, message)
