"""The state machine, row by row: who holds the claim may write, nobody else (invariant 5)."""

import numpy as np
import pytest

from annotations.models import MeasureSet, Segmentation, Version
from annotations.segmentations.services import prepare_version
from annotations.store.services import put_blob
from inference.jobs.errors import JobCancelled, LeaseLost
from inference.jobs.services import (
    cancel_job,
    claim_job,
    end_cancelled,
    fail_job,
    finish_job,
    hand_back,
    hand_back_all_of,
    heartbeat,
    sweep_jobs,
)
from inference.jobs.services.claims import Claim
from inference.models import Job
from tests.builders import SMALL, boxes
from tests.jobs.scenes import claim, let_lease_run_out, make_job, make_release, make_study

pytestmark = pytest.mark.django_db
L1 = np.s_[2:5, 2:6, 2:6]


def prepare(job: Job):
    return prepare_version(
        volume=job.volume,
        title="Demo",
        labels=boxes(SMALL, L1=L1),
        suv_revision=job.suv_revision,
        producer_kind="model",
        producer_name="demo",
        producer_fingerprint="f" * 64,
        tool="segment",
        source="model",
        is_synthetic=True,
    )


def finish(taken: Claim, job: Job) -> Job:
    share = put_blob(content=bytes(SMALL.voxel_count), kind="probability", compress=True)
    return finish_job(
        claim=taken,
        prepared=prepare(job),
        probability=share,
        fold_spread=share,
        device="cpu",
        peak_memory_mb=12.5,
        seconds={"segment": 1.0},
    )


def test_a_claimed_job_runs_with_a_new_token_and_a_lease():
    job = make_job()
    taken = claim(job)
    assert (job.state, job.attempts, job.fencing_token, job.worker) == ("running", 1, taken.token, "here:1")
    assert job.lease_expires_at > job.started_at


def test_a_job_is_claimed_once():
    job = make_job()
    claim(job)
    assert claim_job(job_id=job.pk, worker="there:2") is None


def test_finishing_makes_version_1_and_ends_the_job():
    job = make_job()
    done = finish(claim(job), job)
    assert (done.state, done.progress, done.device, done.peak_memory_mb) == ("succeeded", 1.0, "cpu", 12.5)
    assert done.version.number == 1
    assert done.finished_at >= done.started_at
    assert [lesion.label for lesion in done.version.lesions.all()] == [1]
    assert MeasureSet.objects.get(version=done.version).lesions["1"]["suv_max"] == 8.0


def test_a_worker_whose_job_was_claimed_again_changes_nothing():
    job = make_job()
    old = claim(job)
    let_lease_run_out(job)
    sweep_jobs(ring_at_most=0)
    new = claim(job, "there:2")
    before = Job.objects.values().get(pk=job.pk)
    with pytest.raises(LeaseLost):
        heartbeat(claim=old, stage="tiles", progress=0.9)
    with pytest.raises(LeaseLost):
        finish(old, job)
    with pytest.raises(LeaseLost):
        fail_job(claim=old, code="x", message="x", retry=True)
    with pytest.raises(LeaseLost):
        end_cancelled(claim=old)
    assert not hand_back(claim=old)
    assert Job.objects.values().get(pk=job.pk) == before
    assert Version.objects.count() == Segmentation.objects.count() == 0
    finish(new, job)
    assert Version.objects.count() == 1


def test_a_worker_that_wakes_after_its_lease_changes_nothing_even_before_the_sweep():
    job = make_job()
    taken = claim(job)
    let_lease_run_out(job)
    before = Job.objects.values().get(pk=job.pk)
    with pytest.raises(LeaseLost):
        heartbeat(claim=taken, stage="tiles", progress=0.9)
    with pytest.raises(LeaseLost):
        finish(taken, job)
    assert Job.objects.values().get(pk=job.pk) == before
    assert Version.objects.count() == 0


def test_two_finishes_of_one_claim_leave_one_version():
    job = make_job()
    taken = claim(job)
    finish(taken, job)
    with pytest.raises(LeaseLost):
        finish(taken, job)
    assert Version.objects.count() == 1


def test_a_heartbeat_renews_the_lease_and_shows_the_progress():
    job = make_job()
    taken = claim(job)
    first = job.lease_expires_at
    assert heartbeat(claim=taken, stage="tiles", progress=0.25) is False
    job.refresh_from_db()
    assert (job.stage, job.progress) == ("tiles", 0.25)
    assert job.lease_expires_at > first


def test_a_failed_attempt_is_queued_again_until_the_last():
    job = make_job()
    for attempt in (1, 2):
        fail_job(claim=claim(job), code="MemoryError", message=f"attempt {attempt}", retry=True)
        job.refresh_from_db()
        assert (job.state, job.error_message, job.finished_at) == ("queued", f"attempt {attempt}", None)
    fail_job(claim=claim(job), code="MemoryError", message="attempt 3", retry=True)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error_code) == ("failed", 3, "MemoryError")
    assert (job.error_message, job.finished_at is not None) == ("attempt 3", True)
    assert claim_job(job_id=job.pk, worker="here:1") is None


def test_a_permanent_error_fails_at_once():
    job = make_job()
    fail_job(claim=claim(job), code="no_body", message="No body.", retry=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 1)


def test_a_lost_lease_is_queued_again_and_in_the_end_fails_with_its_error():
    job = make_job()
    for attempt in (1, 2, 3):
        claim(job)
        let_lease_run_out(job)
        done = sweep_jobs(ring_at_most=0)
        job.refresh_from_db()
        assert (done.queued_again, done.failed) == ((1, 0) if attempt < 3 else (0, 1))
    assert (job.state, job.error_code) == ("failed", "worker_lost")
    assert "attempt 3 of 3" in job.error_message


def test_a_sweep_leaves_good_leases_alone():
    job = make_job()
    claim(job)
    done = sweep_jobs(ring_at_most=0)
    job.refresh_from_db()
    assert (done.queued_again, done.failed, job.state) == (0, 0, "running")


def test_a_sweep_rings_for_the_oldest_and_no_more_than_asked():
    release = make_release()
    for _ in range(3):
        make_job(make_study(), release)
    assert sweep_jobs(ring_at_most=2).rung == 2


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_by_its_worker():
    queued = make_job()
    assert cancel_job(job=queued, cancelled_by=None).state == "cancelled"
    running = make_job(release=make_release("other"))
    taken = claim(running)
    assert cancel_job(job=running, cancelled_by=None).state == "running"
    assert heartbeat(claim=taken, stage="tiles", progress=0.5) is True
    end_cancelled(claim=taken)
    running.refresh_from_db()
    assert running.state == "cancelled"


def test_a_result_that_comes_after_the_cancel_is_not_stored():
    job = make_job()
    taken = claim(job)
    cancel_job(job=job, cancelled_by=None)
    with pytest.raises(JobCancelled):
        finish(taken, job)
    assert Version.objects.count() == 0


def test_a_cancelled_job_of_a_lost_worker_is_cancelled_by_the_sweep():
    job = make_job()
    claim(job)
    cancel_job(job=job, cancelled_by=None)
    let_lease_run_out(job)
    assert sweep_jobs(ring_at_most=0).cancelled == 1


def test_a_job_handed_back_has_lost_no_attempt():
    job = make_job()
    taken = claim(job)
    assert hand_back(claim=taken)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.fencing_token) == ("queued", 0, taken.token)


def test_a_stopping_worker_hands_back_its_own_jobs_only():
    mine, other = make_job(), make_job(release=make_release("other"))
    claim(mine, "here:1")
    claim(other, "there:2")
    assert hand_back_all_of(worker="here:1") == 1
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, other.state) == ("queued", "running")
