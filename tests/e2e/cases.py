"""Phantoms as scanners might send them: without CT, with half a CT, without SUV, two slices, tilted."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid

from tests.e2e.app import App

SEED = 9011
Change = Callable[[pydicom.Dataset], None]

PLAN = """
from annotations.models import Project, User
from annotations.reads.services import create_reader_study, lock_plan, routine_design
by = User.objects.get(username="coordinator")
project = Project.objects.get(name="{project}")
studies = sorted(project.studies.all(), key=lambda one: one.patient.pseudonym)
design = routine_design(studies=studies, readers=[User.objects.get(username="reader")], start="empty", seed=1)
design["ask_site"] = {ask_site}
study = create_reader_study(by=by, project=project, name="{project}", design=design)
lock_plan(plan=study.plans.get(), by=by, password="demo-coordinator", meaning="test")
for one in study.plans.get().assignments.select_related("case__volume__series__study__patient"):
    print("CASE", one.case.volume.series.study.study_instance_uid, one.pk)
"""


def make_phantom(app: App, folder: Path) -> Path:
    app.manage("make_phantom", "--seed", str(SEED), "--out", str(folder))
    return folder


def variant(
    phantom: Path, folder: Path, name: str, *, pt: slice = slice(None), ct: slice | None = slice(None),
    change_pt: Change | None = None, change_ct: Change | None = None,
) -> Path:  # fmt: skip
    """A patient and a study of its own made from the phantom's files; ct=None leaves the CT out."""
    study = study_uid(name)
    for modality, part, change in (("PT", pt, change_pt), ("CT", ct, change_ct)):
        if part is None:
            continue
        target = folder / name / modality
        target.mkdir(parents=True)
        for path in _by_position(phantom / modality)[part]:
            dataset = pydicom.dcmread(path)
            dataset.PatientID = dataset.PatientName = name
            dataset.StudyInstanceUID = study
            dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[name, modality])
            dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=[name, "frame"])
            dataset.SOPInstanceUID = generate_uid(entropy_srcs=[name, modality, path.name])
            dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
            if change is not None:
                change(dataset)
            dataset.save_as(target / path.name)
    return folder / name


def study_uid(name: str) -> str:
    return str(generate_uid(entropy_srcs=[name, "study"]))


def other_frame(dataset: pydicom.Dataset) -> None:
    dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=["another frame"])


def without_weight(dataset: pydicom.Dataset) -> None:
    """No SUV by body weight can be computed."""
    del dataset.PatientWeight


def tilted(dataset: pydicom.Dataset) -> None:
    """The gantry's frame turned by 12 degrees about the patient's left-right axis."""
    angle = math.radians(12)
    turn = ((1, 0, 0), (0, math.cos(angle), -math.sin(angle)), (0, math.sin(angle), math.cos(angle)))

    def turned(vector: Iterable[float]) -> list[float]:
        given = [float(value) for value in vector]
        return [round(sum(a * b for a, b in zip(row, given, strict=True)), 6) for row in turn]

    rows = dataset.ImageOrientationPatient
    dataset.ImageOrientationPatient = turned(rows[:3]) + turned(rows[3:])
    dataset.ImagePositionPatient = turned(dataset.ImagePositionPatient)


def import_cases(app: App, folders: Iterable[Path], project: str) -> None:
    app.manage("import_dicom", *[str(folder) for folder in folders], "--project", project, timeout=600)


def lock_study(app: App, project: str, *, ask_site: bool = False) -> dict[str, str]:
    """Assignment by the UID of the study, in a locked plan whose reads start empty."""
    said = app.manage("shell", "-c", PLAN.format(project=project, ask_site=ask_site))
    rows = [line.split() for line in said.splitlines() if line.startswith("CASE ")]
    return {study: assignment for _, study, assignment in rows}


def _by_position(folder: Path) -> list[Path]:
    def height(path: Path) -> float:
        dataset = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["ImagePositionPatient"])
        return float(dataset.ImagePositionPatient[2])

    return sorted(folder.iterdir(), key=height)
