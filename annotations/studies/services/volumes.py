"""Volumes, their SUV revisions and their rotating MIP. Nothing here ever changes a stored volume."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from annotations.accounts.models import User
from annotations.audit.services import record as audit
from annotations.dicom.suv import SuvRecord, compute_suv
from annotations.errors import Conflict, InvalidInput
from annotations.imaging.frames import encode_frames
from annotations.imaging.geometry import canonical_json
from annotations.imaging.mip import mip_geometry, rotating_mip
from annotations.imaging.volume import StoredVolume
from annotations.store.models import Blob
from annotations.store.services import put_blob
from annotations.studies.models import Instance, Series, SuvRevision, Volume, VolumeInstance
from annotations.studies.plain_text import plain_json, plain_text

MIP_ANGLES_DEG = tuple(float(angle) for angle in range(0, 360, 10))


class NotAPet(InvalidInput):
    code = "not_a_pet"


class StaleSuvRevision(Conflict):
    code = "suv_revision_stale"


@dataclass(frozen=True)
class SliceSource:
    """Where one slice comes from: digest of the instance's stored file, and the frame in it."""

    instance_digest: str
    frame: int


def volume_digest(slices: Sequence[SliceSource], voxels: StoredVolume) -> str:
    """sha256 of what makes a volume what it is; the same instances always give the same."""
    instances = [[one.instance_digest, one.frame] for one in slices]
    factors = voxels.slopes.tolist(), voxels.intercepts.tolist()
    return _digest(instances, voxels.grid.to_json(), voxels.unit, *factors)


def digest_of_stored_volume(volume: Volume) -> str:
    """The same from the rows, for the proof of the store."""
    rows = volume.slices.values_list("instance__blob_id", "frame")
    instances = [[digest, frame] for digest, frame in rows]
    return _digest(instances, volume.grid, volume.unit, volume.slopes, volume.intercepts)


def _digest(instances: object, grid: object, unit: str, slopes: object, intercepts: object) -> str:
    content = {
        "instances": instances,
        "grid": grid,
        "unit": unit,
        "slopes": slopes,
        "intercepts": intercepts,
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


@dataclass(frozen=True)
class PreparedVolume:
    """A volume whose files lie in the store and whose row is not written yet."""

    volume: Volume
    frames: tuple[int, ...]


def prepare_volume(
    *,
    voxels: StoredVolume,
    slices: Sequence[SliceSource],
    max_deviation_mm: float,
    part: str = "",
    warnings: Sequence[str] = (),
    with_mip: bool,
) -> PreparedVolume:
    """Write voxels and MIP; call it outside any transaction (invariant 9). Raises StorageFull."""
    grid_json = voxels.grid.to_json()
    stored = np.ascontiguousarray(voxels.stored, dtype=voxels.stored.dtype.newbyteorder("<"))
    content = stored.reshape(-1).view(np.uint8).data
    blob = put_blob(content=content, kind="voxels", compress=True, suffix=canonical_json(grid_json))
    mip, mip_header = make_mip(voxels) if with_mip else (None, None)
    volume = Volume(
        part=plain_text(part, 200),
        digest=volume_digest(slices, voxels),
        grid=grid_json,
        grid_digest=voxels.grid.digest(),
        max_deviation_mm=max_deviation_mm,
        unit=voxels.unit[:16],
        dtype=stored.dtype.name,
        slopes=voxels.slopes.tolist(),
        intercepts=voxels.intercepts.tolist(),
        voxels=blob,
        mip=mip,
        mip_header=mip_header,
        warnings=plain_json(list(warnings)),
    )
    return PreparedVolume(volume, tuple(one.frame for one in slices))


@transaction.atomic
def insert_volume(
    *, prepared: PreparedVolume, series: Series, instances: Sequence[Instance]
) -> tuple[Volume, bool]:
    """(volume, whether it is new). instances: one for each slice, in slice order.

    The same content in a series is the same Volume, also when two imports meet here.
    """
    volume = prepared.volume
    fields = {field.attname: getattr(volume, field.attname) for field in Volume._meta.concrete_fields}
    for name in ("id", "series_id", "digest", "created_at"):
        fields.pop(name)
    volume, created = Volume.objects.get_or_create(series=series, digest=volume.digest, defaults=fields)
    if created:
        VolumeInstance.objects.bulk_create(
            VolumeInstance(volume=volume, instance=instance, position=position, frame=frame)
            for position, (instance, frame) in enumerate(zip(instances, prepared.frames, strict=True))
        )
    return volume, created


def make_mip(voxels: StoredVolume) -> tuple[Blob, dict[str, Any]]:
    """36 frames [angle, z, u] as one blob, and the header a client needs to show them.

    scale_max is in the volume's own unit: a corrected SUV factor scales it and changes no frame.
    """
    geometry = mip_geometry(voxels.grid)
    frames = encode_frames(rotating_mip(voxels.values(), voxels.grid, MIP_ANGLES_DEG))
    content = np.ascontiguousarray(frames.encoded).tobytes()
    header = {
        "angles_deg": list(MIP_ANGLES_DEG),
        **geometry.to_json(),
        "companding": "sqrt",
        "scale_max": frames.scale_max,
        "unit": voxels.unit,
    }
    blob = put_blob(content=content, kind="mip", compress=True, suffix=canonical_json(header))
    return blob, header


@transaction.atomic
def create_suv_revision(
    *,
    volume: Volume,
    record: SuvRecord,
    reason: str = "",
    created_by: User | None = None,
    based_on: int | None = None,
) -> SuvRevision:
    """The next revision of a PET volume. Revision 1 comes with the import; later ones need a reason.

    based_on: the number of the revision that was looked at. Raises NotAPet, InvalidInput without a
    reason, or StaleSuvRevision when there is a newer one by now.
    """
    if volume.series.modality != "PT":
        raise NotAPet("SUV belongs to a PET.", modality=volume.series.modality)
    Volume.objects.select_for_update().get(pk=volume.pk)
    number = volume.suv_revisions.count() + 1
    if based_on is not None and based_on != number - 1:
        raise StaleSuvRevision(
            "The SUV record was corrected by somebody else meanwhile. Look at it again.",
            based_on=based_on,
            newest=number - 1,
        )
    if number > 1 and not reason.strip():
        raise InvalidInput("A corrected SUV needs a reason.")
    data = plain_json(record.to_json())
    revision = SuvRevision.objects.create(
        volume=volume,
        number=number,
        record=data,
        factor=record.factor,
        digest=suv_digest(volume, number, data, reason.strip()),
        reason=reason.strip(),
        created_by=created_by,
    )
    if number > 1:
        audit(
            actor=created_by,
            action="suv_corrected",
            object_type="volume",
            object_id=volume.pk,
            old={"revision": number - 1},
            new={"revision": number, "factor": record.factor, "corrections": record.corrections},
            reason=reason.strip(),
        )
    return revision


def suv_digest(volume: Volume, number: int, record: dict[str, Any], reason: str) -> str:
    content = {"volume": volume.digest, "number": number, "record": record, "reason": reason}
    return hashlib.sha256(canonical_json(content)).hexdigest()


def correct_suv(
    *,
    volume: Volume,
    corrections: dict[str, Any],
    reason: str,
    corrected_by: User,
    based_on: int | None = None,
) -> SuvRevision:
    """A new revision with corrected tags (annotations.dicom.suv.CORRECTABLE), from the inputs as imported.

    Corrections replace earlier ones as a whole. Raises InvalidInput, NotAPet, StaleSuvRevision.
    """
    return create_suv_revision(
        volume=volume,
        record=corrected_record(volume=volume, corrections=corrections),
        reason=reason,
        created_by=corrected_by,
        based_on=based_on,
    )


def corrected_record(*, volume: Volume, corrections: dict[str, Any]) -> SuvRecord:
    """The SUV record that corrections would give; nothing is stored. Raises InvalidInput, NotAPet."""
    first = volume.suv_revisions.order_by("number").first()
    if first is None:
        raise NotAPet("This volume has no SUV record.")
    return compute_suv(SuvRecord.from_json(first.record).inputs, corrections)
