"""A plan is drafted, previewed, signed and amended; what is locked is what was previewed."""

import uuid

import pytest
from django.core.cache import cache

from annotations.accounts.models import Role
from annotations.models import Assignment, AuditRecord, Case, CaseStart, Plan, ReaderStudy
from annotations.reads.api.reader_studies import SignatureThrottle
from tests.builders import FINGERPRINT, SMALL, boxes, make_user
from tests.reads.scenes import L1, L2, Reader, make_case
from tests.reads.study_scenes import (
    AI,
    AI2,
    LOCK,
    SEMI,
    TWO,
    draft,
    locked,
    make_cases,
    make_coordinator,
    make_design,
    make_readers,
    own,
    read_through,
    reference_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return make_coordinator()


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def problems(answer) -> set[str]:
    return {one["code"] for one in answer.json()["problems"]}


def patch(coordinator, study, revision, **design):
    path = f"/api/reader-studies/{study.pk}/plan/"
    body = {"revision": revision, "design": design}
    return coordinator.client.patch(path, body, format="json")


def test_an_empty_draft_says_what_is_missing_and_is_not_locked(coordinator):
    study = make_case()
    body = {"project": str(study.project_id), "name": "First", "design": {}}
    made = coordinator.post("reader-studies/", body)
    assert (made.status_code, made.json()["state"], made.json()["reads"]) == (201, "draft", [])
    path = f"reader-studies/{made.json()['id']}/"
    plan = coordinator.get(f"{path}plan/")
    assert problems(plan) == {"no_cases", "no_readers", "no_arms"}
    assert plan.json()["design"]["washout_days"] == 28
    refused = coordinator.post(f"{path}lock/", LOCK)
    assert code(refused) == (400, "plan_incomplete")
    assert {one["code"] for one in refused.json()["detail"]["problems"]} == problems(plan)


def test_a_draft_is_changed_key_by_key_and_keeps_its_seed(coordinator):
    studies, readers = make_cases(2), make_readers(1)
    study = draft(coordinator, studies, readers)
    seed = study.plans.get().design["allocation"]["seed"]
    answer = patch(coordinator, study, 1, washout_days=14, allocation={"kind": "crossover"})
    assert answer.status_code == 200, answer.json()
    design = answer.json()["design"]
    assert (design["washout_days"], design["allocation"]["seed"], answer.json()["revision"]) == (14, seed, 2)
    assert len(design["cases"]) == 2
    changed = AuditRecord.objects.get(action="draft_changed")
    assert (changed.old, changed.new) == ({"washout_days": 28}, {"washout_days": 14})


def test_of_two_tabs_the_second_is_told(coordinator):
    study = draft(coordinator, make_cases(1), make_readers(1))
    assert patch(coordinator, study, 1, washout_days=7).status_code == 200
    refused = patch(coordinator, study, 1, washout_days=9)
    assert code(refused) == (409, "draft_changed")
    assert refused.json()["detail"]["revision"] == 2
    assert study.plans.get().design["washout_days"] == 7


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"allocation": {"kind": "latin"}}, "allocation.kind"),
        ({"washout_days": -1}, "washout_days"),
        ({"masked": ["everything"]}, "masked.0"),
        ({"nonsense": 1}, "nonsense"),
        ({"window": {"lower": 5, "upper": 5}}, "window"),
        ({"arms": [AI, AI]}, "arms"),
        ({"arms": [AI | {"tools": ["brush", "spere"]}]}, "arms.0.tools"),
        ({"fallback": {"rule": "fixed"}}, "fallback.suv"),
        ({"fallback": {"rule": "reader", "suv": 4}}, "fallback.suv"),
        ({"analysis": {"primary_set": "other"}}, "analysis"),
        ({"allocation": {"strata": {"thresholds": [3, 1]}}}, "allocation.strata.thresholds"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_field(coordinator, change, field):
    study = draft(coordinator, make_cases(1), make_readers(1))
    refused = patch(coordinator, study, 1, **change)
    assert code(refused) == (400, "invalid_input")
    assert refused.json()["detail"]["field"] == field
    assert study.plans.get().revision == 1


def test_the_preview_is_what_the_lock_stores(coordinator):
    studies, readers = make_cases(5), make_readers(3)
    for study in studies:
        reference_of(study, TWO)
    training = make_case()
    cases = [*make_design(studies, readers)["cases"], {"study": str(training.pk), "role": "training"}]
    study = draft(
        coordinator,
        studies,
        readers,
        cases=cases,
        allocation={"kind": "crossover", "seed": 3, "strata": {"by": "ttv", "of": "ai"}},
        timing_subgroup=2,
        repeats={"cases": 1},
    )
    path = f"reader-studies/{study.pk}/"
    before = Assignment.objects.count(), Case.objects.count(), Plan.objects.get().revision
    preview = coordinator.get(f"{path}preview/").json()
    assert (Assignment.objects.count(), Case.objects.count(), Plan.objects.get().revision) == before
    assert preview == coordinator.get(f"{path}preview/").json()
    answer = coordinator.post(f"{path}lock/", LOCK | {"allocation_digest": preview["allocation_digest"]})
    assert answer.status_code == 200, answer.json()
    stored = [
        {
            "reader": one.reader_id,
            "case_number": one.case.number,
            "arm": one.arm.key,
            "period": one.period,
            "position": one.position,
            "repeat": one.repeat,
            "shown_number": one.shown_number,
            "role": one.role,
            "stratum": one.stratum,
            "sequence": one.sequence,
            "in_timing_subgroup": one.in_timing_subgroup,
            "kept": False,
        }
        for one in Assignment.objects.order_by("reader", "period", "position")
    ]
    assert stored == preview["rows"]
    assert len(stored) == 3 * (2 * 5 + 1 + 2 * 1)
    assert {case["number"]: case["burden"]["ttv_ml"] for case in preview["cases"][:1]} == {
        1: pytest.approx(36 * 0.08)
    }


def test_nothing_else_is_locked_than_what_was_seen(coordinator):
    studies, readers = make_cases(3), make_readers(2)
    study = draft(coordinator, studies, readers)
    seen = coordinator.get(f"reader-studies/{study.pk}/preview/").json()["allocation_digest"]
    patch(coordinator, study, 1, allocation={"kind": "crossover", "seed": 12})
    refused = coordinator.post(f"reader-studies/{study.pk}/lock/", LOCK | {"allocation_digest": seen})
    assert code(refused) == (409, "allocation_changed")
    assert not Assignment.objects.exists()


def test_a_signature_holds_name_meaning_and_the_signers_own_time(coordinator):
    study = draft(coordinator, make_cases(1), make_readers(1))
    path = f"reader-studies/{study.pk}/lock/"
    assert code(coordinator.post(path, LOCK | {"zone": "Mars/Olympus"})) == (400, "invalid_input")
    assert code(coordinator.post(path, LOCK | {"zone": "../etc/passwd"})) == (400, "invalid_input")
    assert coordinator.post(path, LOCK | {"zone": "Europe/Copenhagen"}).status_code == 200
    plan = coordinator.get(f"reader-studies/{study.pk}/plan/").json()
    signature = plan["signature"]
    assert (signature["name"], signature["zone"]) == ("coordinator", "Europe/Copenhagen")
    assert signature["local_time"][-6:] in ("+01:00", "+02:00")
    assert signature["digest"] == plan["digest"] == Plan.objects.get().digest


def test_passwords_of_signatures_are_throttled(coordinator, monkeypatch):
    monkeypatch.setattr(SignatureThrottle, "THROTTLE_RATES", {"login": "3/min"})
    cache.clear()
    study = draft(coordinator, make_cases(1), make_readers(1))
    path = f"reader-studies/{study.pk}/lock/"
    codes = [coordinator.post(path, LOCK | {"password": "guess"}).status_code for _ in range(4)]
    cache.clear()
    assert codes == [403, 403, 403, 429]
    assert not AuditRecord.objects.filter(action="plan_locked").exists()


def test_a_chosen_version_and_a_release_each_start_their_arm(coordinator):
    study, (reader,) = make_case(), make_readers(1)
    chosen = reference_of(study, boxes(SMALL, L2=L2))
    arms = AI, AI2 | {"source": "version", "release_fingerprint": "", "release_name": ""}
    case = {"study": str(study.pk), "starts": {"other": str(chosen.pk)}}
    plan = locked(coordinator, [study], [reader], *arms, cases=[case], washout_days=0)
    client = Reader(reader)
    starts = {}
    for assignment in own(plan, reader):
        starts[assignment.arm.key] = read_through(client, assignment).start_version
    assert starts["other"] == chosen
    assert starts["ai"].producer_fingerprint == FINGERPRINT


def test_problems_name_what_does_not_fit(coordinator):
    study, elsewhere, readers = make_case(), make_case(), make_readers(1)
    wrong = reference_of(elsewhere, TWO)
    case = {"study": str(study.pk), "reference": str(wrong.pk), "starts": {"semi": str(wrong.pk)}}
    made = draft(coordinator, [study], readers, cases=[case], timing_subgroup=4)
    patch(
        coordinator,
        made,
        1,
        second_read={"adjudication": "majority", "readers": 3, "adjudicator": readers[0].pk},
        training={"pass_rule": {"kind": "dice"}},
        masked=["arm"],
    )
    found = problems(coordinator.get(f"reader-studies/{made.pk}/plan/"))
    assert found >= {
        "reference_elsewhere",
        "start_not_used",
        "allocation_impossible",
        "too_few_readers",
        "adjudicator_reads",
        "no_pass_minimum",
        "arm_visible",
    }


def test_a_missing_ai_result_is_a_warning_and_not_an_error(coordinator):
    study, readers = make_case(with_model=False), make_readers(1)
    made = draft(coordinator, [study], readers)
    found = coordinator.get(f"reader-studies/{made.pk}/preview/").json()
    assert [one["state"] for one in found["cases"][0]["starts"]] == ["missing", "not_needed"]
    assert ("start_missing", "warning") in {(one["code"], one["severity"]) for one in found["problems"]}
    assert coordinator.post(f"reader-studies/{made.pk}/lock/", LOCK).status_code == 200


def test_an_amendment_keeps_what_was_opened_and_needs_a_reason(coordinator):
    studies, (reader, second) = make_cases(3), make_readers(2)
    plan = locked(coordinator, studies, [reader], washout_days=0)
    client = Reader(reader)
    first = own(plan, reader)[0]
    read = read_through(client, first, TWO)
    path = f"reader-studies/{plan.reader_study_id}/"
    assert code(coordinator.post(f"{path}amend/", {"reason": " "})) == (400, "invalid_input")
    draft2 = coordinator.post(f"{path}amend/", {"reason": "A second reader joins."})
    assert (draft2.status_code, draft2.json()["number"]) == (201, 2)
    assert code(coordinator.post(f"{path}amend/", {"reason": "again"})) == (409, "draft_exists")
    study = ReaderStudy.objects.get()
    waiting = [item["assignment"] for item in client.get("worklist/").json()]
    assert waiting == [str(one.pk) for one in own(plan, reader)]  # the plan in force stays
    patch(coordinator, study, 1, readers=[reader.pk, second.pk])
    preview = coordinator.get(f"{path}preview/").json()
    kept = [row for row in preview["rows"] if row["kept"]]
    assert [(row["reader"], row["position"]) for row in kept] == [(reader.pk, first.position)]
    assert coordinator.post(f"{path}lock/", LOCK).status_code == 200
    new = Plan.objects.get(number=2)
    old_order = [(one.case.number, one.arm.key, one.period) for one in own(plan, reader)[1:]]
    assert [(one.case.number, one.arm.key, one.period) for one in own(new, reader)] == old_order
    assert len(own(new, second)) == 6
    items = client.get("worklist/").json()
    assert [item["state"] for item in items][:2] == ["submitted", "ready"]
    assert len(items) == 6
    read.refresh_from_db()
    assert read.assignment == first
    results = coordinator.get(path).json()
    assert results["counts"] == {
        "cases": 3,
        "readers": 2,
        "assignments": 12,
        "opened": 1,
        "submitted": 1,
    }
    gone = own(plan, reader)[1]
    assert client.post(f"assignments/{gone.pk}/open/").status_code == 404


def test_a_draft_is_dropped_and_an_amendment_leaves_the_plan_in_force(coordinator):
    plan = locked(coordinator, make_cases(1), make_readers(1))
    path = f"reader-studies/{plan.reader_study_id}/"
    coordinator.post(f"{path}amend/", {"reason": "Perhaps."})
    dropped = coordinator.client.delete(f"/api/{path}plan/", {"revision": 1}, format="json")
    assert dropped.status_code == 204
    assert coordinator.get(f"{path}plan/").json()["number"] == 1
    refused = coordinator.client.delete(f"/api/{path}plan/", {"revision": 1}, format="json")
    assert code(refused) == (409, "plan_locked")
    other = draft(coordinator, make_cases(1), make_readers(1))
    coordinator.client.delete(f"/api/reader-studies/{other.pk}/plan/", {"revision": 1}, format="json")
    assert not ReaderStudy.objects.filter(pk=other.pk).exists()


def test_candidates_come_with_demographics_and_versions(coordinator):
    study, other = make_case(), make_case()
    patient = study.patient
    patient.attributes.create(name="sex", value="F")
    path = f"reader-studies/candidates/?project={study.project_id}"
    listed = coordinator.get(path).json()
    assert {one["study"] for one in listed} == {str(study.pk), str(other.pk)}
    (found,) = coordinator.get(f"{path}&attribute.sex=f").json()
    assert (found["study"], found["attributes"]) == (str(study.pk), {"sex": "F"})
    assert [one["lesion_count"] for one in found["versions"]] == [2]
    assert coordinator.get(f"{path}&minimum_lesions=3").json() == []
    assert coordinator.get(f"reader-studies/candidates/?project={uuid.uuid4()}").status_code == 404
    assert coordinator.get("reader-studies/candidates/?project=x").status_code == 400


class TestWhoMay:
    PATHS = ("", "plan/", "preview/", "progress/", "results/", "audit/", "plans/1/audit/")

    @pytest.fixture
    def study(self, coordinator):
        return draft(coordinator, make_cases(1), make_readers(1))

    @pytest.mark.parametrize("role", [Role.READER, Role.DATA_MANAGER, Role.ADMINISTRATOR])
    def test_other_roles_see_no_study(self, study, role):
        other = Reader(make_user("other", role))
        for end in self.PATHS:
            assert other.get(f"reader-studies/{study.pk}/{end}").status_code == 403, end
        for end in ("lock", "amend", "planted", "looks", "data-lock"):
            assert other.post(f"reader-studies/{study.pk}/{end}/").status_code == 403, end

    def test_a_coordinator_who_reads_in_a_masked_study_is_not_shown_it(self, coordinator):
        both = make_user("both", Role.READER, Role.COORDINATOR)
        plan = locked(coordinator, make_cases(1), [both], masked=["arm"])
        client = Reader(both)
        for end in self.PATHS:
            answer = client.get(f"reader-studies/{plan.reader_study_id}/{end}")
            assert code(answer) == (403, "reads_in_study"), end
        assert client.get("reader-studies/").json() == []
        assignment = plan.assignments.first()
        assert code(
            client.post(f"assignments/{assignment.pk}/exempt/", {"rule": "order", "reason": "x"})
        ) == (
            403,
            "reads_in_study",
        )

    def test_a_stranger_finds_nothing(self, coordinator):
        for end in self.PATHS:
            assert coordinator.get(f"reader-studies/{uuid.uuid4()}/{end}").status_code == 404, end


def test_case_starts_are_stored_with_the_plan(coordinator):
    study, readers = make_case(), make_readers(1)
    start = reference_of(study, boxes(SMALL, L1=L1))
    case = {"study": str(study.pk), "starts": {"ai": str(start.pk)}}
    locked(coordinator, [study], readers, AI, SEMI, cases=[case])
    assert [(one.version, one.is_planted) for one in CaseStart.objects.all()] == [(start, False)]
