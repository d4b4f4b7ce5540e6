"""An RTSTRUCT or SEG becomes segmentations on the PET it belongs to.

Regions that overlap become sibling segmentations, so no voxel is lost. The same object again finds the
segmentations it gave before, on the volume they were made for, also when newer volumes have come since.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction

from annotations.accounts.models import User
from annotations.audit.services import record as audit
from annotations.dicom import rtstruct_read, seg_read, values
from annotations.dicom.attributes import StudyInfo
from annotations.dicom.objects import referenced_series
from annotations.dicom.read_files import HeaderFile
from annotations.dicom.refusals import DicomRefused, FrameOfReferenceMismatch, Refusal
from annotations.dicom.regions import PackedRegions, ReadRegions, TargetVolume, pack_regions
from annotations.dicom.transform import IDENTITY, Transform
from annotations.dicom.write_series import MANUFACTURER as PHANTOM_MANUFACTURER
from annotations.segmentations.models import ProducerKind, Version
from annotations.segmentations.services.create import insert_version, prepare_version
from annotations.studies.models import Project, Volume
from annotations.studies.plain_text import plain_json, plain_text
from annotations.studies.selectors import (
    best_pet_volume,
    current_suv_revision,
    pet_volumes_of,
    volume_grid,
)
from annotations.studies.services import StoredObject, check_identity, says_synthetic, store_object


class NoPetVolume(DicomRefused):
    code = "no_pet_volume"


@dataclass(frozen=True)
class ImportedObject:
    """versions: version 1 of each segmentation, new or known. refusals: ROIs or segments left out."""

    versions: tuple[Version, ...]
    refusals: tuple[Refusal, ...]


def import_object(
    *, project: Project, file: HeaderFile, transform: Transform = IDENTITY, imported_by: User | None = None
) -> ImportedObject:
    """Store the object and make its segmentations; nothing is stored of one that cannot be used.

    Raises DicomRefused: NoPetVolume, FrameOfReferenceMismatch, or what the readers refuse.
    """
    info = check_identity(project, file.header, transform)
    volume = _known_volume(project, file) or choose_volume(project, file, info)
    regions = _read(file, volume)
    refusals = tuple(replace(one, file=f"{file.source.name}: {one.file}") for one in regions.refusals)
    packs = pack_regions(regions.regions, volume_grid(volume).shape_zyx)
    if not packs:
        return ImportedObject((), refusals)
    source = store_object(project=project, file=file, transform=transform)
    versions = [
        _segmentation(file, source, volume, _title(regions, packs, index), index, pack, imported_by)
        for index, pack in enumerate(packs)
    ]
    return ImportedObject(tuple(versions), refusals)


def choose_volume(project: Project, file: HeaderFile, info: StudyInfo) -> Volume:
    """The PET the object was drawn on; else the PET to read of those in its frame of reference.

    PETs of the object's own study come first, then those of the patient's other studies. Raises
    NoPetVolume, or FrameOfReferenceMismatch where there are PETs but none in its frame of reference.
    """
    candidates = pet_volumes_of(project, info.patient_id)
    if not candidates:
        raise NoPetVolume("There is no PET of this patient for it. Import the PET, then this file again.")
    frames = frames_of_reference(file)
    matching = [pet for pet in candidates if pet.series.frame_of_reference_uid in frames]
    if not matching:
        raise FrameOfReferenceMismatch(
            "It was drawn in another frame of reference than that of any PET of this patient."
        )
    own_study = [
        pet for pet in matching if pet.series.study.study_instance_uid == info.study_instance_uid
    ] or matching
    drawn_on = set(referenced_series(file.header))
    own_series = [pet for pet in own_study if pet.series.series_instance_uid in drawn_on]
    best = best_pet_volume(own_series or own_study)
    assert best is not None
    return best


def frames_of_reference(file: HeaderFile) -> set[str]:
    """Every frame of reference the object speaks of."""
    header = file.header
    items = [
        *(header.get("ReferencedFrameOfReferenceSequence") or []),
        *(header.get("StructureSetROISequence") or []),
    ]
    found = {values.text(header, "FrameOfReferenceUID")}
    for item in items:
        found.add(values.text(item, "FrameOfReferenceUID"))
        found.add(values.text(item, "ReferencedFrameOfReferenceUID"))
    return found - {""}


def _read(file: HeaderFile, volume: Volume) -> ReadRegions:
    target = TargetVolume(
        grid=volume_grid(volume),
        frame_of_reference_uid=volume.series.frame_of_reference_uid,
        series_instance_uid=volume.series.series_instance_uid,
        sop_instance_uids=tuple(volume.slices.values_list("instance__sop_instance_uid", flat=True)),
    )
    if file.kind == "rtstruct":
        return rtstruct_read.read_rtstruct(file.header, target)
    # The header is the one after the transform: UIDs are those that are stored.
    return seg_read.read_seg(replace(file.load(), header=file.header), target)


def _title(regions: ReadRegions, packs: list[PackedRegions], index: int) -> str:
    """The region's own name where a segmentation has one region, else what the object calls itself."""
    if len(packs[index].regions) == 1:
        (region,) = packs[index].regions.values()
        return region.name
    title = regions.description or regions.label or "Imported regions"
    return f"{title} ({index + 1} of {len(packs)})" if len(packs) > 1 else title


def _version_id(project: Project, file: HeaderFile, index: int) -> uuid.UUID:
    """Fixed by the object and the place of the segmentation in it: two imports make one version."""
    uid = values.text(file.header, "SOPInstanceUID")
    return uuid.uuid5(project.pk, f"{uid}/{index}")


def _known_volume(project: Project, file: HeaderFile) -> Volume | None:
    first = Version.objects.filter(pk=_version_id(project, file, 0))
    version = first.select_related("segmentation__volume__series__study").first()
    return version.segmentation.volume if version else None


def _segmentation(
    file: HeaderFile,
    source: StoredObject,
    volume: Volume,
    title: str,
    index: int,
    pack: PackedRegions,
    imported_by: User | None,
) -> Version:
    version_id = _version_id(volume.series.study.project, file, index)
    known = Version.objects.filter(pk=version_id).select_related("segmentation").first()
    if known is not None:
        return known
    synthetic = says_synthetic(file.header) or volume.series.study.is_synthetic
    kind = _producer_kind(file)
    prepared = prepare_version(
        volume=volume,
        title=plain_text(title, 200),
        labels=pack.labels,
        suv_revision=current_suv_revision(volume),
        producer_kind=kind,
        producer_name=_producer_name(file),
        producer_fingerprint=source.digest,
        producer_parameters=plain_json(_parameters(source, pack)),
        author=imported_by,
        tool="import",
        source=kind,
        is_synthetic=synthetic,
        is_resampled=any(region.resampled for region in pack.regions.values()),
        source_series=source.series,
        lesion_info={label: {"name": plain_text(r.name, 120)} for label, r in pack.regions.items()},
        version_id=version_id,
    )
    try:
        with transaction.atomic():
            version = insert_version(prepared)
            audit(
                actor=imported_by,
                action="segmentation_imported",
                object_type="segmentation",
                object_id=version.segmentation_id,
                new={
                    "volume": str(volume.pk),
                    "series": str(source.series.pk),
                    "title": version.segmentation.title,
                },
            )
            return version
    except IntegrityError:  # another import of the same object was faster
        return Version.objects.select_related("segmentation").get(pk=version_id)


def _producer_kind(file: HeaderFile) -> str:
    is_truth = values.text(file.header, "Manufacturer") == PHANTOM_MANUFACTURER and says_synthetic(
        file.header
    )
    return ProducerKind.REFERENCE if is_truth else ProducerKind.IMPORT


def _producer_name(file: HeaderFile) -> str:
    parts = (values.text(file.header, name) for name in ("Manufacturer", "ManufacturerModelName"))
    return plain_text(" ".join(dict.fromkeys(part for part in parts if part)), 200) or "unknown"


def _parameters(source: StoredObject, pack: PackedRegions) -> dict[str, Any]:
    warnings = {str(label): list(region.warnings) for label, region in pack.regions.items()}
    sites = {str(label): list(region.code) for label, region in pack.regions.items() if region.code}
    return {
        "sop_instance_uid": source.sop_instance_uid,
        "regions": {str(label): region.number for label, region in pack.regions.items()},
        "sites": sites,
        "warnings": {label: texts for label, texts in warnings.items() if texts},
    }


def lesion_reports(version: Version) -> Iterable[dict[str, Any]]:
    """name, volume_ml, suv_max, suv_mean of the lesions of a version, in label order."""
    measures = version.measure_sets.order_by("created_at", "pk")[:1].get()
    for lesion in version.lesions.all():
        one = measures.lesions[str(lesion.label)]
        yield {
            "name": lesion.name,
            "volume_ml": one["volume_ml"],
            "suv_max": one["suv_max"],
            "suv_mean": one["suv_mean"],
        }
