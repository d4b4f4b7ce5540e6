"""Save an edit as the next version of a lineage (invariants 2, 3, 4 and 8)."""

import base64
import binascii
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.errors import Conflict, InvalidInput
from annotations.imaging.boxes import Box
from annotations.imaging.components import RESERVED_LABEL
from annotations.imaging.geometry import GridMismatch, canonical_json
from annotations.imaging.patches import (
    PatchArray,
    PatchMalformed,
    apply_patch,
    patch_from_bytes,
    run_indices,
    touched_labels,
)
from annotations.imaging.volume import LabelArray
from annotations.segmentations.digests import normal_json
from annotations.segmentations.measures import (
    Measured,
    join_boxes,
    lesion_box,
    measure_touched,
    measures_of,
)
from annotations.segmentations.models import Lesion, ProducerKind, Segmentation, Version
from annotations.segmentations.rois import measured_parameters
from annotations.segmentations.selectors import first_version, head_version, last_version_with
from annotations.segmentations.services.create import (
    LESION_TEXT,
    LabelReserved,
    PreparedVersion,
    insert_version,
    label_after,
    new_lesion,
    seal,
)
from annotations.segmentations.services.parts import divided_lesions, part_status
from annotations.segmentations.voxels import read_labels, store_labels
from annotations.studies.models import SuvRevision
from annotations.studies.selectors import volume_grid

SEMI_AUTOMATIC_TOOLS = frozenset(
    {
        "add_seed",
        "seed_background",
        "seed_gradient",
        "seed_flab",
        "voi_flab",
        "voi_threshold",
        "whole_body",
    }
)
"""A lesion that first appears with one of these was outlined by a method, not by hand."""


class BadPatch(InvalidInput):
    code = "bad_patch"


class LabelDeleted(InvalidInput):
    """A number that was used before may only come back as the lesion it belonged to."""

    code = "label_deleted"


class StaleParent(Conflict):
    code = "stale_parent"


class VersionConflict(Conflict):
    code = "version_conflict"


@dataclass(frozen=True)
class Edit:
    """One edit as a client sends it. `patch`: little-endian uint32 quads start, length, old, new on the
    flat [z, y, x] index of the parent; `lesions`: what is said of lesions, each with its label.
    """

    id: uuid.UUID
    parent: uuid.UUID
    tool: str
    grid_digest: str
    patch: bytes
    parameters: Mapping[str, Any] = field(default_factory=dict)
    lesions: Sequence[Mapping[str, Any]] = ()

    def digest(self) -> str:
        """sha256 of all that was sent: a repeated save is known by it."""
        content = {
            "id": str(self.id),
            "parent": str(self.parent),
            "tool": self.tool,
            "grid_digest": self.grid_digest,
            "patch": hashlib.sha256(self.patch).hexdigest(),
            "parameters": normal_json(dict(self.parameters)),
            "lesions": normal_json([dict(one) for one in self.lesions]),
        }
        return hashlib.sha256(canonical_json(content)).hexdigest()


def decode_patch(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadPatch("The patch is not base64.") from error


def save_edit(
    *,
    segmentation: Segmentation,
    edit: Edit,
    author: User,
    suv_revision: SuvRevision | None,
    guard: Callable[[], None],
) -> tuple[Version, bool]:
    """Returns (version, whether it was made now). The same edit sent again gives the stored version.

    `guard` runs first in the inserting transaction and raises when the lineage may not grow any more.
    Raises VersionConflict, StaleParent, PatchConflict, GridMismatch (409), BadPatch, LabelReserved,
    LabelDeleted (400). Races end at the unique constraints: nothing is decided by reading alone.
    """
    known = _known_version(segmentation, edit)
    if known is not None:
        return known, False
    try:
        prepared = prepare_edit(
            segmentation=segmentation, edit=edit, author=author, suv_revision=suv_revision
        )
        with transaction.atomic():
            guard()
            return insert_version(prepared), True
    except (IntegrityError, Conflict) as error:
        # The same edit may have been stored by another request meanwhile, which is what made it fail here.
        known = _known_version(segmentation, edit)
        if known is not None:
            return known, False
        if isinstance(error, IntegrityError):
            _require_head(segmentation, edit.parent)
        raise


def prepare_edit(
    *, segmentation: Segmentation, edit: Edit, author: User, suv_revision: SuvRevision | None
) -> PreparedVersion:
    """Apply the patch, store the label map, measure what it touched: all outside a transaction."""
    volume = segmentation.volume
    if edit.grid_digest != volume.grid_digest:
        raise GridMismatch(
            "The edit was drawn on another voxel grid.", wanted=volume.grid_digest, got=edit.grid_digest
        )
    parent = _require_head(segmentation, edit.parent)
    patch = _read_patch(edit.patch)
    before = read_labels(parent)
    try:
        labels = apply_patch(before, patch)
    except PatchMalformed as error:
        raise BadPatch(error.message, **error.detail) from error
    rows = {lesion.label: lesion for lesion in parent.lesions.all()}
    measured_before = measures_of(parent, suv_revision)
    _check_new_labels(parent, rows, patch)
    touched = _touched_boxes(patch, measured_before, volume_grid(volume).shape_zyx)
    measured = measure_touched(labels, volume, suv_revision, measured_before, touched)
    version = Version(
        id=edit.id,
        segmentation=segmentation,
        number=parent.number + 1,
        labels=store_labels(labels, volume_grid(volume)) if len(patch) else parent.labels,
        producer_kind=ProducerKind.READER,
        producer_name=reader_name(author),
        producer_parameters={},
        author=author,
        tool=edit.tool,
        parameters=normal_json(measured_parameters(edit.parameters, volume, suv_revision)),
        request_digest=edit.digest(),
        next_label=max(parent.next_label, label_after(max(touched, default=0))),
        created_at=timezone.now(),
    )
    wholes = divided_lesions(edit.tool, patch, rows)
    lesions = _next_lesions(version, parent, rows, wholes, labels, measured, set(touched), suv_revision)
    _describe(lesions, edit.lesions)
    return seal(
        version,
        [lesions[label] for label in sorted(lesions)],
        measured,
        suv_revision,
        parent=parent,
        is_new_segmentation=False,
    )


def reader_name(author: User) -> str:
    """Rows that are exported and never change name a reader by number, not by name."""
    return f"reader {author.pk}"


def _known_version(segmentation: Segmentation, edit: Edit) -> Version | None:
    known = Version.objects.filter(pk=edit.id).select_related("segmentation").first()
    if known is None:
        return None
    if known.segmentation_id != segmentation.pk or known.request_digest != edit.digest():
        raise VersionConflict("This edit was stored before with other content.", version=str(edit.id))
    return known


def _require_head(segmentation: Segmentation, parent_id: uuid.UUID) -> Version:
    head = head_version(segmentation)
    if head.pk != parent_id:
        raise StaleParent(
            "The segmentation was changed elsewhere after this edit was begun.",
            head=str(head.pk),
            parent=str(parent_id),
        )
    return head


def _read_patch(content: bytes) -> PatchArray:
    try:
        patch = patch_from_bytes(content)
    except PatchMalformed as error:
        raise BadPatch(error.message, **error.detail) from error
    if (patch[:, 3] == RESERVED_LABEL).any():
        raise LabelReserved("Label 255 is reserved and never used for a lesion.")
    return patch


def _check_new_labels(parent: Version, rows: Mapping[int, Lesion], patch: PatchArray) -> None:
    """A label that has no voxel in the parent is a new number, or its own lesion come back."""
    for label in {int(number) for number in np.unique(patch[:, 3])} - {0}:
        lesion = rows.get(label)
        if lesion is None and label < parent.next_label:
            raise LabelDeleted("This lesion number was given before.", label=label, next=parent.next_label)
        if lesion is not None and lesion.status == Lesion.Status.DELETED:
            _require_restore(parent, label, patch)


def _require_restore(parent: Version, label: int, patch: PatchArray) -> None:
    last = last_version_with(parent, label)
    given = _voxels_given(patch, label)
    if last is None or (read_labels(last).reshape(-1)[given] != label).any():
        raise LabelDeleted("The number of a deleted lesion is not used for another one.", label=label)


def _voxels_given(patch: PatchArray, label: int) -> npt.NDArray[np.int64]:
    return run_indices(patch[patch[:, 3] == label].astype(np.int64))


def _touched_boxes(patch: PatchArray, before: Measured, shape_zyx: tuple[int, int, int]) -> dict[int, Box]:
    """For each label the patch changes, a box that holds it before and after."""
    boxes = {}
    for label in touched_labels(patch):
        given = _voxels_given(patch, label)
        parts = []
        if given.size:
            z, y, x = (slice(int(i.min()), int(i.max()) + 1) for i in np.unravel_index(given, shape_zyx))
            parts.append((z, y, x))
        if label in before.live:
            parts.append(lesion_box(before.lesions[label]))
        boxes[label] = parts[0] if len(parts) == 1 else join_boxes(*parts)
    return boxes


def _next_lesions(
    version: Version,
    parent: Version,
    rows: Mapping[int, Lesion],
    wholes: Mapping[int, Lesion],
    labels: LabelArray,
    measured: Measured,
    touched: set[int],
    suv_revision: SuvRevision | None,
) -> dict[int, Lesion]:
    """The parent's lesions carried over, with the status of the touched ones against the lineage's start."""
    source = ProducerKind.SEMI_AUTOMATIC if version.tool in SEMI_AUTOMATIC_TOOLS else ProducerKind.READER
    start = first_version(version.segmentation)
    start_measures = measures_of(start, suv_revision) if touched else None
    lesions = {}
    for label in sorted(set(rows) | touched):
        old = rows.get(label)
        info = {name: getattr(old, name) for name in LESION_TEXT} if old else {}
        status = old.status if old else Lesion.Status.ADDED
        if label in touched and start_measures is not None:
            status = _status(label, labels, measured, start, start_measures)
        if label in touched and status == Lesion.Status.ADDED:
            status = part_status(parent, old, wholes.get(label))
        origin = old or wholes.get(label)
        lesions[label] = new_lesion(version, label, status, origin.source if origin else source, info)
    return lesions


def _status(
    label: int, labels: LabelArray, measured: Measured, start: Version, start_measures: Measured
) -> Lesion.Status:
    if label not in measured.live:
        return Lesion.Status.DELETED
    if label not in start_measures.live:
        return Lesion.Status.ADDED
    box = lesion_box(measured.lesions[label])
    if box != lesion_box(start_measures.lesions[label]):
        return Lesion.Status.EDITED
    same = np.array_equal(labels[box] == label, read_labels(start)[box] == label)
    return Lesion.Status.KEPT if same else Lesion.Status.EDITED


def _describe(lesions: Mapping[int, Lesion], described: Sequence[Mapping[str, Any]]) -> None:
    for info in described:
        label = info.get("label")
        if not isinstance(label, int) or label not in lesions:
            raise InvalidInput("There is no lesion with this number.", label=label)
        old = lesions[label]
        texts = {name: getattr(old, name) for name in LESION_TEXT} | dict(info)
        checked = new_lesion(old.version, label, old.status, old.source, texts)
        for name in LESION_TEXT:
            setattr(old, name, getattr(checked, name))
