"""A real run of the shipped demo model, which has two folds, through a job to the map beside version 1."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from annotations.imaging.geometry import Grid, GridMismatch
from annotations.models import CompanionMap, Version
from annotations.store.services import put_blob, read_blob
from inference.jobs.errors import LeaseLost
from inference.jobs.runner import prepare_result, read_inputs, run_job
from inference.jobs.services import finish_job, request_job
from inference.models import Job
from inference.releases.services import register_release
from inference.segmenters.protocol import SegmentationResult
from inference.segmenters.table import SEGMENTERS
from inference.training.evaluate_demo_model import MODEL
from tests.builders import SMALL, add_volume, make_suv, make_volume
from tests.jobs.scenes import claim, let_lease_run_out, make_job

GRID = Grid((40, 30, 50), (4.0, 4.0, 5.0), (-98.0, -58.0, 0.0))


def warm_body() -> np.ndarray:
    """Stored integers (SUV 0.002 a step) of a body with a faint and a hot ball."""
    z, y, x = np.indices(GRID.shape_zyx)
    suv = 1.0 * (((x - 25) / 15) ** 2 + ((y - 15) / 10) ** 2 < 1)
    for centre, radius, uptake in (((20, 15, 20), 4, 20.0), ((32, 15, 27), 2, 4.0)):
        cx, cy, cz = centre
        suv[(x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 < radius**2] = uptake
    return np.rint(suv / 0.002).astype(np.int16)


def run_demo(folder: Path) -> tuple[Job, SegmentationResult]:
    """The job, and what the method itself gives for the same scan."""
    pet = make_volume(GRID, stored=warm_body())
    make_suv(pet)
    ct = np.where(warm_body() > 0, 40, -1000).astype(np.int16)
    add_volume(pet.series.study, GRID, modality="CT", stored=ct // 2)  # slope 2 in tests
    release = register_release(name="demo", folder=folder, registered_by=None)
    job, _ = request_job(study=pet.series.study, release=release, requested_by=None)
    assert run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "succeeded", job.error_message
    again = SEGMENTERS["nnunet"].segment(read_inputs(job), folder, lambda stage, share: None, lambda: False)
    return job, again


@pytest.mark.django_db(transaction=True)
def test_two_folds_leave_their_disagreement_beside_version_1() -> None:
    job, again = run_demo(MODEL)
    assert again.folds == ("0", "1")
    assert again.fold_spread is not None
    companion = CompanionMap.objects.get()
    assert companion.version == job.version == Version.objects.get()
    stored = np.frombuffer(read_blob(companion.blob), dtype=np.uint8).reshape(GRID.shape_zyx)
    assert np.array_equal(stored, np.rint(again.fold_spread * 255).astype(np.uint8))
    assert stored.max() > 0


@pytest.mark.django_db(transaction=True)
def test_a_single_fold_leaves_none(tmp_path: Path) -> None:
    folder = tmp_path / "one fold"
    shutil.copytree(MODEL, folder)
    about = json.loads((folder / "release.json").read_text())
    (folder / "release.json").write_text(json.dumps(about | {"folds": [0]}))
    job, again = run_demo(folder)
    assert again.fold_spread is None
    assert job.fold_spread is None
    assert not CompanionMap.objects.exists()


@pytest.mark.django_db
def test_version_and_map_are_stored_together_or_not_at_all() -> None:
    job = make_job()
    labels = np.zeros(SMALL.shape_zyx, dtype=np.uint16)
    taken = claim(job)
    spread = put_blob(content=bytes(SMALL.voxel_count), kind="probability", compress=True)
    result = SegmentationResult(labels, None, None, "cpu", {})
    ending = {"probability": None, "fold_spread": spread, "device": "cpu", "peak_memory_mb": None}
    let_lease_run_out(job)
    with pytest.raises(LeaseLost):
        finish_job(claim=taken, prepared=prepare_result(job, result, spread), seconds={}, **ending)
    assert not Version.objects.exists()
    assert not CompanionMap.objects.exists()


@pytest.mark.django_db
def test_a_map_of_another_grid_is_refused() -> None:
    job = make_job()
    labels = np.zeros(SMALL.shape_zyx, dtype=np.uint16)
    spread = put_blob(content=bytes(SMALL.voxel_count - 1), kind="probability", compress=True)
    with pytest.raises(GridMismatch):
        prepare_result(job, SegmentationResult(labels, None, None, "cpu", {}), spread)
