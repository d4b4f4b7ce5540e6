"""A new segmentation with its first version: from a model, an import, a phantom or an empty start."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.dicom.codes import finding_class, parse_site
from annotations.errors import InvalidInput
from annotations.imaging.checks import require_shape
from annotations.imaging.components import RESERVED_LABEL
from annotations.imaging.geometry import GridMismatch
from annotations.imaging.volume import LabelArray
from annotations.segmentations.digests import normal_json, version_digest
from annotations.segmentations.measures import MEASURES_VERSION, Measured, measure_all
from annotations.segmentations.models import CompanionMap, Lesion, MeasureSet, Segmentation, Version
from annotations.segmentations.voxels import store_labels
from annotations.store.models import Blob
from annotations.studies.models import Series, SuvRevision, Volume
from annotations.studies.selectors import volume_grid

LESION_TEXT = {"name": 120, "site": 60, "physiological_class": 40, "comment": 10_000, "boundary_rule": 80}
"""What is said of a lesion in words, and the most characters of each."""


class LabelReserved(InvalidInput):
    code = "label_reserved"


@dataclass(frozen=True)
class PreparedVersion:
    """Rows that are ready to insert. The label map is stored and the measures are computed already."""

    version: Version
    lesions: list[Lesion]
    measures: MeasureSet
    is_new_segmentation: bool
    companions: tuple[CompanionMap, ...] = ()


def create_segmentation(
    *,
    volume: Volume,
    title: str,
    labels: LabelArray,
    suv_revision: SuvRevision | None,
    producer_kind: str,
    producer_name: str,
    producer_fingerprint: str = "",
    producer_parameters: Mapping[str, Any] | None = None,
    author: User | None = None,
    tool: str,
    source: str,
    is_synthetic: bool,
    is_resampled: bool = False,
    source_series: Series | None = None,
    lesion_info: Mapping[int, Mapping[str, Any]] | None = None,
    version_id: uuid.UUID | None = None,
) -> Version:
    """`prepare_version` and `insert_version` in one, where no other row has to share the transaction."""
    return insert_version(
        prepare_version(
            volume=volume,
            title=title,
            labels=labels,
            suv_revision=suv_revision,
            producer_kind=producer_kind,
            producer_name=producer_name,
            producer_fingerprint=producer_fingerprint,
            producer_parameters=producer_parameters,
            author=author,
            tool=tool,
            source=source,
            is_synthetic=is_synthetic,
            is_resampled=is_resampled,
            source_series=source_series,
            lesion_info=lesion_info,
            version_id=version_id,
        )
    )


def prepare_version(
    *,
    volume: Volume,
    title: str,
    labels: LabelArray,
    suv_revision: SuvRevision | None,
    producer_kind: str,
    producer_name: str,
    producer_fingerprint: str = "",
    producer_parameters: Mapping[str, Any] | None = None,
    author: User | None = None,
    tool: str,
    source: str,
    is_synthetic: bool,
    is_resampled: bool = False,
    source_series: Series | None = None,
    lesion_info: Mapping[int, Mapping[str, Any]] | None = None,
    version_id: uuid.UUID | None = None,
) -> PreparedVersion:
    """Store the label map and compute the measures; call it outside any transaction (invariant 9).

    labels: uint16 [z, y, x] on exactly the volume's grid. suv_revision: None where the PET has no
    SUV record (SUV measures are null then). source: a ProducerKind, said of every lesion.
    lesion_info: label -> any of name, site, physiological_class, comment, boundary_rule.
    Raises LabelReserved (255 occurs), GridMismatch, InvalidInput.
    """
    grid = volume_grid(volume)
    check_labels(labels)
    require_shape(labels, grid, "label map")
    segmentation = Segmentation(
        volume=volume,
        title=title[:200],
        source_series=source_series,
        is_resampled=is_resampled,
        is_synthetic=is_synthetic,
    )
    version = Version(
        id=version_id or uuid.uuid4(),
        segmentation=segmentation,
        number=1,
        labels=store_labels(labels, grid),
        producer_kind=producer_kind,
        producer_name=producer_name,
        producer_fingerprint=producer_fingerprint,
        producer_parameters=normal_json(dict(producer_parameters or {})),
        author=author,
        tool=tool,
        next_label=label_after(int(labels.max(initial=0))),
        created_at=timezone.now(),
    )
    measured = measure_all(labels, volume, suv_revision)
    lesions = [
        new_lesion(version, label, Lesion.Status.KEPT, source, (lesion_info or {}).get(label, {}))
        for label in sorted(measured.live)
    ]
    return seal(version, lesions, measured, suv_revision, parent=None, is_new_segmentation=True)


def with_companion(prepared: PreparedVersion, kind: str, blob: Blob) -> PreparedVersion:
    """The same version with a map beside it: uint8 [z, y, x] on its grid, stored before.

    Raises GridMismatch.
    """
    wanted = volume_grid(prepared.version.segmentation.volume).voxel_count
    if blob.size_bytes != wanted:
        raise GridMismatch(
            "A map beside a version has one octet a voxel.", wanted=wanted, got=blob.size_bytes
        )
    companion = CompanionMap(version=prepared.version, kind=kind, blob=blob)
    return replace(prepared, companions=(*prepared.companions, companion))


def insert_version(prepared: PreparedVersion) -> Version:
    """Insert the rows in one transaction (or in the caller's). Raises IntegrityError on a lost race."""
    version = prepared.version
    with transaction.atomic():
        if prepared.is_new_segmentation:
            version.segmentation.save(force_insert=True)
        version.save(force_insert=True)
        Lesion.objects.bulk_create(prepared.lesions)
        prepared.measures.save(force_insert=True)
        CompanionMap.objects.bulk_create(prepared.companions)
    return version


def seal(
    version: Version,
    lesions: list[Lesion],
    measured: Measured,
    suv_revision: SuvRevision | None,
    *,
    parent: Version | None,
    is_new_segmentation: bool,
) -> PreparedVersion:
    """Give a version its digest; nothing of it may change after."""
    version.parent = parent
    version.version_digest = version_digest(version, lesions, parent.version_digest if parent else None)
    measures = MeasureSet(
        version=version,
        suv_revision=suv_revision,
        code_version=MEASURES_VERSION,
        summary=measured.summary_json(),
        lesions=measured.lesions_json(),
    )
    return PreparedVersion(version, lesions, measures, is_new_segmentation)


def new_lesion(version: Version, label: int, status: str, source: str, info: Mapping[str, Any]) -> Lesion:
    """A row for a lesion. Raises InvalidInput for an unknown property, site or class, or a text too long."""
    unknown = set(info) - {*LESION_TEXT, "label"}
    if unknown:
        raise InvalidInput("A lesion has no such property.", got=sorted(unknown), known=list(LESION_TEXT))
    texts = {name: str(info.get(name) or "") for name in LESION_TEXT}
    for name, text in texts.items():
        if "\x00" in text or len(text) > LESION_TEXT[name]:
            raise InvalidInput(
                "A text of a lesion is too long.", label=label, limit_of={name: LESION_TEXT[name]}
            )
    finding_class(texts["physiological_class"])
    if texts["site"]:
        parse_site(texts["site"])
    return Lesion(version=version, label=label, status=status, source=source, **texts)


def check_labels(labels: LabelArray) -> None:
    if labels.dtype != np.uint16:
        raise InvalidInput("A label map is uint16.", got=str(labels.dtype))
    if (labels == RESERVED_LABEL).any():
        raise LabelReserved("Label 255 is reserved and never used for a lesion.")


def label_after(highest: int) -> int:
    """The lowest number above `highest` that a lesion may get."""
    return highest + 2 if highest + 1 == RESERVED_LABEL else highest + 1
