"""The demo: synthetic phantoms imported through the real import, and two reader studies over them.

Everything is made by the same services a department would use; only the data are computer-made and say so.
"""

import tempfile
from pathlib import Path

from django.conf import settings

from annotations.accounts.demo import DEMO_ACCOUNTS, ensure_demo_accounts
from annotations.accounts.models import User
from annotations.dicom.phantom_folder import write_phantom_folder
from annotations.imaging.phantom import make_phantom
from annotations.reads.models import Arm, ReaderStudy
from annotations.reads.services import create_reader_study, lock_plan, routine_design
from annotations.studies.models import ImportRun, Project, Study
from annotations.studies.services import claim_import, create_import_run, ensure_project
from inference.jobs.services import request_job
from inference.releases.models import ModelRelease
from inference.releases.services import register_release
from petreview.pipeline import run_import

PROJECT = "Demo (synthetic phantoms)"
FROM_SCRATCH = "Demo: from an empty start"
AI_REVIEW = "Demo: review of the AI result"
RELEASE_FOLDER = settings.BASE_DIR / "inference" / "demo_model"
RELEASE_NAME = "demo-phantom-64cu"
# Seeds the demo model was not trained on (MODEL_CARD.md beside it); the last is a negative control.
FIRST_CASE = (9001, False)
OTHER_CASES = ((9002, False), (9003, True))


def prepare_first_case() -> None:
    """Accounts, the demo release, one phantom that can be read at once, and its AI job."""
    ensure_demo_accounts()
    project = _demo_project()
    study = _ensure_phantom(project, *FIRST_CASE)
    request_job(study=study, release=_demo_release(), requested_by=_account("manager"))
    _ensure_reader_study(project, FROM_SCRATCH, [study], Arm.Start.EMPTY, None)


def prepare_other_cases() -> None:
    """The other phantoms, their AI jobs, and the reader study that starts from the AI results."""
    project, release = _demo_project(), _demo_release()
    first = Study.objects.get(series__volumes__cases__reader_study__name=FROM_SCRATCH)
    studies = [first, *(_ensure_phantom(project, *case) for case in OTHER_CASES)]
    for study in studies[1:]:
        request_job(study=study, release=release, requested_by=_account("manager"))
    _ensure_reader_study(project, AI_REVIEW, studies, Arm.Start.AI, release)


def is_first_case_there() -> bool:
    return ReaderStudy.objects.filter(name=FROM_SCRATCH).exists()


def is_complete() -> bool:
    return ReaderStudy.objects.filter(name=AI_REVIEW).exists()


def _account(username: str) -> User:
    return User.objects.get(username=username)


def _demo_project() -> Project:
    project = ensure_project(name=PROJECT)
    project.data_managers.add(_account("manager"))
    return project


def _demo_release() -> ModelRelease:
    return register_release(name=RELEASE_NAME, folder=RELEASE_FOLDER, registered_by=_account("admin"))


def _ensure_phantom(project: Project, seed: int, negative: bool) -> Study:
    """Write the phantom as DICOM and import it; the same phantom again is the same study."""
    with tempfile.TemporaryDirectory(prefix="petreview-demo-") as folder:
        write_phantom_folder(make_phantom(seed, "small", negative), Path(folder))
        progress = claim_import(run=create_import_run(project=project, started_by=_account("manager")))
        assert progress is not None  # nobody else knows of this run
        # The truth stays out: readers of the demo must not find the answer among the segmentations.
        run = run_import([Path(folder) / "PT", Path(folder) / "CT"], progress=progress)
    if run.state != ImportRun.State.DONE:
        raise RuntimeError(f"the demo phantom {seed} was not imported: {run.error_message} {run.report}")
    uid = run.report["studies"][0]["study_instance_uid"]
    return Study.objects.get(project=project, study_instance_uid=uid)


def _ensure_reader_study(
    project: Project, name: str, studies: list[Study], start: Arm.Start, release: ModelRelease | None
) -> None:
    if ReaderStudy.objects.filter(project=project, name=name).exists():
        return
    coordinator = _account("coordinator")
    reader_study = create_reader_study(
        by=coordinator,
        project=project,
        name=name,
        design=routine_design(
            studies=studies,
            readers=[_account("reader")],
            start=start.value,
            release_name=release.name if release else "",
            release_fingerprint=release.fingerprint if release else "",
            seed=1,
        ),
    )
    password = next(account.password for account in DEMO_ACCOUNTS if account.username == "coordinator")
    meaning = "Demo plan on synthetic phantoms"
    lock_plan(plan=reader_study.plans.get(), by=coordinator, password=password, meaning=meaning)
