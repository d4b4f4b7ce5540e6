"""A phantom as files: PT and CT series, true mask as DICOM SEG and NIfTI, true values as JSON."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from annotations.dicom.nifti_write import write_nifti
from annotations.dicom.write_series import (
    CU64_HALF_LIFE_S,
    MANUFACTURER,
    NOTICE,
    SyntheticStudy,
    write_ct_series,
    write_pet_series,
)
from annotations.imaging.phantom import Phantom

EPOCH = datetime(2020, 1, 1, 8, 0, 0)
KEY_VERSION = 1


def synthetic_study(phantom: Phantom) -> SyntheticStudy:
    """Patient, times and dose of a phantom: about 200 MBq, scanned about 60 min later; seed decides."""
    random = np.random.default_rng([phantom.seed, 7])
    injected = EPOCH + timedelta(days=phantom.seed % 1400, minutes=int(random.integers(0, 300)))
    control = "N" if phantom.negative else ""
    return SyntheticStudy(
        key=f"phantom v{KEY_VERSION} {phantom.seed} {phantom.size} {phantom.negative}",
        patient_id=f"SYNTHETIC-{phantom.seed:05d}{control}",
        sex=phantom.person.sex,
        age_years=phantom.person.age_years,
        weight_kg=phantom.person.weight_kg,
        height_m=phantom.person.height_m,
        dose_bq=float(round(random.uniform(185e6, 215e6), -4)),
        injected=injected,
        scanned=injected + timedelta(seconds=int(random.integers(52 * 60, 72 * 60))),
    )


def write_phantom_folder(phantom: Phantom, folder: Path) -> dict[str, Any]:
    """Write `folder`/PT, CT, truth.seg.dcm, truth.nii.gz, truth.json; returns what truth.json holds.

    A negative control has no SEG (DICOM knows no segmentation without segments); its NIfTI is all 0.
    The same phantom gives the same bytes. An existing folder is written over file by file.
    """
    study = synthetic_study(phantom)
    pet_paths = write_pet_series(folder / "PT", phantom.pet_suv, phantom.pet_grid, study)
    write_ct_series(folder / "CT", phantom.ct_hu, phantom.ct_grid, study)
    if phantom.lesions:
        _write_segmentation(folder / "truth.seg.dcm", phantom, study, pet_paths)
    (folder / "truth.nii.gz").write_bytes(write_nifti(phantom.truth, phantom.pet_grid, NOTICE))
    truth = describe_truth(phantom, study)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, sort_keys=True) + "\n")
    return truth


def describe_truth(phantom: Phantom, study: SyntheticStudy) -> dict[str, Any]:
    """True values as JSON: patient totals, each lesion, and how SUV is reached."""
    lesions = [asdict(lesion) for lesion in phantom.lesions]
    volumes = [lesion.volume_ml for lesion in phantom.lesions]
    return {
        "notice": NOTICE,
        "seed": phantom.seed,
        "size": phantom.size,
        "negative": phantom.negative,
        "study_instance_uid": study.uid("study"),
        "pet_series_instance_uid": study.uid("PET", "series"),
        "ct_series_instance_uid": study.uid("CT", "series"),
        "frame_of_reference_uid": study.uid("frame of reference"),
        "patient_id": study.patient_id,
        "suv_factor": study.suv_factor,
        "half_life_s": CU64_HALF_LIFE_S,
        "pet_grid": phantom.pet_grid.to_json(),
        "ct_grid": phantom.ct_grid.to_json(),
        "suv_max": float(phantom.pet_suv.max()),
        "lesion_count": len(lesions),
        "total_tumour_volume_ml": float(sum(volumes)),
        "lowest_lesion_suv_mean": min((lesion.suv_mean for lesion in phantom.lesions), default=None),
        "lesions": lesions,
    }


def _write_segmentation(path: Path, phantom: Phantom, study: SyntheticStudy, pet_paths: list[Path]) -> None:
    sources = [dcmread(p) for p in pet_paths]
    # Sources run from the head down, the array from the feet up.
    mask = np.ascontiguousarray(phantom.truth[::-1])
    segmentation = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=mask,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_describe(lesion.label, lesion.site, study) for lesion in phantom.lesions],
        series_instance_uid=study.uid("SEG", "series"),
        series_number=3,
        sop_instance_uid=study.uid("SEG", "instance"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="phantom",
        software_versions="1",
        device_serial_number="synthetic",
        series_description="SYNTHETIC PHANTOM TRUTH",
        content_description=NOTICE,
        content_label="TRUTH",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        omit_empty_frames=True,
    )
    _fix_times_and_uids(segmentation, study)
    segmentation.save_as(path)


def _describe(label: int, site: str, study: SyntheticStudy) -> hd.seg.SegmentDescription:
    return hd.seg.SegmentDescription(
        segment_number=label,
        segment_label=f"Lesion {label} ({site}, synthetic)",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name="phantom truth", family=codes.DCM.ArtificialIntelligence, version="1"
        ),
        tracking_uid=study.uid("tracking", label),
        tracking_id=f"lesion {label}",
    )


def _fix_times_and_uids(segmentation: hd.seg.Segmentation, study: SyntheticStudy) -> None:
    """highdicom writes the present time and a random dimension UID: both follow from the seed here."""
    date, time = study.scanned.strftime("%Y%m%d"), study.scanned.strftime("%H%M%S")
    for keyword in ("InstanceCreation", "Content", "Series", "Acquisition"):
        if hasattr(segmentation, f"{keyword}Date"):
            setattr(segmentation, f"{keyword}Date", date)
        if hasattr(segmentation, f"{keyword}Time"):
            setattr(segmentation, f"{keyword}Time", time)
    for item in segmentation.get("ContributingEquipmentSequence", []):
        item.ContributionDateTime = date + time
    uid = study.uid("SEG", "dimensions")
    items: list[Dataset] = [
        *segmentation.DimensionOrganizationSequence,
        *segmentation.DimensionIndexSequence,
    ]
    for item in items:
        item.DimensionOrganizationUID = uid
