"""Imports and other short work never wait behind a job, and who runs is known to the browser."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from annotations.accounts.models import Role
from annotations.models import ImportRun
from annotations.studies.services import create_import_run, ensure_project, queue_import, upload_folder
from inference.jobs.selectors import living_workers
from inference.jobs.services import cancel_job, remove_worker, report_worker
from inference.models import Worker
from petreview.celery import app
from tests.builders import make_user
from tests.jobs.live import Live, wait_until
from tests.jobs.test_worker import ask, one_version_with_two_lesions, state
from tests.studies.importing import write_pet

GPU, CPU = Worker.Queue.GPU, Worker.Queue.CPU


def upload() -> ImportRun:
    """A dropped folder of a small PET, waiting for a worker."""
    run = create_import_run(project=ensure_project(name="Clinic"))
    write_pet(upload_folder(run))
    return queue_import(run=run, files_total=6)


def import_state(run: ImportRun) -> str:
    run.refresh_from_db()
    return run.state


def test_an_import_is_done_while_a_segmentation_runs(live: Live, tmp_path: Path):
    live.kill_workers()
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    job = ask(tmp_path / "first", steps=3000)
    live.start_worker("--concurrency", "1")  # no --queue: both
    wait_until(lambda: state(job) == "running", live)
    waiting = ask(tmp_path / "second", steps=1)
    run = upload()
    wait_until(lambda: import_state(run) == "done", live)
    assert run.report["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]
    assert (state(job), state(waiting)) == ("running", "queued")
    assert [living_workers(queue) for queue in (GPU, CPU)] == [1, 1]
    cancel_job(job=job, cancelled_by=None)
    wait_until(lambda: state(waiting) == "succeeded", live)
    one_version_with_two_lesions(waiting)


def test_a_pair_stops_as_one_and_says_so(live: Live, tmp_path: Path):
    live.kill_workers()
    Worker.objects.all().delete()
    pair = live.start_worker("--threads", "1")
    wait_until(lambda: Worker.objects.count() == 2, live)
    os.kill(pair.pid, signal.SIGTERM)  # to the parent alone, as Docker does
    assert pair.wait(timeout=15) == 0
    assert not Worker.objects.exists()


def test_a_killed_half_of_a_pair_is_started_again(live: Live, tmp_path: Path):
    live.kill_workers()
    Worker.objects.all().delete()
    live.start_worker("--threads", "1")
    wait_until(lambda: Worker.objects.count() == 2, live)
    first = Worker.objects.get(queue=CPU)
    os.kill(int(first.name.split(":")[1]), signal.SIGKILL)
    wait_until(lambda: Worker.objects.filter(queue=CPU).exclude(name=first.name).exists(), live)
    run = upload()
    wait_until(lambda: import_state(run) == "done", live)


def test_jobs_ring_for_the_gpu_queue_and_all_else_for_the_other():
    route = app.amqp.router.route
    assert route({}, "inference.jobs.run_job")["queue"].name == "gpu"
    assert route({}, "annotations.import_upload")["queue"].name == "cpu"
    assert route({}, "annotations.exports.anything")["queue"].name == "cpu"


@pytest.mark.django_db
def test_a_worker_that_is_silent_for_three_sweeps_is_not_alive():
    report_worker(name="here:1", queue=GPU)
    report_worker(name="here:1", queue=GPU)
    report_worker(name="here:2", queue=CPU)
    assert [living_workers(queue) for queue in (GPU, CPU)] == [1, 1]
    silent = timedelta(seconds=3 * settings.JOB_SWEEP_SECONDS + 3)
    Worker.objects.filter(name="here:1").update(seen_at=Now() - silent)
    assert [living_workers(queue) for queue in (GPU, CPU)] == [0, 1]
    remove_worker(name="here:2")
    assert living_workers(CPU) == 0


@pytest.mark.django_db
def test_workers_of_days_ago_are_forgotten():
    report_worker(name="here:1", queue=GPU)
    Worker.objects.update(seen_at=Now() - timedelta(days=2))
    report_worker(name="here:2", queue=GPU)
    assert [worker.name for worker in Worker.objects.all()] == ["here:2"]


@pytest.mark.django_db
def test_staff_are_told_which_workers_live_and_readers_are_not():
    report_worker(name="here:1", queue=CPU)
    client = Client()
    assert client.get("/api/workers/").status_code in (401, 403)
    client.force_login(make_user("manager", Role.DATA_MANAGER))
    assert client.get("/api/workers/").json() == {"gpu": 0, "cpu": 1}
    client.force_login(make_user("reader", Role.READER))
    assert client.get("/api/workers/").status_code == 403
