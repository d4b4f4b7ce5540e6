import os
import threading
import time
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.utils import timezone

from annotations.accounts.models import Role
from annotations.dicom.refusals import UnsafePath
from annotations.models import AuditRecord, ImportRun, Patient, Project, Volume
from annotations.studies.services import (
    ImportCancelled,
    claim_import,
    create_import_run,
    ensure_project,
    fail_stale_imports,
    upload_folder,
)
from annotations.studies.services.uploads import safe_relative_path
from petreview.tasks import import_upload, sweep_imports
from tests.builders import make_user
from tests.dicom import make
from tests.studies.importing import import_files, pet_slices, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "home" / "uploads")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True)


@pytest.fixture
def manager():
    return make_user("manager", Role.DATA_MANAGER)


@pytest.fixture
def project(manager):
    project = ensure_project(name="Clinic")
    project.data_managers.add(manager)
    return project


@pytest.fixture
def client(manager):
    return signed_in(manager)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def multipart(files: dict[str, bytes]) -> bytes:
    """A body as a browser sends it: the path inside the dropped folder as file name."""
    parts = []
    for name, content in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, run: str, files: dict[str, bytes]):
    return client.generic("POST", f"/api/imports/{run}/files/", multipart(files), MULTIPART_CONTENT)


def new_run(client: Client, project: Project) -> str:
    response = client.post("/api/imports/", {"project": str(project.pk)}, content_type="application/json")
    assert response.status_code == 201, response.content
    return response.json()["id"]


def files_of(slices: list, folder: str = "study/PET") -> dict[str, bytes]:
    return {f"{folder}/{number:04d}.dcm": make.encode(one) for number, one in enumerate(slices)}


def test_a_dropped_folder_is_sent_in_parts_and_imported_by_the_worker(client, project):
    run = new_run(client, project)
    files = files_of(pet_slices())
    names = list(files)
    assert send(client, run, {name: files[name] for name in names[:3]}).json() == {"received": 3}
    assert send(client, run, {name: files[name] for name in names[3:]}).json() == {"received": 3}
    folder = upload_folder(ImportRun.objects.get())
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.dcm")) == names
    started = client.post(f"/api/imports/{run}/start/").json()
    assert (started["state"], started["files_total"]) == ("queued", 6)
    import_upload(run)
    done = client.get(f"/api/imports/{run}/").json()
    assert (done["state"], done["files_done"], done["error"]) == ("done", 6, None)
    assert done["report"]["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]
    assert done["report"]["refusals"] == []
    assert Volume.objects.count() == 1
    assert not folder.exists()
    assert AuditRecord.objects.get(action="volume_imported").actor.username == "manager"


def test_files_of_one_name_in_two_folders_are_both_there(client, project):
    run = new_run(client, project)
    send(client, run, {"a/1.dcm": b"one", "b/1.dcm": b"two"})
    folder = upload_folder(ImportRun.objects.get())
    assert (folder / "a/1.dcm").read_bytes() == b"one"
    assert (folder / "b/1.dcm").read_bytes() == b"two"


def test_a_request_may_be_repeated(client, project):
    run = new_run(client, project)
    send(client, run, {"a/1.dcm": b"one"})
    send(client, run, {"a/1.dcm": b"one"})
    folder = upload_folder(ImportRun.objects.get())
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["1.dcm"]


def test_a_zip_archive_is_opened_by_the_worker(client, project):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_of(pet_slices()).items():
            archive.writestr(name, content)
        archive.writestr("../escape.dcm", b"no")
    run = new_run(client, project)
    send(client, run, {"scan.zip": packed.getvalue()})
    client.post(f"/api/imports/{run}/start/")
    import_upload(run)
    report = client.get(f"/api/imports/{run}/").json()["report"]
    assert report["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]
    assert report["refusals"][0]["code"] == "unsafe_path"


def test_an_archive_that_would_fill_the_memory_is_refused(client, project):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.dcm", b"\0" * (64 * 2**20))
    run = new_run(client, project)
    send(client, run, {"bomb.zip": packed.getvalue()})
    client.post(f"/api/imports/{run}/start/")
    import_upload(run)
    done = client.get(f"/api/imports/{run}/").json()
    assert done["state"] == "done"
    assert done["report"]["refusals"][0]["code"] == "archive_bomb"


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "C:/x", "..\\x", "", ".", "a\0b", "x" * 300])
def test_a_name_that_leads_out_of_the_folder_is_refused(name):
    with pytest.raises(UnsafePath):
        safe_relative_path(name)


def test_an_unsafe_name_in_a_request_writes_nothing_outside(client, project, settings):
    run = new_run(client, project)
    response = send(client, run, {"../../stolen.dcm": b"x"})
    assert (response.status_code, response.json()["code"]) == (422, "unsafe_path")
    assert [p for p in Path(settings.HOME).rglob("*") if p.is_file()] == []


def test_temporary_files_of_a_refused_request_are_removed(client, project, settings):
    run = new_run(client, project)
    client.post(f"/api/imports/{run}/cancel/")
    response = send(client, run, {"a.dcm": b"x" * 1000})
    assert (response.status_code, response.json()["code"]) == (409, "import_not_receiving")
    assert [p for p in Path(settings.HOME).rglob("*") if p.is_file()] == []


def test_nothing_to_import_cannot_be_started(client, project):
    run = new_run(client, project)
    assert client.post(f"/api/imports/{run}/start/").status_code == 400


def test_an_import_is_started_once(client, project):
    run = new_run(client, project)
    send(client, run, {"a.dcm": b"x"})
    assert client.post(f"/api/imports/{run}/start/").status_code == 200
    second = client.post(f"/api/imports/{run}/start/")
    assert (second.status_code, second.json()["code"]) == (409, "import_not_ready")


def test_a_stranger_neither_sees_nor_touches_the_import(client, project):
    run = new_run(client, project)
    stranger = signed_in(make_user("stranger", Role.DATA_MANAGER))
    assert stranger.get(f"/api/imports/{run}/").status_code == 404
    assert send(stranger, run, {"a.dcm": b"x"}).status_code == 404
    for what in ("start", "cancel"):
        assert stranger.post(f"/api/imports/{run}/{what}/").status_code == 404
    reader = signed_in(make_user("reader", Role.READER))
    assert reader.get("/api/imports/").status_code == 403
    assert send(reader, run, {"a.dcm": b"x"}).status_code == 403
    own = {"project": str(project.pk)}
    assert stranger.post("/api/imports/", own, content_type="application/json").status_code == 404
    assert [one["id"] for one in client.get("/api/imports/", own).json()] == [run]


def test_an_upload_without_csrf_token_is_refused(manager, project):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    run = str(create_import_run(project=project, started_by=manager).pk)
    assert send(client, run, {"a.dcm": b"x"}).status_code == 403
    assert not upload_folder(ImportRun.objects.get()).exists()


def test_cancel_before_the_start_removes_the_upload(client, project):
    run = new_run(client, project)
    send(client, run, {"a.dcm": b"x"})
    assert client.post(f"/api/imports/{run}/cancel/").json()["state"] == "cancelled"
    assert not upload_folder(ImportRun.objects.get()).exists()


def test_cancel_stops_a_running_import_and_says_how_far_it_came(project, tmp_path):
    write_pet(tmp_path / "pet")
    run = create_import_run(project=project)
    progress = claim_import(run=run)
    ImportRun.objects.update(cancel_requested=True)
    with pytest.raises(ImportCancelled):
        progress.begin("storing")
    from petreview.pipeline import run_import

    ended = run_import([tmp_path / "pet"], progress=progress)
    assert (ended.state, ended.error_code) == ("cancelled", "cancelled")
    assert ended.report == {"studies": [], "refusals": []}
    assert not Volume.objects.exists()


def test_progress_is_written_at_most_once_a_second(project, django_assert_num_queries):
    progress = claim_import(run=create_import_run(project=project))
    progress.begin("reading")
    with django_assert_num_queries(0):
        for done in range(1000):
            progress.tick(done, 1000)
    time.sleep(1.0)
    with django_assert_num_queries(1):
        progress.tick(1000, 1000)
    run = ImportRun.objects.get()
    assert (run.files_done, run.files_total) == (1000, 1000)


def test_an_import_whose_worker_died_is_named_interrupted_and_goes_on_when_started_again(client, project):
    run = new_run(client, project)
    send(client, run, files_of(pet_slices()))
    client.post(f"/api/imports/{run}/start/")
    lost = claim_import(run=ImportRun.objects.get())
    ImportRun.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert [str(one.pk) for one in fail_stale_imports()] == [run]
    failed = client.get(f"/api/imports/{run}/").json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "interrupted")
    assert client.post(f"/api/imports/{run}/start/").json()["state"] == "queued"
    import_upload(run)
    assert client.get(f"/api/imports/{run}/").json()["state"] == "done"
    assert Volume.objects.count() == 1
    # The first worker wakes up again: it changes nothing and stops.
    with pytest.raises(ImportCancelled):
        lost.begin("storing")
    lost.finish({"studies": [], "refusals": []})
    assert client.get(f"/api/imports/{run}/").json()["report"]["studies"] != []


def test_two_workers_with_one_message_import_once(client, project):
    run = new_run(client, project)
    send(client, run, files_of(pet_slices()))
    client.post(f"/api/imports/{run}/start/")
    import_upload(run)
    import_upload(run)
    assert ImportRun.objects.get().attempts == 1


def test_a_lost_message_is_sent_again(client, project, settings, django_capture_on_commit_callbacks):
    run = new_run(client, project)
    send(client, run, files_of(pet_slices()))
    client.post(f"/api/imports/{run}/start/")
    from annotations.studies.services import forgotten_imports

    assert forgotten_imports() == []
    ImportRun.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    assert [str(one.pk) for one in forgotten_imports()] == [run]
    assert forgotten_imports() == []


def test_uploads_nobody_starts_are_forgotten_after_a_week(client, project):
    run = new_run(client, project)
    send(client, run, {"a.dcm": b"x"})
    ImportRun.objects.update(updated_at=timezone.now() - timedelta(days=8))
    sweep_imports()
    assert ImportRun.objects.get().state == "failed"
    ImportRun.objects.update(updated_at=timezone.now() - timedelta(days=8))
    sweep_imports()
    assert not upload_folder(ImportRun.objects.get()).exists()
    assert client.post(f"/api/imports/{run}/start/").status_code == 400


def test_a_full_disk_keeps_the_upload_for_another_start(client, project, full_disk):
    full_disk.free()
    run = new_run(client, project)
    send(client, run, files_of(pet_slices()))
    client.post(f"/api/imports/{run}/start/")
    full_disk.is_full = True
    import_upload(run)
    failed = client.get(f"/api/imports/{run}/").json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "storage_full")
    full_disk.free()
    client.post(f"/api/imports/{run}/start/")
    import_upload(run)
    assert client.get(f"/api/imports/{run}/").json()["state"] == "done"


def test_attributes_and_keys_over_the_api(client, project, tmp_path):
    import_files(write_pet(tmp_path / "pet"), project=project)
    table = SimpleUploadedFile("table.csv", b"PatientID,age\nSYNTHETIC-1,61\nnobody,1\n")
    response = client.post(f"/api/projects/{project.pk}/attributes/", {"file": table})
    assert response.json() == {
        "updated": 1,
        "refusals": [
            {
                "file": "row 3",
                "code": "unknown_patient",
                "message": "There is no such patient in this project.",
            }
        ],
    }
    keys = client.get("/api/patient-keys/", {"project": project.pk}).json()
    assert keys == [
        {
            "pseudonym": "PT-0001",
            "source_patient_id": "SYNTHETIC-1",
            "source_patient_name": "SYNTHETIC^Test",
        }
    ]
    assert AuditRecord.objects.get(action="patient_keys_viewed").actor.username == "manager"
    coordinator = signed_in(make_user("coordinator", Role.COORDINATOR))
    assert coordinator.get("/api/patient-keys/", {"project": project.pk}).status_code == 403
    stranger = signed_in(make_user("stranger", Role.DATA_MANAGER))
    assert stranger.get("/api/patient-keys/", {"project": project.pk}).status_code == 404
    assert AuditRecord.objects.filter(action="patient_keys_viewed").count() == 1


def test_the_maker_of_a_project_manages_it(client):
    response = client.post("/api/projects/", {"name": "New", "pseudonym_prefix": "NW"})
    assert response.status_code == 201
    assert response.json()["study_count"] == 0
    assert new_run(client, Project.objects.get(name="New"))
    again = client.post("/api/projects/", {"name": "New"})
    assert (again.status_code, again.json()["code"]) == (409, "project_name_taken")
    assert client.post("/api/projects/", {"name": "X", "pseudonym_prefix": "a b"}).status_code == 400
    coordinator = signed_in(make_user("coordinator", Role.COORDINATOR))
    assert coordinator.post("/api/projects/", {"name": "Mine"}).status_code == 403


def test_an_administrator_says_who_manages_a_project(client, project):
    administrator = signed_in(make_user("administrator", Role.ADMINISTRATOR))
    made = administrator.post("/api/projects/", {"name": "Made"}).json()
    assert made["data_managers"] == []
    url, json = f"/api/projects/{made['id']}/", "application/json"
    changed = administrator.patch(url, {"data_managers": ["manager"]}, content_type=json)
    assert changed.json()["data_managers"] == ["manager"]
    assert new_run(client, Project.objects.get(name="Made"))
    make_user("reader", Role.READER)
    refused = administrator.patch(url, {"data_managers": ["reader"]}, content_type=json)
    assert refused.json()["detail"] == {"not_data_managers": ["reader"]}
    assert client.patch(url, {"data_managers": []}, content_type=json).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_study_at_once_store_it_once(tmp_path):
    write_pet(tmp_path / "pet")
    project = ensure_project(name="Clinic")
    runs = []

    def one_import():
        try:
            runs.append(import_files(tmp_path / "pet", project=project))
        finally:
            connection.close()

    threads = [threading.Thread(target=one_import) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.state for run in runs] == ["done"] * 4
    assert len({str(run.report) for run in runs}) == 1
    assert (Volume.objects.count(), Patient.objects.count()) == (1, 1)
    assert os.listdir(upload_folder(runs[0]).parent) == []
