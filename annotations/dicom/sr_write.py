"""Lesion table and patient summary as a structured report (TID 1500) that points into a SEG."""

from collections.abc import Iterator, Sequence
from io import BytesIO

import highdicom as hd
import pydicom
from pydicom.dataset import Dataset

from annotations.dicom.codes import OWN_SCHEME, Code
from annotations.dicom.derived import MANUFACTURER, MODEL_NAME, DerivedInfo, LesionInfo, SourceSeries
from annotations.dicom.seg_write import complete_headers, sr_code
from annotations.errors import InvalidInput
from annotations.imaging.measures import LesionMeasures, PatientSummary

VOLUME = Code("118565006", "SCT", "Volume")
SUVBW = Code("126401", "DCM", "SUVbw")
TLG = Code("126033", "DCM", "Total Lesion Glycolysis")
LESION_COUNT = Code("246206008", "SCT", "Number of lesions")
LOWEST_MEAN = Code("lowest-mean", OWN_SCHEME, "Lowest lesion SUVmean")
MAXIMUM = Code("56851009", "SCT", "Maximum")
MEAN = Code("373098007", "SCT", "Mean")
DEVIATION = Code("386136009", "SCT", "Standard Deviation")
TOTAL = Code("255619001", "SCT", "Total")
PEAK = Code("126031", "DCM", "Peak Value Within ROI")
SUMMED_VOXELS = Code("126030", "DCM", "Sum of segmented voxel method for volume")
MILLILITRE = Code("ml", "UCUM", "ml")
GRAM = Code("g", "UCUM", "g")
SUV_UNIT = Code("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight")
NO_UNIT = Code("1", "UCUM", "no units")
PROCEDURE = Code("44139-4", "LN", "PET whole body")
STATUS = Code("verification", OWN_SCHEME, "Verification status")
UNVERIFIED = Code("unverified", OWN_SCHEME, "Automatic, unverified")
RESEARCH = Code("research", OWN_SCHEME, "Research use only")


def write_sr(
    seg: bytes | None,
    source: SourceSeries,
    lesions: Sequence[LesionInfo],
    measures: Sequence[LesionMeasures],
    summary: PatientSummary,
    info: DerivedInfo,
) -> bytes:
    """A Comprehensive 3D SR. seg: the SEG written for the same lesions, to whose segments the table
    refers; None for a version without lesions, whose report has the summary only. Raises InvalidInput
    when table, lesions and SEG do not go together.
    """
    evidence = [pydicom.dcmread(BytesIO(seg))] if seg is not None else []
    groups = _lesion_groups(evidence, lesions, measures)
    report = hd.sr.MeasurementReport(
        observation_context=_context(info),
        procedure_reported=sr_code(PROCEDURE),
        imaging_measurements=[*groups, _summary_group(summary, info)],
    )
    sr = hd.sr.Comprehensive3DSR(
        evidence=[*evidence, *complete_headers(source)],
        content=report[0],
        series_instance_uid=info.uid("sr/series"),
        series_number=info.series_number,
        sop_instance_uid=info.uid("sr/instance"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
        series_description=info.series_description(),
    )
    _stamp(sr, info)
    buffer = BytesIO()
    sr.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _lesion_groups(
    evidence: Sequence[Dataset], lesions: Sequence[LesionInfo], measures: Sequence[LesionMeasures]
) -> list[hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations]:
    segments = {str(s.TrackingID): int(s.SegmentNumber) for seg in evidence for s in seg.SegmentSequence}
    rows = {row.label: row for row in measures}
    missing = [x.label for x in lesions if f"Label {x.label}" not in segments or x.label not in rows]
    if missing or len(rows) != len(lesions) or len(segments) != len(lesions):
        raise InvalidInput("The table, the lesion list and the SEG do not go together.", labels=missing)
    return [_lesion_group(x, rows[x.label], evidence[0], segments[f"Label {x.label}"]) for x in lesions]


def _context(info: DerivedInfo) -> hd.sr.ObservationContext:
    device = hd.sr.ObserverContext(
        observer_type=hd.sr.CodedConcept("121007", "DCM", "Device"),
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=info.uid("device"),
            name=info.producer.name,
            manufacturer_name=MANUFACTURER,
            model_name=MODEL_NAME,
        ),
    )
    person = None
    if info.producer.kind != "automatic":
        person = hd.sr.ObserverContext(
            observer_type=hd.sr.CodedConcept("121006", "DCM", "Person"),
            observer_identifying_attributes=hd.sr.PersonObserverIdentifyingAttributes(
                name=f"{info.producer.name}^"
            ),
        )
    return hd.sr.ObservationContext(observer_person_context=person, observer_device_context=device)


def _lesion_group(
    lesion: LesionInfo, row: LesionMeasures, segmentation: Dataset, number: int
) -> hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations:
    segment = segmentation.SegmentSequence[number - 1]
    sites = []
    if lesion.site:
        side = sr_code(lesion.laterality) if lesion.laterality else None
        sites = [hd.sr.FindingSite(anatomic_location=sr_code(lesion.site), laterality=side)]
    return hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(
            uid=str(segment.TrackingUID), identifier=f"Label {lesion.label}: {lesion.title}"
        ),
        referenced_segment=hd.sr.ReferencedSegment.from_segmentation(segmentation, number),
        finding_type=sr_code(lesion.finding.code),
        finding_category=sr_code(lesion.finding.category),
        finding_sites=sites or None,
        measurements=list(_lesion_measurements(row)),
    )


def _lesion_measurements(row: LesionMeasures) -> Iterator[hd.sr.Measurement]:
    yield _measurement(VOLUME, row.volume_ml, MILLILITRE, method=SUMMED_VOXELS)
    suvs = ((row.suv_max, MAXIMUM), (row.suv_mean, MEAN), (row.suv_sd, DEVIATION))
    for value, derivation in suvs:
        if value is not None:
            yield _measurement(SUVBW, value, SUV_UNIT, derivation=derivation)
    if row.suv_peak_global is not None:
        yield _measurement(SUVBW, row.suv_peak_global, SUV_UNIT, derivation=PEAK)
    if row.tlg is not None:
        yield _measurement(TLG, row.tlg, GRAM)


def _summary_group(summary: PatientSummary, info: DerivedInfo) -> hd.sr.MeasurementsAndQualitativeEvaluations:
    rows = [
        _measurement(VOLUME, summary.ttv_ml, MILLILITRE, derivation=TOTAL),
        _measurement(LESION_COUNT, float(summary.lesion_count), NO_UNIT),
    ]
    if summary.lowest_suv_mean is not None:
        rows.append(_measurement(LOWEST_MEAN, summary.lowest_suv_mean, SUV_UNIT))
    if summary.suv_max is not None:
        rows.append(_measurement(SUVBW, summary.suv_max, SUV_UNIT, derivation=MAXIMUM))
    if summary.tlg is not None:
        rows.append(_measurement(TLG, summary.tlg, GRAM, derivation=TOTAL))
    marks = [RESEARCH, *([UNVERIFIED] if info.unverified else [])]
    return hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(
            uid=info.uid("sr/summary"), identifier="Patient summary"
        ),
        measurements=rows,
        qualitative_evaluations=[
            hd.sr.QualitativeEvaluation(name=sr_code(STATUS), value=sr_code(mark)) for mark in marks
        ],
    )


def _measurement(
    name: Code, value: float, unit: Code, *, derivation: Code | None = None, method: Code | None = None
) -> hd.sr.Measurement:
    return hd.sr.Measurement(
        name=sr_code(name),
        value=round(value, 6),
        unit=sr_code(unit),
        derivation=sr_code(derivation) if derivation else None,
        method=sr_code(method) if method else None,
    )


def _stamp(sr: Dataset, info: DerivedInfo) -> None:
    sr.SpecificCharacterSet = "ISO_IR 192"
    for prefix in ("Content", "Series", "InstanceCreation"):
        setattr(sr, f"{prefix}Date", info.created.strftime("%Y%m%d"))
        setattr(sr, f"{prefix}Time", info.created.strftime("%H%M%S"))
    sr.SoftwareVersions = info.software_version
    for one in sr.get("ContributingEquipmentSequence", ()):  # highdicom names itself, at its time of writing
        one.ContributionDateTime = info.created.strftime("%Y%m%d%H%M%S.%f")
