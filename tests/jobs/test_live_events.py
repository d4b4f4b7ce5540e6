"""Live events over a real web process: each person hears what is theirs, and no more."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from annotations.accounts.models import Role, User
from inference.jobs.consumers import user_of_session
from inference.jobs.services import fail_job, heartbeat
from tests.builders import make_reader_study, make_user
from tests.jobs.live import Live
from tests.jobs.scenes import claim, make_job, make_release, make_study


@pytest.fixture(scope="module")
def address(live: Live) -> str:
    return live.start_web()


def someone(*roles: Role) -> User:
    return make_user(f"{roles[0]}-{uuid.uuid4().hex[:8]}", *roles)


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def listening(address: str, user: User | None, origin: str = "") -> Iterator[ClientConnection]:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(user)}" if user else ""
    headers = {"Cookie": cookie}
    page = origin or f"http://{address}"
    with connect(f"ws://{address}/ws/jobs/", origin=page, additional_headers=headers) as socket:
        yield socket


def hear(socket: ClientConnection, seconds: float = 8.0) -> dict:
    return json.loads(socket.recv(timeout=seconds))


def hears_nothing(socket: ClientConnection, seconds: float = 2.5) -> bool:
    try:
        socket.recv(timeout=seconds)
    except TimeoutError:
        return True
    return False


def new_release():
    return make_release(f"demo {uuid.uuid4().hex[:8]}")


def test_a_coordinator_hears_each_change_within_seconds(address: str):
    release = new_release()
    before = make_job(release=release)
    with listening(address, someone(Role.COORDINATOR)) as socket:
        first = hear(socket)
        assert first["type"] == "jobs"
        assert str(before.pk) in [job["id"] for job in first["jobs"]]
        job = make_job(release=release)
        queued = hear(socket)
        assert (queued["type"], queued["job"]["id"], queued["job"]["state"]) == ("job", str(job.pk), "queued")
        taken = claim(job)
        heartbeat(claim=taken, stage="tiles", progress=0.25)
        changed_at = time.monotonic()
        running = hear(socket)["job"]
        assert time.monotonic() - changed_at < 3.0
        assert (running["state"], running["stage"], running["progress"]) == ("running", "tiles", 0.25)
        fail_job(claim=taken, code="no_body", message="No body.", retry=False)
        failed = hear(socket)["job"]
        assert (failed["state"], failed["error_code"]) == ("failed", "no_body")


def test_a_data_manager_hears_of_the_own_projects_only(address: str):
    manager, release = someone(Role.DATA_MANAGER), new_release()
    own = make_study(project=f"own {uuid.uuid4()}")
    own.project.data_managers.add(manager)
    with listening(address, manager) as socket:
        assert hear(socket) == {"type": "jobs", "jobs": []}
        make_job(make_study(project=f"foreign {uuid.uuid4()}"), release)
        job = make_job(own, release)
        assert hear(socket)["job"]["id"] == str(job.pk)
        assert hears_nothing(socket)


def test_a_reader_hears_only_that_an_awaited_job_has_ended(address: str):
    waiting, other = someone(Role.READER), someone(Role.READER)
    release = new_release()
    ai, empty = make_study(), make_study()
    make_reader_study(
        readers=[waiting], studies=[ai], release_name=release.name, release_fingerprint=release.fingerprint
    )
    make_reader_study(readers=[other], studies=[empty], start="empty")
    with listening(address, waiting) as socket, listening(address, other) as other_socket:
        assert hear(socket) == hear(other_socket) == {"type": "jobs", "jobs": []}
        for study in (ai, empty):
            taken = claim(make_job(study, release))
            heartbeat(claim=taken, stage="tiles", progress=0.5)
            fail_job(claim=taken, code="no_body", message="No body.", retry=False)
        assert hear(socket) == {"type": "worklist"}
        assert hears_nothing(socket)
        assert hears_nothing(other_socket, 0.1)


def test_a_stranger_is_refused(address: str):
    with pytest.raises(InvalidStatus) as refused, listening(address, None):
        pass
    assert refused.value.response.status_code == 403


def test_a_page_of_another_origin_is_refused(address: str):
    with (
        pytest.raises(InvalidStatus) as refused,
        listening(address, someone(Role.COORDINATOR), origin="http://elsewhere.example"),
    ):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.django_db
def test_a_session_counts_as_long_as_it_is_stored_and_its_user_active():
    user = make_user("coordinator", Role.COORDINATOR)
    key = session_of(user)
    read = user_of_session.func  # without its thread
    assert read(key) == user
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert read(key) is None
    User.objects.filter(pk=user.pk).update(is_active=True, password="changed")
    assert read(key) is None
    Session.objects.all().delete()
    assert read(key) is None
