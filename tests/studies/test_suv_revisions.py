import pytest
from django.test import Client

from annotations.accounts.models import Role
from annotations.errors import InvalidInput
from annotations.models import AuditRecord, Volume
from annotations.studies.selectors import current_suv_revision
from annotations.studies.services import correct_suv
from tests.builders import make_user
from tests.studies.importing import FACTOR, import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def volume(tmp_path):
    import_files(write_pet(tmp_path))
    return Volume.objects.get()


@pytest.fixture
def manager():
    return make_user("manager", Role.DATA_MANAGER)


def test_a_corrected_weight_is_a_new_revision_and_the_first_one_stays(volume, manager):
    revision = correct_suv(
        volume=volume, corrections={"weight_kg": 37.0}, reason="weighed again", corrected_by=manager
    )
    assert revision.number == 2
    assert revision.factor == pytest.approx(FACTOR / 2, rel=1e-12)
    first = volume.suv_revisions.get(number=1)
    assert first.factor == pytest.approx(FACTOR, rel=1e-12)
    assert current_suv_revision(volume) == revision
    record = AuditRecord.objects.get(action="suv_corrected")
    assert (record.actor, record.reason) == (manager, "weighed again")


def test_a_correction_without_a_reason_is_refused(volume, manager):
    with pytest.raises(InvalidInput):
        correct_suv(volume=volume, corrections={"weight_kg": 37.0}, reason=" ", corrected_by=manager)


def test_a_tag_that_cannot_be_corrected_is_refused(volume, manager):
    with pytest.raises(InvalidInput):
        correct_suv(volume=volume, corrections={"units": "GML"}, reason="no", corrected_by=manager)
    assert volume.suv_revisions.count() == 1


@pytest.fixture
def client(volume, manager):
    volume.series.study.project.data_managers.add(manager)
    client = Client()
    client.force_login(manager)
    return client


def post(client, volume, path, body):
    return client.post(
        f"/api/volumes/{volume.pk}/suv-revisions/{path}", body, content_type="application/json"
    )


def test_a_preview_says_the_factor_that_follows_and_stores_nothing(client, volume):
    answer = post(client, volume, "preview/", {"corrections": {"weight_kg": 37.0}}).json()
    assert answer["factor"] == pytest.approx(FACTOR / 2, rel=1e-12)
    assert answer["values"]["weight_kg"] == 37.0
    assert answer["values"]["dose_bq"] == 370e6
    assert volume.suv_revisions.count() == 1
    wrong = post(client, volume, "preview/", {"corrections": {"weight_kg": -1}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_input")


def test_the_history_says_who_corrected_what_and_why(client, volume):
    body = {"corrections": {"weight_kg": 37.0}, "reason": "weighed again", "based_on": 1}
    assert post(client, volume, "", body).status_code == 201
    newest, first = client.get(f"/api/volumes/{volume.pk}/suv-revisions/").json()
    assert (newest["number"], newest["reason"], newest["created_by"]) == (2, "weighed again", "manager")
    assert newest["corrections"] == {"weight_kg": 37.0}
    assert (first["number"], first["values"]["weight_kg"], first["corrections"]) == (1, 74.0, {})


def test_a_correction_made_beside_another_is_a_conflict_and_loses_neither(client, volume):
    body = {"corrections": {"weight_kg": 37.0}, "reason": "weighed again", "based_on": 1}
    assert post(client, volume, "", body).status_code == 201
    second = post(client, volume, "", {**body, "corrections": {"dose_bq": 3e8}})
    assert (second.status_code, second.json()["code"]) == (409, "suv_revision_stale")
    assert volume.suv_revisions.count() == 2


@pytest.mark.parametrize("role", [Role.READER, Role.COORDINATOR, Role.ADMINISTRATOR, Role.DATA_MANAGER])
def test_only_data_managers_of_the_project_see_and_correct(volume, role):
    client = Client()
    client.force_login(make_user("other", role))
    assert client.get(f"/api/volumes/{volume.pk}/suv-revisions/").status_code in (403, 404)
    body = {"corrections": {"weight_kg": 37.0}, "reason": "no"}
    for path in ("", "preview/"):
        assert post(client, volume, path, body).status_code in (403, 404)
    assert volume.suv_revisions.count() == 1
