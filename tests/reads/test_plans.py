"""Reader studies: drafted, locked with a signature, worked through in an order of each reader's own."""

import uuid

import pytest
from rest_framework.test import APIClient

from annotations.accounts.models import Role
from annotations.models import Assignment, AuditRecord, Plan, ReaderStudy
from annotations.reads.errors import PlanIncomplete
from annotations.reads.services import create_reader_study, routine_design
from annotations.reads.services.plans import plan_digest
from tests.builders import FINGERPRINT, make_project, make_reader_study, make_user, model_version
from tests.reads.scenes import Reader, make_case

pytestmark = pytest.mark.django_db
AI = {"start": "ai", "release_fingerprint": FINGERPRINT, "release_name": "demo"}


@pytest.fixture
def coordinator():
    return Reader(make_user("coordinator", Role.COORDINATOR))


@pytest.fixture
def reader():
    return make_user("reader", Role.READER)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def plan_of(study_id: str) -> Plan:
    return Plan.objects.get(reader_study_id=study_id)


def request_for(studies, readers, **more) -> dict:
    return {
        "project": str(studies[0].project_id),
        "name": "First study",
        "cases": [str(study.pk) for study in studies],
        "readers": [user.pk for user in readers],
        "arm": AI,
        **more,
    }


def test_a_draft_enrols_pet_ct_and_suv_revision(coordinator, reader):
    study = make_case()
    answer = coordinator.post("reader-studies/", request_for([study], [reader]))
    assert answer.status_code == 201
    assert answer.json()["counts"] == {
        "cases": 1,
        "readers": 1,
        "assignments": 1,
        "opened": 0,
        "submitted": 0,
    }
    lock = {"password": "coordinator-password", "meaning": "approved"}
    assert answer.json()["plan"]["locked_at"] is None
    coordinator.post(f"reader-studies/{answer.json()['id']}/lock/", lock)
    case = Assignment.objects.get().case
    assert case.volume.series.modality == "PT"
    assert case.ct_volume.series.modality == "CT"
    assert case.suv_revision == case.volume.suv_revisions.get()


def test_a_draft_is_on_nobodys_worklist(coordinator, reader):
    study_id = coordinator.post("reader-studies/", request_for([make_case()], [reader])).json()["id"]
    assert Reader(reader).get("worklist/").json() == []
    assert not plan_of(study_id).assignments.exists()


def test_locking_needs_the_password_and_a_meaning(coordinator, reader):
    study_id = coordinator.post("reader-studies/", request_for([make_case()], [reader])).json()["id"]
    path = f"reader-studies/{study_id}/lock/"
    wrong = {"password": "wrong", "meaning": "approved"}
    assert code(coordinator.post(path, wrong)) == (403, "wrong_password")
    right = {"password": "coordinator-password"}
    assert code(coordinator.post(path, right | {"meaning": " "})) == (400, "invalid_input")
    answer = coordinator.post(path, right | {"meaning": "I approve this plan"})
    assert answer.json()["plan"]["locked_by"] == "coordinator"
    assert code(coordinator.post(path, right | {"meaning": "again"})) == (409, "plan_locked")
    assert AuditRecord.objects.filter(action="plan_locked").count() == 1


def test_a_lock_pins_volumes_and_suv_revisions_by_digest(reader):
    plan = make_reader_study(readers=[reader], studies=[make_case()])
    assert plan.digest == plan_digest(plan)
    assert plan.signature["meaning"] == "I approve this plan"
    assert plan.signature["digest"] == plan.digest
    case = plan.reader_study.cases.get()
    case.suv_revision.digest = "0" * 64
    assert plan_digest(plan) == plan.digest
    plan.idle_threshold_s = 61
    assert plan_digest(plan) != plan.digest


def test_each_reader_has_an_order_of_the_own_that_the_seed_gives_again():
    readers = [make_user(f"r{n}", Role.READER) for n in range(3)]
    studies = [make_case(with_model=False) for _ in range(8)]
    plans = [make_reader_study(readers=readers, studies=studies, seed=seed) for seed in (1, 1, 2)]
    orders = [{user.username: list(numbers(plan, user)) for user in readers} for plan in plans]
    assert orders[0] == orders[1] != orders[2]
    assert len({tuple(order) for order in orders[0].values()}) == 3
    assert all(sorted(order) == list(range(1, 9)) for order in orders[0].values())


def numbers(plan, user):
    return plan.assignments.filter(reader=user).order_by("position").values_list("case__number", flat=True)


def test_a_worklist_is_in_the_order_of_the_plan(reader):
    studies = [make_case() for _ in range(4)]
    plan = make_reader_study(readers=[reader], studies=studies)
    items = Reader(reader).get("worklist/").json()
    assert [item["case_number"] for item in items] == [1, 2, 3, 4]
    wanted = [str(one.pk) for one in plan.assignments.order_by("position")]
    assert [item["assignment"] for item in items] == wanted
    first = Reader(reader)
    read = first.open(Assignment.objects.get(pk=wanted[0]))
    assert first.get(f"reads/{read.pk}/").json()["next_assignment"] == wanted[1]


def test_nothing_masked_is_in_a_worklist(reader):
    make_reader_study(readers=[reader], studies=[make_case()])
    text = Reader(reader).get("worklist/").content.decode()
    assert FINGERPRINT not in text
    assert "demo" not in text.lower()
    assert '"arm"' not in text


def test_a_plan_may_hide_past_times(reader):
    plan = make_reader_study(readers=[reader], studies=[make_case()], masked=["past_times"])
    Reader(reader).open(plan.assignments.get())
    assert Reader(reader).get("worklist/").json()[0]["opened_at"] is None


def test_a_long_worklist_costs_few_queries(reader, django_assert_max_num_queries):
    make_reader_study(readers=[reader], studies=[make_case() for _ in range(6)])
    client = Reader(reader)
    with django_assert_max_num_queries(9):
        assert len(client.get("worklist/").json()) == 6


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"arm": {"start": "ai"}}, (400, "plan_incomplete")),
        ({"masked": ["everything"]}, (400, "invalid_input")),
        ({"cases": [str(uuid.uuid4())]}, (400, "invalid_input")),
        ({"readers": [10**6]}, (400, "invalid_input")),
        ({"project": str(uuid.uuid4())}, (404, "not_found")),
        ({"idle_threshold_s": 0}, (400, "invalid_input")),
        ({"readers": []}, (400, "plan_incomplete")),
    ],
)
def test_a_study_that_cannot_be_is_refused(coordinator, reader, change, wanted):
    assert code(coordinator.post("reader-studies/", request_for([make_case()], [reader]) | change)) == wanted
    assert not ReaderStudy.objects.exists()


def test_only_readers_are_assigned_and_names_are_used_once(coordinator, reader):
    study = make_case()
    other = make_user("other", Role.COORDINATOR)
    refused = coordinator.post("reader-studies/", request_for([study], [other]))
    assert code(refused) == (400, "plan_incomplete")
    assert refused.json()["detail"]["problems"][0]["code"] == "not_a_reader"
    coordinator.post("reader-studies/", request_for([study], [reader]))
    again = coordinator.post("reader-studies/", request_for([study], [reader]))
    assert code(again) == (409, "reader_study_name_taken")


def test_a_case_without_pet_is_refused(reader):
    from tests.builders import make_volume

    study = make_volume(modality="CT").series.study
    design = routine_design(studies=[study], readers=[reader], start="empty")
    with pytest.raises(PlanIncomplete, match="no such PET") as refused:
        create_reader_study(by=reader, project=make_project(), name="x", design=design, complete=True)
    assert refused.value.detail["problems"][0]["code"] == "case_without_pet"
    assert not ReaderStudy.objects.exists()


def test_a_coordinator_sees_the_results(coordinator, reader):
    plan = make_reader_study(readers=[reader], studies=[make_case(), make_case()])
    mine = Reader(reader)
    mine.read_to_the_end(mine.open(plan.assignments.get(position=1)), row=2)
    answer = coordinator.get(f"reader-studies/{plan.reader_study_id}/").json()
    assert answer["counts"] == {
        "cases": 2,
        "readers": 1,
        "assignments": 2,
        "opened": 1,
        "submitted": 1,
    }
    done, waiting = answer["reads"]
    assert (done["state"], done["row"], done["derived_row"], done["active_s"]) == ("submitted", 2, 1, 39.0)
    assert (waiting["state"], waiting["row"], waiting["read"]) == ("not_opened", None, None)
    listed = coordinator.get("reader-studies/").json()
    assert listed[0]["counts"] == answer["counts"]


class TestWhoMay:
    """Owner, colleague and stranger at every endpoint of this room."""

    @pytest.fixture
    def scene(self):
        owner, colleague = make_user("owner", Role.READER), make_user("colleague", Role.READER)
        plan = make_reader_study(readers=[owner], studies=[make_case()])
        make_reader_study(readers=[colleague], studies=[make_case()])
        assignment = plan.assignments.get()
        mine = Reader(owner)
        read = mine.open(assignment)
        return mine, Reader(colleague), assignment, read

    def paths(self, assignment, read):
        head = read.segmentation.versions.get()
        yield "get", f"reads/{read.pk}/"
        yield "post", f"assignments/{assignment.pk}/open/"
        for end in ("versions", "events", "final", "resume", "score", "submit"):
            yield "post", f"reads/{read.pk}/{end}/"
        yield "get", f"versions/{head.pk}/"
        yield "get", f"versions/{head.pk}/labels/"
        yield "get", f"volumes/{assignment.case.volume_id}/"
        yield "get", f"volumes/{assignment.case.ct_volume_id}/"

    def test_a_colleague_finds_nothing_of_the_owners(self, scene):
        _, colleague, assignment, read = scene
        for method, path in self.paths(assignment, read):
            assert getattr(colleague, method)(path).status_code == 404, path
        assert len(colleague.get("worklist/").json()) == 1

    @pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.ADMINISTRATOR, Role.COORDINATOR])
    def test_other_roles_read_nothing_themselves(self, scene, role):
        _, _, assignment, read = scene
        other = Reader(make_user("other", role))
        for method, path in list(self.paths(assignment, read))[:8]:
            assert getattr(other, method)(path).status_code == 403, path
        assert other.get("worklist/").status_code == 403

    def test_nobody_comes_in_without_signing_in(self, scene):
        _, _, assignment, read = scene
        client = APIClient()
        for method, path in self.paths(assignment, read):
            assert getattr(client, method)(f"/api/{path}").status_code == 401, path

    def test_a_request_without_csrf_token_is_refused(self, scene):
        mine, _, _, read = scene
        client = APIClient(enforce_csrf_checks=True)
        client.login(username=mine.user.username, password="owner-password")
        assert client.post(f"/api/reads/{read.pk}/resume/").status_code == 403

    def test_the_owner_sees_the_own_and_not_what_it_came_from(self, scene):
        mine, _, assignment, read = scene
        head = read.segmentation.versions.get()
        assert mine.get(f"versions/{head.pk}/").status_code == 200
        assert mine.get(f"versions/{head.pk}/labels/").status_code == 200
        assert mine.get(f"volumes/{assignment.case.volume_id}/").status_code == 200
        assert mine.get(f"versions/{read.start_version_id}/").status_code == 404
        other_result = model_version(assignment.case.volume, 0 * labels_of(head), fingerprint="e" * 64)
        assert mine.get(f"versions/{other_result.pk}/").status_code == 404

    def test_a_reader_sees_no_study_and_no_reader_study(self, scene):
        mine, _, assignment, _ = scene
        study = assignment.case.volume.series.study
        plan = assignment.plan
        for path in (
            f"studies/{study.pk}/",
            "reader-studies/",
            f"reader-studies/{plan.reader_study_id}/",
            f"reader-studies/{plan.reader_study_id}/scores.csv",
        ):
            assert mine.get(path).status_code in (403, 404), path

    def test_a_read_names_no_release(self, scene):
        mine, _, _, read = scene
        text = mine.get(f"reads/{read.pk}/").content.decode()
        assert FINGERPRINT not in text
        assert '"demo"' not in text


def labels_of(version):
    from annotations.segmentations.voxels import read_labels

    return read_labels(version)
