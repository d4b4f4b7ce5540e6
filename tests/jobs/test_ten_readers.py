"""Ten readers save at once while a job runs: a real web process, a real worker, one database."""

import threading
import uuid
from pathlib import Path

import numpy as np
import requests
from django.conf import settings
from django.db import connection
from django.test import Client

from annotations.accounts.models import Role
from annotations.models import Assignment, Read, Version
from annotations.segmentations.selectors import head_version
from inference.jobs.services import request_job
from inference.releases.services import register_release
from tests.builders import SMALL, boxes, make_reader_study, make_user, model_version
from tests.jobs.live import Live, wait_until
from tests.jobs.scenes import TRACER, make_study, write_release
from tests.reads.scenes import edit_json

READERS, SAVES = 10, 4


class Browser:
    """One reader's signed-in session over HTTP, without any help from the test process."""

    def __init__(self, address: str, assignment: Assignment) -> None:
        client = Client()
        client.force_login(assignment.reader)
        self.http, self.url = requests.Session(), f"http://{address}/api"
        name = settings.SESSION_COOKIE_NAME
        self.http.cookies.set(name, client.cookies[name].value)
        self.http.headers["X-CSRFToken"] = self.http.get(f"{self.url}/session/").json()["csrf_token"]
        self.assignment = assignment
        self.answers: list[int] = []

    def read_and_save(self) -> None:
        opened = self.http.post(f"{self.url}/assignments/{self.assignment.pk}/open/")
        self.answers.append(opened.status_code)
        read = Read.objects.get(pk=opened.json()["id"])
        for number in range(SAVES):
            labels = boxes(SMALL, L1=np.s_[2:5, 2:6, 2 : 7 + number])
            edit = edit_json(head_version(read.segmentation), labels)
            self.answers.append(
                self.http.post(f"{self.url}/reads/{read.pk}/versions/", json=edit).status_code
            )
        connection.close()


def test_ten_readers_save_at_once_during_a_job(live: Live, tmp_path: Path):
    address = live.start_web()
    study = make_study()
    version = model_version(
        study.series.get(modality="PT").volumes.get(), boxes(SMALL, L1=np.s_[2:5, 2:6, 2:6])
    )
    readers = [make_user(f"reader-{uuid.uuid4().hex[:8]}", Role.READER) for _ in range(READERS)]
    plan = make_reader_study(readers=readers, studies=[study])
    folder = write_release(tmp_path / "r", method="slow", suv_above=4, steps=100, tracers=[TRACER])
    release = register_release(name="slow", folder=folder, registered_by=None)
    job, _ = request_job(study=study, release=release, requested_by=None)
    live.one_worker()
    wait_until(lambda: _state(job) == "running", live)

    browsers = [Browser(address, assignment) for assignment in plan.assignments.all()]
    threads = [threading.Thread(target=browser.read_and_save) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [browser.answers for browser in browsers] == [[200] + [201] * SAVES] * READERS
    assert (
        Version.objects.filter(tool="brush", segmentation__volume=version.segmentation.volume).count() == 40
    )
    wait_until(lambda: _state(job) == "succeeded", live)
    assert job.attempts == 1


def _state(job) -> str:
    job.refresh_from_db()
    return job.state
