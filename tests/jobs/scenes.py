"""Rows for tests of jobs: a study with PET, SUV and CT, and a release."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.db.models.functions import Now

from annotations.models import Study
from inference.jobs.services import Claim, claim_job, request_job
from inference.models import Job, ModelRelease
from tests.builders import SMALL, add_volume, make_project, make_suv, make_volume

TRACER = "[64Cu]Cu-DOTATATE"


def make_study(*, project: str = "Phantoms", factor: float | None = 0.001, with_ct: bool = True) -> Study:
    """PET with two boxes of SUV 8 and 6 in a background of 1; the CT on the same grid is air."""
    stored = np.full(SMALL.shape_zyx, 500, dtype=np.int16)
    stored[2:5, 2:6, 2:6] = 4000
    stored[8:10, 9:13, 12:16] = 3000
    pet = make_volume(SMALL, project=make_project(project), stored=stored)
    make_suv(pet, factor)
    if with_ct:
        add_volume(pet.series.study, SMALL, modality="CT", stored=np.full(SMALL.shape_zyx, -500, np.int16))
    return pet.series.study


def make_release(name: str = "demo", **options: object) -> ModelRelease:
    known = {"method": "threshold", "tracers": [TRACER], "channels": [{"name": "PET"}], **options}
    fingerprint = uuid.uuid4().hex * 2
    return ModelRelease.objects.create(
        name=name, method=str(known["method"]), folder="/nowhere", fingerprint=fingerprint, options=known
    )


def write_release(folder: Path, **options: object) -> Path:
    """A model folder of a method that needs nothing but its release.json."""
    folder.mkdir(exist_ok=True)
    (folder / "release.json").write_text(json.dumps(options))
    return folder


def make_job(study: Study | None = None, release: ModelRelease | None = None) -> Job:
    job, _ = request_job(study=study or make_study(), release=release or make_release(), requested_by=None)
    return job


def claim(job: Job, worker: str = "here:1") -> Claim:
    taken = claim_job(job_id=job.pk, worker=worker)
    assert taken is not None
    job.refresh_from_db()
    return taken


def let_lease_run_out(job: Job) -> None:
    """As if nothing was heard of the worker for a minute."""
    Job.objects.filter(pk=job.pk).update(lease_expires_at=Now() - timedelta(seconds=1))
