"""The endpoints of jobs and releases, for a coordinator, a data manager, a reader and an administrator."""

import json
import uuid
from pathlib import Path

import pytest
from django.test import Client

from annotations.accounts.models import Role, User
from inference.models import Job, ModelRelease
from tests.builders import make_user
from tests.jobs.scenes import TRACER, make_job, make_release, make_study, write_release

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def coordinator() -> Client:
    return signed_in(make_user("coordinator", Role.COORDINATOR))


def post(client: Client, path: str, body: object = None):
    return client.post(path, json.dumps(body or {}), content_type="application/json")


def test_a_coordinator_asks_for_a_job_and_follows_it(coordinator: Client):
    study, release = make_study(), make_release()
    made = post(coordinator, "/api/jobs/", {"study": str(study.pk), "release": str(release.pk)})
    assert made.status_code == 201
    job = made.json()
    assert (job["study"], job["pseudonym"]) == (str(study.pk), study.patient.pseudonym)
    assert job["release"] == {"id": str(release.pk), "name": "demo"}
    assert (job["state"], job["progress"], job["version"], job["segmentation"]) == ("queued", 0.0, None, None)
    again = post(coordinator, "/api/jobs/", {"study": str(study.pk), "release": str(release.pk)})
    assert (again.status_code, again.json()) == (200, job)
    assert coordinator.get(f"/api/jobs/{job['id']}/").json() == job
    assert coordinator.get(f"/api/jobs/?study={study.pk}&state=queued").json() == [job]
    assert coordinator.get("/api/jobs/?state=failed").json() == []
    cancelled = post(coordinator, f"/api/jobs/{job['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert post(coordinator, f"/api/jobs/{job['id']}/cancel/").json()["code"] == "job_ended"


def test_what_does_not_fit_is_refused_by_name(coordinator: Client):
    study, release = make_study(), make_release(tracers=["FDG"])
    body = {"study": str(study.pk), "release": str(release.pk)}
    refused = post(coordinator, "/api/jobs/", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "tracer_not_supported")
    assert post(coordinator, "/api/jobs/", body | {"override_reason": "a pilot"}).status_code == 201
    unknown = post(coordinator, "/api/jobs/", body | {"release": str(uuid.uuid4())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "release_not_found")
    assert post(coordinator, "/api/jobs/", {"study": "x"}).json()["code"] == "invalid_input"


def test_a_data_manager_sees_the_jobs_of_the_own_projects_only():
    manager = make_user("manager", Role.DATA_MANAGER)
    own, foreign = make_study(project="Own"), make_study(project="Foreign")
    own.project.data_managers.add(manager)
    release = make_release()
    mine, other = make_job(own, release), make_job(foreign, release)
    client = signed_in(manager)
    assert [job["id"] for job in client.get("/api/jobs/").json()] == [str(mine.pk)]
    assert client.get(f"/api/jobs/{other.pk}/").status_code == 404
    assert post(client, f"/api/jobs/{other.pk}/cancel/").status_code == 404
    assert (
        post(client, "/api/jobs/", {"study": str(foreign.pk), "release": str(release.pk)}).status_code == 404
    )
    assert Job.objects.get(pk=other.pk).state == "queued"


def test_a_reader_sees_neither_jobs_nor_releases():
    job = make_job()
    reader = signed_in(make_user("reader", Role.READER))
    for path in ("/api/jobs/", f"/api/jobs/{job.pk}/", "/api/releases/"):
        assert reader.get(path).status_code == 403
    assert post(reader, f"/api/jobs/{job.pk}/cancel/").status_code == 403


def test_only_an_administrator_registers_and_switches_releases(coordinator: Client, tmp_path: Path):
    folder = write_release(tmp_path / "r", method="threshold", suv_above=4, tracers=[TRACER], synthetic=True)
    (folder / "MODEL_CARD.md").write_text("Trained on nothing.")
    body = {"name": "Threshold 4", "folder": str(folder)}
    assert post(coordinator, "/api/releases/", body).status_code == 403
    administrator = signed_in(make_user("administrator", Role.ADMINISTRATOR))
    made = post(administrator, "/api/releases/", body)
    assert made.status_code == 201
    release = made.json()
    assert (release["tracers"], release["model_card"]) == ([TRACER], "Trained on nothing.")
    assert (release["is_synthetic"], release["is_active"]) == (True, True)
    assert coordinator.get("/api/releases/").json() == [release]
    path = f"/api/releases/{release['id']}/"
    off = json.dumps({"is_active": False})
    assert coordinator.patch(path, off, content_type="application/json").status_code == 403
    switched = administrator.patch(path, off, content_type="application/json")
    assert (switched.status_code, switched.json()["is_active"]) == (200, False)
    assert not ModelRelease.objects.get().is_active
