"""One version as DICOM RTSTRUCT, SEG or SR, or as NIfTI, with its marks: research, unverified, synthetic."""

from typing import Literal, NamedTuple

from annotations.dicom.codes import finding_class, parse_site
from annotations.dicom.derived import (
    RESEARCH_MARK,
    UNVERIFIED_MARK,
    DerivedInfo,
    LesionInfo,
    Producer,
    ProducerKind,
    SourceSeries,
)
from annotations.dicom.enhanced import flatten_frames
from annotations.dicom.nifti_write import write_nifti
from annotations.dicom.part10 import parse_part10
from annotations.dicom.rtstruct_write import write_rtstruct
from annotations.dicom.seg_write import write_seg
from annotations.dicom.sr_write import write_sr
from annotations.imaging.measures import summarise
from annotations.reads.models import Read
from annotations.segmentations import models
from annotations.segmentations.measures import load_measures
from annotations.segmentations.models import Lesion, Version
from annotations.segmentations.selectors import current_measures, is_automatic
from annotations.segmentations.voxels import read_labels
from annotations.store.services import read_blob
from annotations.studies.models import Volume
from annotations.studies.selectors import volume_grid
from annotations.version import VERSION

Format = Literal["rtstruct", "seg", "nifti", "sr"]
FORMATS: tuple[Format, ...] = ("rtstruct", "seg", "nifti", "sr")
SYNTHETIC_MARK = "SYNTHETIC"


class ExportedFile(NamedTuple):
    name: str
    media_type: str
    content: bytes


def export_version(version: Version, form: Format) -> ExportedFile:
    """The same version gives the same object: its UIDs and times come from the version, not from now.

    Raises InvalidInput (an empty version has no SEG) and whatever the writers refuse.
    """
    labels = read_labels(version)
    info = derived_info(version, form)
    stem = f"{'synthetic-' if version.segmentation.is_synthetic else ''}version-{version.pk}"
    if form == "nifti":
        content = write_nifti(labels, volume_grid(version.segmentation.volume), nifti_description(version))
        return ExportedFile(f"{stem}.nii.gz", "application/gzip", content)
    source = source_series(version.segmentation.volume)
    lesions = [lesion_info(one) for one in live_lesions(version)]
    if form == "sr":
        content = _report(version, source, lesions, info)
    else:
        content = (write_rtstruct if form == "rtstruct" else write_seg)(labels, source, lesions, info)
    return ExportedFile(f"{stem}-{form}.dcm", "application/dicom", content)


def _report(version: Version, source: SourceSeries, lesions: list[LesionInfo], info: DerivedInfo) -> bytes:
    """The table of the newest measures; its segments are those of the SEG of the same version."""
    measures = current_measures(version)
    measured = load_measures(measures, frozenset(lesion.label for lesion in lesions))
    rows = [measured.lesions[label] for label in sorted(measured.live)]
    seg = export_version(version, "seg").content if lesions else None
    return write_sr(seg, source, lesions, rows, summarise(rows), info)


def live_lesions(version: Version) -> list[Lesion]:
    """Uses what was prefetched."""
    return [one for one in version.lesions.all() if one.status != Lesion.Status.DELETED]


def is_reviewed(version: Version) -> bool:
    """Whether a reader has submitted exactly this version."""
    return Read.objects.filter(state=Read.State.SUBMITTED, final_version=version).exists()


def is_unverified(version: Version) -> bool:
    """An automatic result, or one that a reader has begun to review and not submitted."""
    if is_automatic(version):
        return True
    from_machine = Read.objects.filter(
        segmentation=version.segmentation_id,
        start_version__producer_kind__in=[
            models.ProducerKind.MODEL,
            models.ProducerKind.SEMI_AUTOMATIC,
        ],
    )
    return from_machine.exists() and not is_reviewed(version)


def derived_info(version: Version, form: Format) -> DerivedInfo:
    synthetic = f"{SYNTHETIC_MARK} " if version.segmentation.is_synthetic else ""
    return DerivedInfo(
        producer=Producer(producer_kind(version), version.producer_name, version.producer_fingerprint[:12]),
        created=version.created_at,
        software_version=VERSION,
        description=f"{synthetic}Lesions",
        unverified=is_unverified(version),
        identity=f"{version.version_digest}/{form}",
    )


def nifti_description(version: Version) -> str:
    marks = [RESEARCH_MARK]
    marks += [UNVERIFIED_MARK] if is_unverified(version) else []
    marks += [SYNTHETIC_MARK] if version.segmentation.is_synthetic else []
    return ", ".join(marks)


def producer_kind(version: Version) -> ProducerKind:
    """A version that a reader corrected is semi-automatic as long as a lesion of a machine is in it."""
    if version.producer_kind == models.ProducerKind.MODEL:
        return "automatic"
    machines = {models.ProducerKind.MODEL, models.ProducerKind.SEMI_AUTOMATIC}
    live = [one.source for one in version.lesions.all() if one.status != Lesion.Status.DELETED]
    return "semi-automatic" if machines & {version.producer_kind, *live} else "manual"


def lesion_info(lesion: Lesion) -> LesionInfo:
    site, side = parse_site(lesion.site) if lesion.site else (None, None)
    return LesionInfo(
        label=lesion.label,
        name=lesion.name or f"Lesion {lesion.label}",
        site=site,
        laterality=side,
        finding=finding_class(lesion.physiological_class),
    )


def source_series(volume: Volume) -> SourceSeries:
    """The PET's stored headers, one for each slice in slice order."""
    slices = list(volume.slices.select_related("instance__blob").order_by("position"))
    headers = {}
    for one in slices:
        if one.instance_id not in headers:
            header = parse_part10(read_blob(one.instance.blob)).header
            headers[one.instance_id] = flatten_frames(header) if "NumberOfFrames" in header else [header]
    frames = [one.frame + 1 for one in slices]
    multi_frame = any(len(found) > 1 for found in headers.values())
    return SourceSeries(
        grid=volume_grid(volume),
        headers=[headers[one.instance_id][one.frame] for one in slices],
        frame_numbers=tuple(frames) if multi_frame else None,
    )
