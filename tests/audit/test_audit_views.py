"""The audit is read by those it is for, filtered and paged; scores stay masked in it; nobody changes it."""

import uuid

import pytest
from django.utils import timezone

from annotations.accounts.models import Role
from annotations.models import AuditRecord
from tests.builders import make_user
from tests.reads.scenes import Reader
from tests.reads.study_scenes import (
    AI,
    LOCK,
    faked_clock,
    locked,
    make_cases,
    make_coordinator,
    make_readers,
    own,
    read_through,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return make_coordinator()


@pytest.fixture
def scene(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], washout_days=0)
    client, rows = Reader(reader), own(plan, reader)
    ai = next(row for row in rows if row.arm.key == "ai")
    reads = [read_through(client, row) for row in rows]
    return plan, next(read for read in reads if read.assignment_id == ai.pk), client


def actions(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [one["action"] for one in answer.json()["entries"]]


def test_a_study_shows_all_that_was_done_to_it_in_order(coordinator, scene):
    plan, read, _ = scene
    path = f"reader-studies/{plan.reader_study_id}/"
    other = locked(coordinator, make_cases(1), make_readers(1), AI)
    found = actions(coordinator.get(f"{path}audit/"))
    assert found[:2] == ["reader_study_created", "plan_locked"]
    assert found.count("read_submitted") == 2
    assert actions(coordinator.get(f"reader-studies/{other.reader_study_id}/audit/")) == [
        "reader_study_created",
        "plan_locked",
    ]
    assert actions(coordinator.get(f"{path}plans/1/audit/")) == ["plan_locked"]
    assert coordinator.get(f"{path}plans/2/audit/").status_code == 404
    assert actions(coordinator.get(f"reads/{read.pk}/audit/")) == [
        "read_opened",
        "read_final",
        "read_scored",
        "read_submitted",
    ]
    assert coordinator.get(f"versions/{read.final_version_id}/audit/").json()["count"] == 0
    assert coordinator.get(f"versions/{uuid.uuid4()}/audit/").status_code == 404


def test_a_score_is_masked_in_the_audit_until_results_are_open(coordinator, scene):
    plan, read, _ = scene
    path = f"reads/{read.pk}/audit/?action=read_scored"
    (entry,) = coordinator.get(path).json()["entries"]
    assert entry["new"] == {"masked": "masked until the results are open"}
    coordinator.post(f"reader-studies/{plan.reader_study_id}/data-lock/", LOCK)
    (entry,) = coordinator.get(path).json()["entries"]
    assert entry["new"]["row"] == 3


def test_entries_are_filtered_and_paged(coordinator, scene):
    plan, _, client = scene
    path = f"reader-studies/{plan.reader_study_id}/audit/"
    mine = coordinator.get(f"{path}?actor={client.user.username}&action=read_opened").json()
    assert mine["count"] == 2
    first = coordinator.get(f"{path}?page_size=2").json()
    second = coordinator.get(f"{path}?page_size=2&page={first['next']}").json()
    assert len(first["entries"]) == 2
    assert first["entries"][-1]["id"] < second["entries"][0]["id"]
    at = second["entries"][0]["at"]
    since = coordinator.get(f"{path}?since={at.replace('+', '%2B')}").json()
    until = coordinator.get(f"{path}?until={at.replace('+', '%2B')}").json()
    assert since["count"] + until["count"] == first["count"]
    assert coordinator.get(f"{path}?page=99").status_code == 404
    assert coordinator.get(f"{path}?since=yesterday").status_code == 400


def test_only_administrators_see_all_of_it(coordinator, scene):
    administrator = Reader(make_user("administrator", Role.ADMINISTRATOR))
    answer = administrator.get("audit/?page_size=1000")
    assert answer.json()["count"] == AuditRecord.objects.count()
    assert administrator.get("audit/?object_type=plan").json()["count"] == 1
    for other in (coordinator, scene[2]):
        assert other.get("audit/").status_code == 403


def test_a_reader_sees_no_audit_not_even_the_own(scene):
    plan, read, client = scene
    for path in (
        f"reader-studies/{plan.reader_study_id}/audit/",
        f"reads/{read.pk}/audit/",
        f"versions/{read.final_version_id}/audit/",
    ):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_there_is_no_way_to_change_it(coordinator, method):
    administrator = Reader(make_user("administrator", Role.ADMINISTRATOR))
    assert getattr(administrator.client, method)("/api/audit/").status_code == 405


def test_a_look_at_patient_data_is_recorded_once_an_hour(coordinator, scene):
    plan, read, client = scene
    volume = read.segmentation.volume
    clock, patched = faked_clock(timezone.now())
    with patched:
        for _ in range(3):
            assert client.get(f"volumes/{volume.pk}/voxels/").status_code == 200
        coordinator.get(f"reader-studies/candidates/?project={plan.reader_study.project_id}")
        seen = AuditRecord.objects.filter(action="images_seen", object_id=str(volume.pk))
        assert [one.actor for one in seen] == [client.user]
        clock.pass_time(minutes=61)
        client.get(f"volumes/{volume.pk}/voxels/")
        assert seen.all().count() == 2
    (demographics,) = AuditRecord.objects.filter(action="demographics_seen")
    assert (demographics.actor, demographics.object_type) == (coordinator.user, "project")
    stranger = Reader(make_readers(1)[0])
    assert stranger.get(f"volumes/{volume.pk}/voxels/").status_code == 404
    assert not AuditRecord.objects.filter(action="images_seen", actor=stranger.user).exists()
