"""Real worker processes, killed, stopped and woken: no job is lost and none gives two versions."""

import os
import signal
import threading
import time
import uuid
from pathlib import Path

from django.db import DatabaseError, connection

from annotations.audit.services import record
from annotations.models import AuditRecord, Version
from inference.jobs.services import cancel_job, claim_job, request_job
from inference.models import Job, ModelRelease
from inference.releases.services import register_release
from tests.jobs.live import Live, child_of, wait_until
from tests.jobs.scenes import TRACER, make_study, write_release


def slow_release(folder: Path, *, steps: int, end: str) -> ModelRelease:
    name = f"slow {uuid.uuid4().hex}"
    options = {"name": name, "suv_above": 4.0, "steps": steps, "end": end}
    write_release(folder, method="slow", tracers=[TRACER], **options)
    return register_release(name=name, folder=folder, registered_by=None)


def ask(folder: Path, *, steps: int, end: str = "well") -> Job:
    release = slow_release(folder / "release", steps=steps, end=end)
    job, _ = request_job(study=make_study(), release=release, requested_by=None)
    return job


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def is_half_done(job: Job) -> bool:
    return state(job) == "running" and job.progress > 0.1


def one_version_with_two_lesions(job: Job) -> None:
    assert Version.objects.get(segmentation__volume=job.volume) == job.version
    assert job.version.lesions.count() == 2
    assert job.version.producer_fingerprint == job.release.fingerprint


def test_a_job_runs_and_says_what_it_took(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=3)
    live.one_worker()
    wait_until(lambda: state(job) == "succeeded", live)
    one_version_with_two_lesions(job)
    assert (job.attempts, job.device, job.error_code, job.progress) == (1, "cpu", "", 1.0)
    assert job.peak_memory_mb > 20
    assert job.seconds["segment"] >= 0.3


def test_a_job_whose_process_is_killed_is_run_again(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=15)
    worker = live.one_worker()
    wait_until(lambda: is_half_done(job), live)
    os.kill(child_of(worker), signal.SIGKILL)
    wait_until(lambda: state(job) == "succeeded", live)
    assert job.attempts == 2
    one_version_with_two_lesions(job)


def test_a_job_whose_whole_worker_is_killed_is_run_by_the_next(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=15)
    worker = live.one_worker()
    wait_until(lambda: is_half_done(job), live)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    live.start_worker()
    wait_until(lambda: state(job) == "succeeded", live)
    assert job.attempts == 2
    one_version_with_two_lesions(job)


def test_a_worker_stopped_past_its_lease_and_woken_changes_nothing(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=15)
    sleeper = live.one_worker()
    wait_until(lambda: is_half_done(job), live)
    os.killpg(sleeper.pid, signal.SIGSTOP)
    live.start_worker()
    wait_until(lambda: state(job) == "succeeded", live)
    assert (job.attempts, job.fencing_token) == (2, 2)
    row = Job.objects.values().get(pk=job.pk)
    os.killpg(sleeper.pid, signal.SIGCONT)
    wait_until(lambda: "is not this worker's any more" in live.logs(), live)
    live.kill_workers()
    assert Job.objects.values().get(pk=job.pk) == row
    one_version_with_two_lesions(job)


def test_a_poisonous_job_stops_after_its_attempts_with_its_error(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=1, end="error")
    live.one_worker()
    wait_until(lambda: state(job) == "failed", live)
    assert (job.attempts, job.error_code) == (3, "ArithmeticError")
    assert job.error_message == "The numbers do not add up."


def test_a_job_that_kills_its_process_stops_after_its_attempts(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=1, end="killed")
    Job.objects.filter(pk=job.pk).update(max_attempts=2)
    live.one_worker()
    wait_until(lambda: state(job) == "failed", live)
    assert (job.attempts, job.error_code) == (2, "worker_lost")
    assert "attempt 2 of 2" in job.error_message


def test_a_refusal_is_not_tried_again(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=1, end="refused")
    live.one_worker()
    wait_until(lambda: state(job) == "failed", live)
    assert (job.attempts, job.error_code) == (1, "wrong_channels")


def test_a_job_that_runs_too_long_is_ended_with_its_error(live: Live, tmp_path: Path):
    live.kill_workers()
    job = ask(tmp_path, steps=300)
    live.start_worker(PETREVIEW_JOB_TIME_LIMIT_SECONDS="2")
    wait_until(lambda: state(job) == "failed", live)
    assert (job.attempts, job.error_code) == (1, "job_too_long")
    live.kill_workers()


def test_a_running_job_is_cancelled_within_seconds(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=150)
    live.one_worker()
    wait_until(lambda: is_half_done(job) or job.state == "running", live)
    cancel_job(job=job, cancelled_by=None)
    began = time.monotonic()
    wait_until(lambda: state(job) == "cancelled", live)
    assert time.monotonic() - began < 3.0
    assert not Version.objects.filter(segmentation__volume=job.volume).exists()


def test_a_worker_told_to_stop_hands_its_job_back_within_seconds(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=150)
    worker = live.one_worker()
    wait_until(lambda: state(job) == "running", live)
    os.killpg(worker.pid, signal.SIGTERM)
    began = time.monotonic()
    assert worker.wait(timeout=10) == 0
    assert time.monotonic() - began < 5.0
    assert (state(job), job.attempts, job.lease_expires_at) == ("queued", 0, None)
    cancel_job(job=job, cancelled_by=None)


def test_a_lost_ring_is_made_good_by_the_sweeper(live: Live, tmp_path: Path):
    live.kill_workers()
    job = ask(tmp_path, steps=1)
    live.lose_rings()
    live.one_worker()
    wait_until(lambda: state(job) == "succeeded", live)


def test_ten_writers_at_once_do_not_disturb_a_job(live: Live, tmp_path: Path):
    job = ask(tmp_path, steps=20)
    live.one_worker()
    wait_until(lambda: state(job) == "running", live)
    errors: list[DatabaseError] = []

    def write() -> None:
        try:
            for number in range(20):
                record(actor=None, action="saved", object_type="test", object_id=number)
        except DatabaseError as error:
            errors.append(error)
        finally:
            connection.close()

    run_together(write)
    wait_until(lambda: state(job) == "succeeded", live)
    assert errors == []
    assert AuditRecord.objects.filter(action="saved").count() == 200
    assert job.attempts == 1


def test_of_many_workers_one_gets_the_job(live: Live, tmp_path: Path):
    live.kill_workers()  # a worker of an earlier test would be an eleventh that asks
    job = ask(tmp_path, steps=1)
    taken = []

    def take() -> None:
        taken.append(claim_job(job_id=job.pk, worker="here:1"))
        connection.close()

    run_together(take)
    assert len(taken) == 10
    assert len([one for one in taken if one is not None]) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts, job.fencing_token) == ("running", 1, 1)


def run_together(what: object) -> None:
    threads = [threading.Thread(target=what) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
