"""Submitted versions as an nnU-Net v2 data set: imagesTr, labelsTr, dataset.json, splits_final.json.

One label map a case: the adjudicated version where there is one; else, where several readers submitted it,
the voxels that more than half of them marked (a tie is not tumour). Patients never stand on both sides of a
split, whatever number of scans they have.
"""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import SimpleITK as sitk

from annotations.audit.models import AuditRecord
from annotations.dicom.nifti_write import to_image, write_nifti
from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData, seed_of
from annotations.exports.version_package import submitted_rows
from annotations.exports.voxels import load_labels, load_values
from annotations.imaging.consensus import majority
from annotations.imaging.volume import FloatArray, LabelArray
from annotations.reads.models import Case, CaseRole
from annotations.segmentations.models import Version
from annotations.studies.models import Volume
from annotations.studies.selectors import volume_grid

FOLDER = "nnunet/Dataset001_PETReview"
FOLDS = 5
AIR_HU = -1024.0
LABEL_RULE = (
    "the adjudicated version where there is one; else the submitted version, "
    "of several readers the voxels more than half of them marked"
)
Put = Callable[[str, bytes], None]
Progress = Callable[[str, int, int], None]


def write_dataset(data: StudyData, put: Put, progress: Progress) -> None:
    """Cases of the main part with a valid SUV; CT is the second channel when every case has one."""
    by_case = _reads_by_case(data)
    cases = [case for case in by_case if case.suv_revision and case.suv_revision.factor is not None]
    adjudicated = _adjudicated(cases)
    with_ct = bool(cases) and all(case.ct_volume for case in cases)
    for number, case in enumerate(cases):
        progress("writing the training data set", number, len(cases))
        _write_case(case, _label_versions(case, by_case[case], adjudicated), with_ct, put)
    names = [case_name(case) for case in cases]
    put(f"{FOLDER}/dataset.json", _json(_dataset_json(data, names, with_ct)))
    patients = {case_name(case): str(case.volume.series.study.patient_id) for case in cases}
    put(f"{FOLDER}/splits_final.json", _json(make_splits(patients, str(seed_of(data.plan)))))
    sources = {case_name(case): _sources(case, by_case[case], adjudicated.get(case)) for case in cases}
    put(f"{FOLDER}/sources.json", _json(sources))


def case_name(case: Case) -> str:
    return f"case_{case.number:03d}"


def make_splits(patients: dict[str, str], seed: str) -> list[dict[str, list[str]]]:
    """Folds over patients. patients: case name to patient; the same seed and patients give the same folds.

    Of fewer than two patients there is no fold: nothing could be held out.
    """
    order = sorted(set(patients.values()), key=lambda one: min(n for n, p in patients.items() if p == one))
    random.Random(seed).shuffle(order)
    count = min(FOLDS, len(order))
    if count < 2:
        return []
    folds = []
    for number in range(count):
        held_out = set(order[number::count])
        folds.append(
            {
                "train": sorted(name for name, one in patients.items() if one not in held_out),
                "val": sorted(name for name, one in patients.items() if one in held_out),
            }
        )
    return folds


def joined_labels(labels: Sequence[LabelArray], volume: Volume) -> LabelArray:
    """uint16 [z, y, x], 1 is tumour."""
    mask = labels[0] != 0 if len(labels) == 1 else majority(labels, volume_grid(volume))
    return np.asarray(mask, dtype=np.uint16)


def ct_on_pet(ct: Volume, pet: Volume) -> FloatArray:
    """float32 HU on the PET's grid, linear; air outside the CT."""
    grid = volume_grid(pet)
    target = to_image(np.zeros(grid.shape_zyx, dtype=np.float32), grid)
    same: Any = sitk.Transform()  # type: ignore[no-untyped-call]
    moved = sitk.Resample(to_image(load_values(ct), volume_grid(ct)), target, same, sitk.sitkLinear, AIR_HU)
    values: FloatArray = sitk.GetArrayFromImage(moved)
    return values


def _reads_by_case(data: StudyData) -> dict[Case, list[Row]]:
    rows = [row for row in submitted_rows(data) if row.is_record and row.assignment.role == CaseRole.MAIN]
    related = data.study.cases.select_related(
        "suv_revision", "reference", "volume__series__study", "ct_volume__series"
    )
    cases = related.filter(pk__in={row.assignment.case_id for row in rows}).order_by("number")
    return {case: [row for row in rows if row.assignment.case_id == case.pk] for case in cases}


def _adjudicated(cases: Sequence[Case]) -> dict[Case, str]:
    """Case to method, of the cases whose reference was adjudicated: one that the plan brought is no label."""
    records = AuditRecord.objects.filter(action="case_adjudicated", object_type="case")
    named = records.filter(object_id__in=[str(case.pk) for case in cases]).values_list(
        "object_id", "new__method"
    )
    methods = dict(named)
    return {case: methods[str(case.pk)] for case in cases if str(case.pk) in methods}


def _label_versions(case: Case, rows: list[Row], adjudicated: dict[Case, str]) -> list[Version]:
    if case in adjudicated and case.reference:
        return [case.reference]
    return [row.final for row in rows if row.final]


def _write_case(case: Case, versions: list[Version], with_ct: bool, put: Put) -> None:
    pet, grid = case.volume, volume_grid(case.volume)
    assert case.suv_revision is not None
    assert case.suv_revision.factor is not None
    suv = load_values(pet, case.suv_revision.factor)
    put(f"{FOLDER}/imagesTr/{case_name(case)}_0000.nii.gz", write_nifti(suv, grid))
    if with_ct and case.ct_volume:
        ct = ct_on_pet(case.ct_volume, pet)
        put(f"{FOLDER}/imagesTr/{case_name(case)}_0001.nii.gz", write_nifti(ct, grid))
    labels = joined_labels([load_labels(version, pet) for version in versions], pet)
    put(f"{FOLDER}/labelsTr/{case_name(case)}.nii.gz", write_nifti(labels, grid))


def _dataset_json(data: StudyData, names: list[str], with_ct: bool) -> dict[str, Any]:
    channels = {"0": "SUV", "1": "CT"} if with_ct else {"0": "SUV"}
    return {
        "channel_names": channels,
        "labels": {"background": 0, "tumour": 1},
        "numTraining": len(names),
        "file_ending": ".nii.gz",
        "name": data.study.name,
        "description": "Final versions of submitted reads. Research use only.",
        "is_synthetic": data.study.is_synthetic,
        "label_rule": LABEL_RULE,
        "split_rule": "by patient",
    }


def _sources(case: Case, rows: list[Row], method: str | None) -> dict[str, Any]:
    return {
        "pseudonym": case.volume.series.study.patient.pseudonym,
        "versions": [
            {"reader": row.reader, "version_digest": row.final.version_digest} for row in rows if row.final
        ],
        "adjudicated": {"method": method, "version_digest": case.reference.version_digest}
        if method and case.reference
        else None,
    }


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, sort_keys=False) + "\n").encode()
