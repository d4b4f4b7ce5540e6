"""Label map to DICOM SEG with highdicom: BINARY by default (every peer reads it), LABELMAP on request."""

from collections.abc import Sequence
from io import BytesIO
from typing import Literal

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code as SrCode
from pydicom.uid import ExplicitVRLittleEndian

from annotations.dicom import values
from annotations.dicom.codes import (
    ARTIFICIAL_INTELLIGENCE,
    NEIGHBOURHOOD_ANALYSIS,
    Code,
)
from annotations.dicom.derived import (
    MANUFACTURER,
    MODEL_NAME,
    DerivedInfo,
    LesionInfo,
    SourceSeries,
    check_labels,
)
from annotations.errors import InvalidInput
from annotations.imaging.volume import LabelArray

SegKind = Literal["BINARY", "LABELMAP"]
TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("AccessionNumber", "StudyID", "ReferringPhysicianName"),
)
ALGORITHM = {"automatic": "AUTOMATIC", "semi-automatic": "SEMIAUTOMATIC", "manual": "MANUAL"}


def write_seg(
    labels: LabelArray,
    source: SourceSeries,
    lesions: Sequence[LesionInfo],
    info: DerivedInfo,
    kind: SegKind = "BINARY",
) -> bytes:
    """A DICOM file with one segment for each lesion. Segments are numbered 1, 2, ...; a lesion's label
    stands in its tracking ID ("Label 7"). Raises GridMismatch or InvalidInput (an empty label map has no
    SEG: the standard wants at least one segment).
    """
    check_labels(labels, source, lesions)
    if not lesions:
        raise InvalidInput("A version without lesions cannot be written as a DICOM SEG.")
    segments = [_describe(number, lesion, info) for number, lesion in enumerate(lesions, start=1)]
    seg = hd.seg.Segmentation(
        source_images=complete_headers(source),
        pixel_array=_in_frame_order(_renumber(labels, lesions), source),
        segmentation_type=kind,
        segment_descriptions=segments,
        series_instance_uid=info.uid(f"seg-{kind}/series"),
        series_number=info.series_number,
        sop_instance_uid=info.uid(f"seg-{kind}/instance"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL_NAME,
        software_versions=info.software_version,
        device_serial_number="1",
        content_description=info.series_description(),
        content_creator_name=None,
        content_label="LESIONS",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        series_description=info.series_description(),
    )
    _finish(seg, source, info)
    buffer = BytesIO()
    seg.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _renumber(labels: LabelArray, lesions: Sequence[LesionInfo]) -> LabelArray:
    """Labels to segment numbers 1..n in the order of `lesions`."""
    table = np.zeros(max(lesion.label for lesion in lesions) + 1, np.uint16)
    for number, lesion in enumerate(lesions, start=1):
        table[lesion.label] = number
    renumbered: LabelArray = table[labels]
    return renumbered


def complete_headers(source: SourceSeries) -> list[Dataset]:
    """The headers as highdicom wants them: one for each slice, or the one multi-frame object."""
    if source.multi_frame is not None:
        return [_complete(source.multi_frame)]
    return [_complete(header) for header in source.headers]


def _in_frame_order(pixels: LabelArray, source: SourceSeries) -> LabelArray:
    """Slices to the order of the source's frames, in which highdicom takes them."""
    if source.frame_numbers is None:
        return pixels
    order = np.argsort(source.frame_numbers)
    if [source.frame_numbers[z] for z in order] != list(range(1, len(order) + 1)):
        raise InvalidInput("A SEG of one of several volumes in a multi-frame object is not written.")
    ordered: LabelArray = pixels[order]
    return ordered


def _complete(header: Dataset) -> Dataset:
    """highdicom insists on type 2 attributes that some archives drop: absent becomes empty. A name without
    parts gets the caret that says it is one on purpose.
    """
    copy = Dataset()
    copy.update(header)
    for keyword in TYPE_2:
        if keyword not in copy:
            setattr(copy, keyword, None)
    name = values.text(header, "PatientName")
    if name and "^" not in name:
        copy.PatientName = f"{name}^"
    return copy


def _describe(number: int, lesion: LesionInfo, info: DerivedInfo) -> hd.seg.SegmentDescription:
    description = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=lesion.title,
        segmented_property_category=sr_code(lesion.finding.category),
        segmented_property_type=sr_code(lesion.finding.code),
        algorithm_type=ALGORITHM[info.producer.kind],
        algorithm_identification=_algorithm(info),
        tracking_uid=info.uid(f"lesion/{lesion.label}"),
        tracking_id=f"Label {lesion.label}",
        anatomic_regions=[sr_code(lesion.site)] if lesion.site else None,
        display_color=hd.color.CIELabColor.from_rgb(*lesion.rgb),
    )
    if lesion.site and lesion.laterality:
        side = hd.sr.CodedConcept.from_code(sr_code(lesion.laterality))
        description.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [side]
    return description


def _algorithm(info: DerivedInfo) -> hd.AlgorithmIdentificationSequence | None:
    if info.producer.kind == "manual":
        return None
    family = ARTIFICIAL_INTELLIGENCE if info.producer.kind == "automatic" else NEIGHBOURHOOD_ANALYSIS
    return hd.AlgorithmIdentificationSequence(
        name=info.producer.name, family=sr_code(family), version=info.producer.version or "not stated"
    )


def sr_code(code: Code) -> SrCode:
    return SrCode(code.value, code.scheme, code.meaning)


def _finish(seg: Dataset, source: SourceSeries, info: DerivedInfo) -> None:
    seg.SpecificCharacterSet = "ISO_IR 192"
    stamp = info.created
    # highdicom draws this UID at random and takes the time of now; the same content is the same object.
    for item in (*seg.DimensionOrganizationSequence, *seg.DimensionIndexSequence):
        item.DimensionOrganizationUID = info.uid("seg/dimensions")
    for item in seg.get("ContributingEquipmentSequence") or ():
        item.ContributionDateTime = stamp.strftime("%Y%m%d%H%M%S")
    for prefix in ("Content", "Series", "InstanceCreation"):
        setattr(seg, f"{prefix}Date", stamp.strftime("%Y%m%d"))
        setattr(seg, f"{prefix}Time", stamp.strftime("%H%M%S"))
    description = values.text(source.headers[0], "StudyDescription")
    if description:
        seg.StudyDescription = description
