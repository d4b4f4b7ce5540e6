"""The live dashboard of a reader study over a real web process, and what readers' sockets never tell."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from annotations.accounts.models import Role, User
from annotations.models import Arm, Assignment
from annotations.reads import consumers
from annotations.reads.services import open_read
from inference.jobs.consumers import what_is_for
from inference.models import Job
from tests.builders import SMALL, boxes, make_reader_study, make_user, model_version
from tests.jobs.live import Live
from tests.jobs.scenes import make_job, make_release, make_study

RESULTS = {"row", "derived_row", "dice", "arm", "arm_key", "start", "sequence", "ttv_ml", "active_s"}
"""Keys of what single reads gave, and of their arms."""


@pytest.fixture(scope="module")
def address(live: Live) -> str:
    return live.start_web()


def someone(*roles: Role) -> User:
    return make_user(f"{roles[0]}-{uuid.uuid4().hex[:8]}", *roles)


@contextmanager
def listening(address: str, user: User | None, study_id: object) -> Iterator[ClientConnection]:
    headers = {}
    if user is not None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        headers = {"Cookie": f"{name}={client.cookies[name].value}"}
    url = f"ws://{address}/ws/reader-studies/{study_id}/"
    with connect(url, origin=f"http://{address}", additional_headers=headers) as socket:
        yield socket


def hear(socket: ClientConnection, seconds: float = 12.0) -> dict:
    return json.loads(socket.recv(timeout=seconds))


def keys_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for one in value.values() for key in keys_in(one)}
    return {key for one in value for key in keys_in(one)} if isinstance(value, list) else set()


def test_a_coordinator_sees_progress_at_once_then_each_change_and_no_result(address: str):
    reader, coordinator = someone(Role.READER), someone(Role.COORDINATOR)
    plan = make_reader_study(readers=[reader], studies=[make_study(), make_study()], start="empty")
    with listening(address, coordinator, plan.reader_study_id) as socket:
        first = hear(socket)
        assert first["type"] == "progress"
        assert first["progress"]["totals"] == {
            "assignments": 2,
            "not_opened": 2,
            "open": 0,
            "submitted": 0,
            "abandoned": 0,
        }
        assignment = Assignment.objects.filter(plan=plan).order_by("position").first()
        open_read(assignment=assignment)
        totals = hear(socket)["progress"]["totals"]
        assert (totals["not_opened"], totals["open"]) == (1, 1)
        assert not keys_in(first) & RESULTS
        with pytest.raises(TimeoutError):  # nothing changes: nothing is sent
            socket.recv(timeout=4.0)


@pytest.mark.parametrize("roles", [(), (Role.READER,), (Role.DATA_MANAGER,), (Role.ADMINISTRATOR,)])
def test_only_coordinators_see_the_progress_of_a_study(address: str, roles):
    reader = someone(Role.READER)
    plan = make_reader_study(readers=[reader], studies=[make_study()], start="empty")
    user = someone(*roles) if roles else None
    with pytest.raises(InvalidStatus) as refused, listening(address, user, plan.reader_study_id):
        pass
    assert refused.value.response.status_code == 403


def test_who_reads_in_a_masked_study_is_refused_as_if_it_were_not_there(
    address: str,
):
    both = someone(Role.READER, Role.COORDINATOR)
    plan = make_reader_study(readers=[both], studies=[make_study()], start="empty", masked=["others"])
    for study_id in (plan.reader_study_id, uuid.uuid4()):
        with pytest.raises(InvalidStatus) as refused, listening(address, both, study_id):
            pass
        assert refused.value.response.status_code == 403


def test_an_account_that_is_closed_hears_no_more(address: str):
    coordinator = someone(Role.COORDINATOR)
    plan = make_reader_study(readers=[someone(Role.READER)], studies=[make_study()], start="empty")
    with listening(address, coordinator, plan.reader_study_id) as socket:
        hear(socket)
        User.objects.filter(pk=coordinator.pk).update(is_active=False)
        with pytest.raises(ConnectionClosed) as ended:
            hear(socket)
        assert ended.value.rcvd.code == consumers.SIGNED_OUT


def test_a_database_that_fails_ends_the_socket_so_that_the_page_can_say_so(monkeypatch):
    """4401 and 4403 would send the person away; 1013 asks the page to come back."""

    async def fails(*_: object) -> None:
        raise DatabaseError("the disk is gone")

    closed = []
    consumer = consumers.ProgressConsumer()
    consumer.scope = {
        "session": type("Session", (), {"session_key": "key"})(),
        "url_route": {"kwargs": {"reader_study_id": uuid.uuid4()}},
    }

    async def close(code: int) -> None:
        closed.append(code)

    monkeypatch.setattr(consumer, "close", close)
    monkeypatch.setattr(consumers, "user_of_session", fails)
    asyncio.run(asyncio.wait_for(consumer._watch(), 5))
    assert closed == [consumers.TRY_AGAIN]


class TestWhoIsToldThatAJobEnded:
    """A tick on a case whose start was there, or of another arm, would say that a job ran on it."""

    @staticmethod
    def told(user: User, job) -> bool:
        jobs, worklist = what_is_for.func(user, [], [str(job.pk)])  # without its thread
        assert jobs == []
        return worklist

    def case_of(self, start: str = Arm.Start.AI, release=None):
        reader, study = someone(Role.READER), make_study()
        more = {}
        if start == Arm.Start.AI:
            more = {"release_name": release.name, "release_fingerprint": release.fingerprint}
        plan = make_reader_study(readers=[reader], studies=[study], start=start, **more)
        return reader, study, plan

    @pytest.mark.django_db
    def test_the_reader_whose_case_waits_for_the_result_or_its_failure(self):
        release = make_release()
        reader, study, _ = self.case_of(release=release)
        assert self.told(reader, make_job(study, release))

    @pytest.mark.django_db
    def test_nobody_for_a_job_of_another_release_or_on_another_case(self):
        release = make_release("one")
        reader, study, _ = self.case_of(release=release)
        assert not self.told(reader, make_job(study, make_release("other")))
        assert not self.told(reader, make_job(make_study(project="elsewhere"), release))

    @pytest.mark.django_db
    def test_nobody_whose_arm_does_not_start_from_a_result(self):
        reader, study, _ = self.case_of(start=Arm.Start.EMPTY)
        assert not self.told(reader, make_job(study, make_release()))

    @pytest.mark.django_db
    def test_nobody_whose_case_had_its_start_already(self):
        release = make_release()
        reader, study, _ = self.case_of(release=release)
        job = make_job(study, release)
        assert self.told(reader, job)
        pet = study.series.get(modality="PT").volumes.get()
        model_version(pet, boxes(SMALL), fingerprint=release.fingerprint)
        assert not self.told(reader, job)

    @pytest.mark.django_db
    def test_nobody_who_has_opened_the_case(self):
        release = make_release()
        reader, study, plan = self.case_of(release=release)
        job = make_job(study, release)
        pet = study.series.get(modality="PT").volumes.get()
        result = model_version(pet, boxes(SMALL), fingerprint=release.fingerprint)
        ended = {"state": Job.State.SUCCEEDED, "version": result, "finished_at": timezone.now()}
        Job.objects.filter(pk=job.pk).update(**ended)
        assert self.told(reader, job)
        open_read(assignment=Assignment.objects.get(plan=plan))
        assert not self.told(reader, job)
