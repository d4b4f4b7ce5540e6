"""One attempt in this process: what is stored, and what a heartbeat does."""

import time
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from annotations.models import Version
from annotations.store.services import read_blob
from inference.jobs import memory, worker_state
from inference.jobs.errors import JobCancelled, LeaseLost, WorkerStopping
from inference.jobs.pulse import Pulse
from inference.jobs.runner import run_job, store_share
from inference.jobs.services import cancel_job
from inference.models import Job
from inference.releases.services import register_release
from tests.builders import SMALL
from tests.jobs.scenes import TRACER, claim, let_lease_run_out, make_job, write_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(tmp_path: Path) -> Job:
    folder = write_release(
        tmp_path / "r", method="threshold", suv_above=4.0, minimum_ml=0.1, tracers=[TRACER], synthetic=True
    )
    return make_job(release=register_release(name="T4", folder=folder, registered_by=None))


def test_the_version_says_what_made_it(job: Job):
    assert run_job(job.pk)
    job.refresh_from_db()
    version = job.version
    assert (version.number, version.producer_kind, version.producer_name) == (1, "model", "T4")
    assert version.producer_fingerprint == job.release.fingerprint
    assert version.producer_parameters == {"method": "threshold", "suv_above": 4, "minimum_ml": 0.1}
    assert version.segmentation.is_synthetic
    measures = version.measure_sets.get()
    assert measures.suv_revision == job.suv_revision
    # Boxes of 3*4*4 and 2*4*4 voxels of 4 x 4 x 5 mm (0.08 mL), SUV 8 and 6: larger first.
    assert [measures.lesions[n]["voxel_count"] for n in ("1", "2")] == [48, 32]
    assert measures.lesions["1"]["volume_ml"] == pytest.approx(3.84)
    assert [measures.lesions[n]["suv_max"] for n in ("1", "2")] == pytest.approx([8.0, 6.0])
    assert measures.summary["ttv_ml"] == pytest.approx(6.4)


def test_a_job_that_is_done_is_not_run_again(job: Job):
    assert run_job(job.pk)
    assert not run_job(job.pk)
    assert Version.objects.count() == 1


def test_a_stopping_worker_takes_no_job(job: Job):
    worker_state.tell_to_stop()
    try:
        assert not run_job(job.pk)
    finally:
        worker_state.become_worker()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_job_interrupted_by_hand_goes_back_into_the_queue(tmp_path: Path):
    folder = write_release(tmp_path / "s", method="slow", steps=0, end="interrupted", tracers=[TRACER])
    job = make_job(release=register_release(name="interrupted", folder=folder, registered_by=None))
    with pytest.raises(KeyboardInterrupt):
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_probabilities_are_stored_in_steps_of_a_255th(job: Job):
    share = np.linspace(0, 1, SMALL.voxel_count, dtype=np.float32).reshape(SMALL.shape_zyx)
    blob = store_share(share, job)
    stored = np.frombuffer(read_blob(blob), dtype=np.uint8).reshape(SMALL.shape_zyx)
    assert (blob.kind, blob.encoding) == ("probability", "zstd")
    assert (stored[0, 0, 0], stored[-1, -1, -1]) == (0, 255)
    assert np.abs(stored / 255 - share).max() <= 0.5 / 255 + 1e-6


def test_the_peak_memory_of_an_attempt_is_not_that_of_the_one_before():
    block = np.ones(80 * 2**17)  # 80 MiB
    high = memory.peak_memory_mb()
    del block
    memory.reset_peak_memory()
    assert memory.peak_memory_mb() < high - 60


def test_a_heartbeat_writes_at_most_once_a_second(job: Job, django_assert_max_num_queries):
    pulse = Pulse(claim(job), lambda: False)
    with django_assert_max_num_queries(0):
        for step in range(1000):
            pulse.tick("tiles", step / 1000)
    time.sleep(1.0)
    pulse.tick("tiles", 0.5)
    job.refresh_from_db()
    assert (job.stage, job.progress) == ("tiles", 0.5)


def test_a_heartbeat_hears_that_the_job_was_cancelled(job: Job):
    pulse = Pulse(claim(job), lambda: False)
    assert not pulse.should_stop()
    cancel_job(job=job, cancelled_by=None)
    pulse.beat()
    assert pulse.should_stop()
    with pytest.raises(JobCancelled):
        pulse.raise_if_stopped()


def test_a_heartbeat_hears_that_the_lease_is_lost(job: Job):
    pulse = Pulse(claim(job), lambda: False)
    let_lease_run_out(job)
    pulse.beat()
    with pytest.raises(LeaseLost):
        pulse.raise_if_stopped()


def test_a_lease_is_over_by_the_own_clock_when_no_heartbeat_got_through(job: Job, settings):
    settings.JOB_LEASE_SECONDS = 0.2
    pulse = Pulse(claim(job), lambda: False)
    time.sleep(0.3)
    with pytest.raises(LeaseLost):
        pulse.raise_if_stopped()


def test_a_heartbeat_hears_that_the_worker_stops(job: Job):
    pulse = Pulse(claim(job), lambda: True)
    with pytest.raises(WorkerStopping):
        pulse.raise_if_stopped()


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_the_lease_through_a_long_step(job: Job, settings):
    settings.JOB_LEASE_SECONDS = 1
    with Pulse(claim(job), lambda: False) as pulse:
        time.sleep(2.0)
        pulse.raise_if_stopped()
    before = job.lease_expires_at
    job.refresh_from_db()
    assert job.lease_expires_at > before
    connection.close()
