"""A read from open to submit, through the API."""

import uuid

import numpy as np
import pytest

from annotations.accounts.models import Role
from annotations.models import AuditRecord, Event, Read, ReadingTime
from annotations.segmentations.services import verify_chain
from annotations.segmentations.voxels import read_labels
from tests.builders import SMALL, boxes, make_reader_study, make_user, model_version
from tests.reads.scenes import L1, L2, Reader, edit_json, make_assignment, make_case

pytestmark = pytest.mark.django_db
FAR = np.s_[0:2, 10:12, 10:12]


@pytest.fixture
def assignment():
    return make_assignment()


@pytest.fixture
def reader(assignment):
    return Reader(assignment.reader)


def counted(answer) -> dict[str, int]:
    return {name: answer.json()[name] for name in ("stored", "known", "late")}


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_opening_makes_a_lineage_that_grows_from_the_ai_version(assignment, reader):
    read = reader.open(assignment)
    first = read.segmentation.versions.get()
    assert first.parent == read.start_version
    assert first.parent.producer_kind == "model"
    assert np.array_equal(read_labels(first), boxes(SMALL, L1=L1, L2=L2))


def test_opening_again_gives_the_same_read(assignment, reader):
    assert reader.open(assignment) == reader.open(assignment)
    assert Read.objects.count() == 1


def test_an_empty_arm_starts_empty_without_a_parent():
    assignment = make_assignment("empty")
    read = Reader(assignment.reader).open(assignment)
    version = read.segmentation.versions.get()
    assert read.start_version is None
    assert version.parent is None
    assert not read_labels(version).any()


def test_a_case_waits_for_its_segmentation():
    assignment = make_assignment(with_model=False)
    reader = Reader(assignment.reader)
    assert reader.get("worklist/").json()[0]["state"] == "waiting"
    assert code(reader.post(f"assignments/{assignment.pk}/open/")) == (409, "start_not_ready")
    model_version(assignment.case.volume, boxes(SMALL, L1=L1))
    assert reader.get("worklist/").json()[0]["state"] == "ready"
    reader.open(assignment)
    assert reader.get("worklist/").json()[0]["state"] == "open"


def test_a_result_of_another_release_is_not_taken():
    assignment = make_assignment(with_model=False)
    model_version(assignment.case.volume, boxes(SMALL, L1=L1), fingerprint="e" * 64)
    assert Reader(assignment.reader).get("worklist/").json()[0]["state"] == "waiting"


def test_a_read_tells_what_the_reading_room_needs(assignment, reader):
    read = reader.open(assignment)
    answer = reader.get(f"reads/{read.pk}/").json()
    assert answer["pet_volume"] == str(assignment.case.volume_id)
    assert answer["ct_volume"] == str(assignment.case.ct_volume_id)
    assert answer["scored"] is True
    assert answer["is_synthetic"] is True
    assert [lesion["label"] for lesion in answer["head"]["lesions"]] == [1, 2]
    assert answer["head"]["lesions"][0]["volume_ml"] == pytest.approx(18 * 0.08)
    assert answer["derived"] is None


def test_a_lost_answer_to_a_save_is_retried_without_conflict(assignment, reader):
    read = reader.open(assignment)
    edit = edit_json(read.segmentation.versions.get(), boxes(SMALL, L1=L1))
    first, again = reader.send_edit(read, edit), reader.send_edit(read, edit)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_save_on_a_stale_parent_names_the_head(assignment, reader):
    read = reader.open(assignment)
    stale = edit_json(read.segmentation.versions.get(), boxes(SMALL))
    head = reader.save(read, boxes(SMALL, L1=L1)).json()["id"]
    answer = reader.send_edit(read, stale)
    assert code(answer) == (409, "stale_parent")
    assert answer.json()["detail"]["head"] == head


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"patch": "AAAA"}, (400, "bad_patch")),
        ({"patch": "no base64!"}, (400, "bad_patch")),
        ({"grid_digest": "0" * 64}, (409, "grid_mismatch")),
        ({"parameters": {"x": "\x00"}}, (400, "invalid_input")),
        ({"tool": "DROP TABLE"}, (400, "invalid_input")),
        ({"lesions": [{"label": 77}]}, (400, "invalid_input")),
    ],
)
def test_edits_that_cannot_be_are_refused_by_name(assignment, reader, change, wanted):
    read = reader.open(assignment)
    assert code(reader.save(read, boxes(SMALL, L1=L1), **change)) == wanted
    assert read.segmentation.versions.count() == 1


def test_events_are_stored_once(assignment, reader):
    read = reader.open(assignment)
    events = reader.events((0, "first_image"), (1, "activity"))
    assert counted(reader.send(read, events)) == {"stored": 2, "known": 0, "late": 0}
    more = reader.events((2, "activity"))
    assert counted(reader.send(read, events + more)) == {"stored": 1, "known": 2, "late": 0}
    assert read.events.count() == 3


def test_a_sequence_number_means_one_event(assignment, reader):
    read = reader.open(assignment)
    (event,) = reader.events((0, "first_image"))
    reader.send(read, [event])
    assert code(reader.send(read, [event | {"id": str(uuid.uuid4())}])) == (409, "event_conflict")
    assert code(reader.send(read, [event | {"sequence": 5}])) == (409, "event_conflict")
    assert Event.objects.count() == 1


def test_more_than_500_events_at_once_are_refused(assignment, reader):
    read = reader.open(assignment)
    assert reader.record(read, *[(n, "activity") for n in range(500)]).json()["stored"] == 500
    assert code(reader.record(read, *[(n, "activity") for n in range(501)])) == (400, "invalid_input")


def test_final_waits_for_the_head_and_the_events(assignment, reader):
    read = reader.open(assignment)
    reader.record(read, (0, "first_image"))
    head = reader.arrived(read)
    answer = reader.post(f"reads/{read.pk}/final/", head | {"event_count": 2})
    assert code(answer) == (409, "events_missing")
    assert answer.json()["detail"] == {"stored": 1, "named": 2}
    reader.save(read, boxes(SMALL, L1=L1))
    assert code(reader.post(f"reads/{read.pk}/final/", head)) == (409, "stale_head")
    assert reader.final(read).json()["state"] == "final"
    assert reader.final(read).json()["state"] == "final"


def test_a_final_segmentation_is_changed_only_after_taking_it_up_again(assignment, reader):
    read = reader.open(assignment)
    reader.final(read)
    assert code(reader.save(read, boxes(SMALL, L1=L1))) == (409, "read_frozen")
    assert reader.post(f"reads/{read.pk}/resume/").json()["state"] == "open"
    assert reader.save(read, boxes(SMALL, L1=L1)).status_code == 201
    assert reader.final(read).status_code == 200


def test_the_score_is_given_after_final_and_once(assignment, reader):
    read = reader.open(assignment)
    assert code(reader.score(read)) == (409, "not_final")
    reader.save(read, boxes(SMALL, L1=L1, L3=FAR))
    reader.final(read)
    answer = reader.score(read, 2, confidence=4, comment="one missed")
    given = {"row": 2, "confidence": 4, "comment": "one missed", "lesion_flags": None}
    assert answer.json()["score"] == given
    assert reader.score(read, 2, confidence=4, comment="one missed").status_code == 200
    assert code(reader.score(read, 3)) == (409, "score_given")
    assert code(reader.post(f"reads/{read.pk}/resume/")) == (409, "score_given")


def test_remarks_on_single_lesions_are_stored_with_the_score(assignment, reader):
    read = reader.open(assignment)
    reader.save(read, boxes(SMALL, L1=L1, L3=FAR))
    reader.final(read)
    first, second, added = (
        {"label": 1, "flag": "partial", "remark": "cold rim"},
        {"label": 2, "flag": "false_positive", "remark": ""},
        {"label": 3, "flag": "missed_by_ai", "remark": ""},
    )
    unknown = reader.score(read, 2, lesion_flags=[first, {"label": 9, "flag": "partial"}])
    assert code(unknown) == (400, "invalid_input")
    assert unknown.json()["detail"] == {"labels": [9]}
    assert code(reader.score(read, 2, lesion_flags=[first, first])) == (400, "invalid_input")
    assert code(reader.score(read, 2, lesion_flags=[{"label": 1, "flag": "nice"}])) == (400, "invalid_input")
    # Lesion 2 was deleted by the reader: it can still be spoken of.
    answer = reader.score(read, 2, lesion_flags=[added, second, first])
    assert answer.json()["score"]["lesion_flags"] == [first, second, added]
    assert Read.objects.get().scores.get().lesion_flags == [first, second, added]
    assert reader.score(read, 2, lesion_flags=[first, second, added]).status_code == 200
    assert code(reader.score(read, 2, lesion_flags=[first])) == (409, "score_given")


def test_another_place_is_told_of_and_the_newest_state_is_named(assignment, reader):
    read = reader.open(assignment)
    here, there = Reader(assignment.reader), Reader(assignment.reader)

    def asks(one: Reader) -> dict:
        return one.post(f"reads/{read.pk}/events/", {"events": [], "page_load": str(one.page_load)}).json()

    here.record(read, (0, "page_opened"), (1, "first_image"))
    assert asks(here)["elsewhere"] == []
    there.record(read, (5, "page_opened"))
    assert asks(there)["elsewhere"] == [str(here.page_load)]
    assert asks(here)["elsewhere"] == [str(there.page_load)]
    version = there.save(read, boxes(SMALL, L1=L1)).json()["id"]
    assert (asks(here)["head"], asks(here)["state"]) == (version, "open")
    there.record(read, (9, "page_closed"))
    assert asks(here)["elsewhere"] == []
    # A page that comes back from the browser's memory goes on after its own farewell.
    there.record(read, (12, "activity"))
    assert asks(here)["elsewhere"] == [str(there.page_load)]
    assert reader.send(read, []).json()["elsewhere"] == []


def test_the_next_images_are_named_where_the_next_case_may_be_opened():
    user = make_user("one-reader", Role.READER)
    cases = [make_case(with_model=ready) for ready in (True, False)]
    plan = make_reader_study(readers=[user], studies=cases, start="ai")
    ready, waiting = (plan.assignments.get(case__volume__series__study=case) for case in cases)
    reader = Reader(user)
    answer = reader.get(f"reads/{reader.open(ready).pk}/").json()
    assert (answer["next_assignment"], answer["next_images"]) == (str(waiting.pk), None)
    model_version(waiting.case.volume, boxes(SMALL, L1=L1))
    answer = reader.get(f"reads/{Read.objects.get().pk}/").json()
    case = waiting.case
    assert answer["next_images"] == {"pet_volume": str(case.volume_id), "ct_volume": str(case.ct_volume_id)}
    assert Read.objects.count() == 1


def test_the_derived_row_is_shown_after_the_score_only(assignment, reader):
    read = reader.open(assignment)
    # Lesion 2 (false positive) deleted, one added where no AI voxel is: 1 missing, 1 false positive.
    reader.save(read, boxes(SMALL, L1=L1, L3=FAR))
    assert reader.final(read).json()["derived"] is None
    derived = reader.score(read, 1).json()["derived"]
    assert (derived["row"], derived["missing"], derived["false_positive"], derived["n_final"]) == (3, 1, 1, 2)


def test_a_plan_may_hide_the_derived_row():
    assignment = make_assignment(masked=["derived", "clinical"])
    reader = Reader(assignment.reader)
    answer = reader.read_to_the_end(reader.open(assignment)).json()
    assert answer["derived"] is None
    assert Read.objects.get().derived["row"] == 1


def test_an_empty_arm_has_no_score():
    assignment = make_assignment("empty")
    reader = Reader(assignment.reader)
    read = reader.open(assignment)
    reader.final(read)
    assert code(reader.score(read)) == (409, "no_score")
    assert reader.submit(read).json()["state"] == "submitted"


def test_a_read_without_its_score_is_not_submitted(assignment, reader):
    read = reader.open(assignment)
    assert code(reader.submit(read)) == (409, "not_final")
    reader.final(read)
    assert code(reader.submit(read)) == (409, "score_missing")


def test_a_negative_control_needs_no_score(assignment, reader):
    read = reader.open(assignment)
    reader.save(read, boxes(SMALL))
    reader.final(read)
    assert reader.submit(read).json()["scored"] is False
    assert Read.objects.get().derived["row"] is None
    assert Read.objects.get().derived["n_ai"] == 2


def test_submit_computes_the_times_and_the_derived_row(assignment, reader):
    read = reader.open(assignment)
    reader.read_to_the_end(read, boxes(SMALL, L1=L1), row=2)
    time = ReadingTime.objects.get()
    assert (time.wall_s, time.active_s, time.scoring_s) == (39.0, 39.0, 9.0)
    assert (time.action_count, time.time_to_first_edit_s) == (1, 29.0)
    read.refresh_from_db()
    assert read.last_event_number == 7
    assert read.derived["row"] == 3
    assert verify_chain(read.segmentation) == []
    assert "read_submitted" in AuditRecord.objects.values_list("action", flat=True)


def test_without_a_first_image_there_is_no_reading_time(assignment, reader):
    read = reader.open(assignment)
    reader.final(read)
    reader.score(read)
    assert reader.submit(read).status_code == 200
    assert not ReadingTime.objects.exists()


def test_after_submit_everything_is_refused_and_events_are_late(assignment, reader):
    read = reader.open(assignment)
    labels = boxes(SMALL, L1=L1)
    reader.read_to_the_end(read, labels)
    arrived = reader.arrived(read)
    assert code(reader.save(read, boxes(SMALL))) == (409, "read_frozen")
    assert code(reader.post(f"reads/{read.pk}/resume/")) == (409, "read_frozen")
    assert code(reader.final(read)) == (409, "read_frozen")
    assert code(reader.score(read, 5)) == (409, "read_frozen")
    assert code(reader.post(f"reads/{read.pk}/submit/", arrived | {"event_count": 1})) == (409, "read_frozen")
    assert reader.submit(read).status_code == 200  # a lost answer
    before = ReadingTime.objects.get().active_s
    assert counted(reader.record(read, (60, "activity"))) == {"stored": 1, "known": 0, "late": 1}
    assert ReadingTime.objects.get().active_s == before


def test_a_save_whose_answer_was_lost_before_submit_is_still_known(assignment, reader):
    read = reader.open(assignment)
    edit = edit_json(read.segmentation.versions.get(), boxes(SMALL, L1=L1))
    reader.send_edit(read, edit)
    reader.read_to_the_end(read)
    assert reader.send_edit(read, edit).status_code == 200


def test_the_worklist_leads_on_to_the_next_case():
    first = make_assignment()
    reader = Reader(first.reader)
    item = reader.get("worklist/").json()[0]
    assert (item["case_number"], item["case_count"], item["state"]) == (1, 1, "ready")
    answer = reader.read_to_the_end(reader.open(first)).json()
    assert answer["next_assignment"] is None
    assert reader.get("worklist/").json()[0]["state"] == "submitted"
