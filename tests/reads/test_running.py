"""A study runs as it was planned: order, wash-out, training, attempts, looks and the data lock."""

from datetime import UTC, datetime, timedelta

import pytest

from annotations.exports.deviations import deviations_of
from annotations.exports.study_data import study_data
from annotations.models import AuditRecord, Comparison, Look, Read, ReaderStudy, ReadingTime, Score
from annotations.reads.selectors import record_read
from annotations.segmentations.voxels import read_labels
from tests.builders import FINGERPRINT, SMALL, boxes, model_version
from tests.reads.scenes import L1, Reader, make_case
from tests.reads.study_scenes import (
    AI,
    LOCK,
    SEMI,
    TWO,
    faked_clock,
    locked,
    make_cases,
    make_coordinator,
    make_readers,
    own,
    pet_of,
    read_through,
    reference_of,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def coordinator():
    return make_coordinator()


@pytest.fixture
def clock():
    clock, patched = faked_clock(MONDAY)
    with patched:
        yield clock


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def states(reader: Reader) -> list[str]:
    return [item["state"] for item in reader.get("worklist/").json()]


def study_path(plan) -> str:
    return f"reader-studies/{plan.reader_study_id}/"


def test_only_the_next_case_opens(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(3), [reader], AI)
    client, rows = Reader(reader), own(plan, reader)
    items = client.get("worklist/").json()
    assert [(item["state"], item["is_next"]) for item in items] == [
        ("ready", True),
        ("later", False),
        ("later", False),
    ]
    assert code(client.post(f"assignments/{rows[1].pk}/open/")) == (409, "not_next")
    read_through(client, rows[0])
    assert states(client) == ["submitted", "ready", "later"]
    client.open(rows[1])
    assert states(client) == ["submitted", "open", "later"]
    assert code(client.post(f"assignments/{rows[2].pk}/open/")) == (409, "not_next")


def test_a_coordinator_may_let_a_case_be_read_out_of_order_and_it_shows(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(2), [reader], AI)
    client, rows = Reader(reader), own(plan, reader)
    path = f"assignments/{rows[1].pk}/exempt/"
    assert code(coordinator.post(path, {"rule": "order", "reason": " "})) == (400, "invalid_input")
    assert coordinator.post(path, {"rule": "order", "reason": "The first is not ready."}).status_code == 201
    assert code(coordinator.post(path, {"rule": "order", "reason": "again"})) == (409, "conflict")
    read = read_through(client, rows[1])
    (flag,) = [one for one in progress(coordinator, plan)["flags"] if one["flag"] == "deviation_order"]
    assert (flag["read"], flag["detail"]) == (str(read.pk), "The first is not ready.")


def progress(coordinator, plan) -> dict:
    return coordinator.get(f"{study_path(plan)}progress/").json()


def test_leave_to_skip_the_washout_is_a_deviation_only_where_it_was_used(coordinator, clock):
    readers = make_readers(2)
    plan = locked(coordinator, make_cases(1), readers, washout_days=28)
    for reader, days in zip(readers, (27, 28), strict=True):
        client, (first, second) = Reader(reader), own(plan, reader)
        read_through(client, first)
        leave = {"rule": "washout", "reason": "On leave from tomorrow."}
        assert coordinator.post(f"assignments/{second.pk}/exempt/", leave).status_code == 201
        clock.pass_time(days=days)
        Reader(reader).open(second)
    flags = progress(coordinator, plan)["flags"]
    early = [one for one in flags if one["flag"] == "deviation_washout"]
    assert [(one["reader"], one["detail"]) for one in early] == [(readers[0].pk, "On leave from tomorrow.")]
    rows = deviations_of(study_data(plan.reader_study))
    exported = [one for one in rows if one.deviation.kind == "washout"]
    assert [one.row.assignment.reader for one in exported] == [readers[0]]


def test_the_washout_runs_from_submit_to_open_to_the_second(coordinator, clock):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], washout_days=28)
    client, (first, second) = Reader(reader), own(plan, reader)
    client.open(first)
    clock.pass_time(days=3)
    read_through(client, first)
    ends = clock.at + timedelta(days=28)
    item = client.get("worklist/").json()[1]
    assert (item["state"], item["is_next"]) == ("washout", True)
    assert datetime.fromisoformat(item["opens_at"]) == ends
    clock.at = ends - timedelta(seconds=1)
    client = Reader(reader)  # a session does not last so long
    refused = client.post(f"assignments/{second.pk}/open/")
    assert code(refused) == (409, "washout")
    assert datetime.fromisoformat(refused.json()["detail"]["opens_at"]) == ends
    assert progress(make_coordinator(), plan)["readers"][0]["next_opens_at"] is not None
    clock.at = ends
    assert client.open(second).opened_at == ends


def test_an_abandoned_read_was_seen_too(coordinator, clock):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], washout_days=1)
    client, (first, second) = Reader(reader), own(plan, reader)
    read = client.open(first)
    assert code(client.post(f"reads/{read.pk}/abandon/", {"reason": ""})) == (400, "invalid_input")
    gone = client.post(f"reads/{read.pk}/abandon/", {"reason": "Wrong patient history"})
    assert gone.json()["state"] == "abandoned"
    assert states(client) == ["abandoned", "washout"]
    clock.pass_time(days=1)
    client.open(second)
    assert code(client.post(f"assignments/{first.pk}/open/")) == (409, "read_frozen")
    assert code(client.save(read, boxes(SMALL))) == (409, "read_frozen")
    assert client.record(read, (99, "activity")).json()["late"] == 1


def test_training_comes_first_and_is_passed_against_the_reference(coordinator):
    case, training, (reader,) = make_case(), make_case(), make_readers(1)
    reference = reference_of(training, boxes(SMALL, L1=L1))
    cases = [
        {"study": str(case.pk)},
        {"study": str(training.pk), "role": "training", "reference": str(reference.pk)},
    ]
    rule = {"pass_rule": {"kind": "dice", "minimum": 0.9}}
    plan = locked(coordinator, [case], [reader], AI, cases=cases, training=rule)
    client, (first, main) = Reader(reader), own(plan, reader)
    assert (first.role, first.period, main.role) == ("training", 0, "main")
    assert [item["role"] for item in client.get("worklist/").json()] == ["training", "main"]
    read_through(client, first)  # Dice of both AI lesions against one: 2 * 18 / (36 + 18) = 0.67
    assert states(client) == ["submitted", "training_review"]
    assert progress(coordinator, plan)["readers"][0]["training"] == "failed"
    assert code(client.post(f"assignments/{main.pk}/open/")) == (409, "training_not_passed")
    again = coordinator.post(f"assignments/{first.pk}/reopen/", {"reason": "Once more"})
    assert (again.status_code, again.json()["attempt"]) == (201, 2)
    read_through(client, first, boxes(SMALL, L1=L1))
    assert progress(coordinator, plan)["readers"][0]["training"] == "passed"
    client.open(main)


def test_training_may_be_waived_with_a_reason(coordinator):
    case, training, (reader,) = make_case(), make_case(), make_readers(1)
    reference = reference_of(training, boxes(SMALL, L1=L1))
    cases = [
        {"study": str(case.pk)},
        {"study": str(training.pk), "role": "training", "reference": str(reference.pk)},
    ]
    rule = {"pass_rule": {"kind": "lesion_sensitivity", "minimum": 1.0}}
    plan = locked(coordinator, [case], [reader], AI, cases=cases, training=rule)
    client, (first, main) = Reader(reader), own(plan, reader)
    read_through(client, first, boxes(SMALL))
    assert states(client)[1] == "training_review"
    coordinator.post(f"assignments/{main.pk}/exempt/", {"rule": "training", "reason": "Known reader"})
    assert progress(coordinator, plan)["readers"][0]["training"] == "exempted"
    client.open(main)


def test_a_case_opened_again_is_a_new_read_and_the_first_stays_the_record(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], AI)
    client, (row,) = Reader(reader), own(plan, reader)
    path = f"assignments/{row.pk}/reopen/"
    assert code(coordinator.post(path, {"reason": "Too early"})) == (409, "not_reopened")
    first = read_through(client, row, boxes(SMALL, L1=L1))
    assert client.post(path, {"reason": "I want to"}).status_code == 403
    assert code(coordinator.post(path, {"reason": ""})) == (400, "invalid_input")
    assert coordinator.post(path, {"reason": "The scanner label was wrong"}).status_code == 201
    assert code(coordinator.post(path, {"reason": "Twice"})) == (409, "not_reopened")
    second = client.open(row)
    assert (second.attempt, second.reason, second.start_version) == (
        2,
        "The scanner label was wrong",
        first.start_version,
    )
    assert (read_labels(second.segmentation.versions.get()) == TWO).all()
    client.read_to_the_end(second)
    row.refresh_from_db()
    assert record_read(row) == first
    results = coordinator.get(study_path(plan)).json()["reads"]
    assert [(one["attempt"], one["is_record"]) for one in results] == [(1, True), (2, False)]
    assert "reopened" in results[1]["flags"]
    assert AuditRecord.objects.get(action="read_reopened").reason == "The scanner label was wrong"


def test_a_semi_automatic_read_starts_empty_and_is_never_scored(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, [make_case(with_model=False)], [reader], SEMI)
    client, (row,) = Reader(reader), own(plan, reader)
    assert states(client) == ["ready"]
    read = client.open(row)
    shown = client.get(f"reads/{read.pk}/").json()
    assert (shown["start"], shown["scored"], shown["start_version"]) == ("semi_automatic", False, None)
    assert not read_labels(read.segmentation.versions.get()).any()
    client.record(read, (0, "first_image"), (1, "computing_begin"), (9, "computing_end"), (20, "activity"))
    client.save(read, boxes(SMALL, L1=L1))
    client.record(read, (40, "final"))
    client.final(read)
    assert code(client.score(read)) == (409, "no_score")
    assert client.submit(read).json()["state"] == "submitted"
    time = ReadingTime.objects.get()
    assert (time.wall_s, time.computing_s) == (40.0, 8.0)
    assert not Score.objects.exists()


def test_a_missing_ai_result_is_said_to_both_in_their_words(coordinator):
    (reader,) = make_readers(1)
    study = make_case(with_model=False)
    plan = locked(coordinator, [study], [reader], AI)
    client, (row,) = Reader(reader), own(plan, reader)
    item = client.get("worklist/").json()[0]
    assert (item["state"], item["waiting_for"]) == ("waiting", "This case is not ready yet")
    assert code(client.post(f"assignments/{row.pk}/open/")) == (409, "start_not_ready")
    assert progress(coordinator, plan)["waiting"] == [{"case_number": 1, "reason": "start_missing"}]
    model_version(pet_of(study), TWO, fingerprint=FINGERPRINT)
    assert progress(coordinator, plan)["waiting"] == []
    client.open(row)


def test_results_are_masked_until_the_data_lock_and_every_look_is_audited(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], washout_days=0)
    client, rows = Reader(reader), own(plan, reader)
    reads = [read_through(client, row) for row in rows]
    path = study_path(plan)
    masked = coordinator.get(path).json()
    assert masked["results_open"] is False
    for one in masked["reads"]:
        for name in ("arm", "row", "derived_row", "active_s", "clock", "final_version", "sequence"):
            assert one[name] is None, name
    assert code(coordinator.get(f"{path}results/")) == (403, "results_masked")
    for end in ("timeline", "differences"):
        assert code(coordinator.get(f"reads/{reads[0].pk}/{end}/")) == (403, "results_masked")
    assert not AuditRecord.objects.filter(action="results_seen").exists()
    assert progress(coordinator, plan)["pooled"]["n"] == 2
    assert "arm" not in str(progress(coordinator, plan)).lower()

    assert code(coordinator.post(f"{path}data-lock/", LOCK | {"password": "no"})) == (403, "wrong_password")
    assert coordinator.post(f"{path}data-lock/", LOCK).json()["state"] == "data_locked"
    assert code(coordinator.post(f"{path}data-lock/", LOCK)) == (409, "data_locked")
    seen = coordinator.get(f"{path}results/").json()["reads"]
    assert {one["arm"] for one in seen} == {"ai", "semi_automatic"}
    assert {one["clock"]["wall_s"] for one in seen} == {39.0}
    coordinator.get(f"reads/{reads[0].pk}/timeline/")
    whats = [one.new["what"] for one in AuditRecord.objects.filter(action="results_seen").order_by("pk")]
    assert whats[-2:] == ["results", f"timeline of read {reads[0].pk}"]
    assert "study page" in whats


def test_after_the_data_lock_nothing_moves(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(2), [reader], AI)
    client, (first, second) = Reader(reader), own(plan, reader)
    done = read_through(client, first)
    read = client.open(second)
    coordinator.post(f"{study_path(plan)}data-lock/", LOCK)
    assert code(client.save(read, boxes(SMALL))) == (409, "data_locked")
    assert code(client.final(read)) == (409, "data_locked")
    assert code(client.post(f"reads/{read.pk}/abandon/", {"reason": "x"})) == (409, "data_locked")
    revised = client.post(f"reads/{done.pk}/score/revise/", {"row": 1, "reason": "x"})
    assert code(revised) == (409, "data_locked")
    for end in ("reopen", "exempt"):
        body = {"reason": "x", "rule": "order"}
        assert code(coordinator.post(f"assignments/{first.pk}/{end}/", body)) == (409, "data_locked")
    assert code(coordinator.post(f"{study_path(plan)}amend/", {"reason": "x"})) == (409, "data_locked")


def test_an_interim_look_waits_for_its_reads_and_sees_no_later_ones(coordinator, clock):
    (reader,) = make_readers(1)
    looks = [{"title": "Half way", "after_submitted": 2}]
    plan = locked(coordinator, make_cases(2), [reader], washout_days=0, interim_looks=looks)
    client, rows = Reader(reader), own(plan, reader)
    path = study_path(plan)
    body = {"number": 1, "reason": "As planned"}
    read_through(client, rows[0])
    assert code(coordinator.post(f"{path}looks/", body)) == (409, "look_not_due")
    assert code(coordinator.post(f"{path}looks/", body | {"number": 2})) == (404, "not_found")
    assert code(coordinator.get(f"{path}results/?look=1")) == (403, "results_masked")
    clock.pass_time(minutes=1)
    read_through(client, rows[1])
    assert progress(coordinator, plan)["looks"][0]["reached"] is True
    assert coordinator.post(f"{path}looks/", body).status_code == 201
    assert code(coordinator.post(f"{path}looks/", body)) == (409, "look_taken")
    clock.pass_time(minutes=1)
    read_through(client, rows[2])
    seen = coordinator.get(f"{path}results/?look=1").json()
    assert len(seen["reads"]) == 2
    assert datetime.fromisoformat(seen["cut_off"]) == Look.objects.get().taken_at
    assert AuditRecord.objects.get(action="results_seen").new == {"what": "results", "look": 1}
    assert code(coordinator.get(f"{path}results/")) == (403, "results_masked")


def test_a_revised_score_stands_beside_the_first(coordinator):
    (reader,) = make_readers(1)
    plan = locked(coordinator, make_cases(1), [reader], AI)
    client, (row,) = Reader(reader), own(plan, reader)
    read = read_through(client, row, row=2)
    path = f"reads/{read.pk}/score/revise/"
    assert code(client.post(path, {"row": 4})) == (400, "invalid_input")
    answer = client.post(path, {"row": 4, "reason": "Pressed the wrong key"})
    assert (answer.status_code, answer.json()["score"]["row"]) == (200, 2)
    (result,) = coordinator.get(study_path(plan)).json()["reads"]
    assert (result["row"], result["revised_row"]) == (2, 4)
    assert AuditRecord.objects.get(action="score_revised").reason == "Pressed the wrong key"


def test_quality_flags_name_what_is_odd(coordinator):
    (reader,) = make_readers(1)
    quality = {"short_s": 60, "idle_share": 0.2, "long_gap_s": 100}
    plan = locked(coordinator, make_cases(2), [reader], AI, quality=quality)
    client, rows = Reader(reader), own(plan, reader)
    read_through(client, rows[0])  # 39 s of active time
    client = Reader(reader)
    read = client.open(rows[1])
    client.record(read, (0, "first_image"), (10, "activity"), (400, "activity"), (401, "final"))
    client.final(read)
    client.score(read, 1)
    client.submit(read)
    flags = {(one["flag"], one["case_number"]) for one in progress(coordinator, plan)["flags"]}
    first, second = rows[0].case.number, rows[1].case.number
    assert flags == {("very_short", first), ("long_idle", second), ("long_gap", second)}


def test_rows_against_a_reference_that_is_named_by_adjudication(coordinator):
    readers = make_readers(2)
    plan = locked(
        coordinator,
        make_cases(1),
        readers,
        AI,
        second_read={"adjudication": "majority", "readers": 2},
    )
    for user in readers:
        read_through(Reader(user), own(plan, user)[0], boxes(SMALL, L1=L1))
    case = ReaderStudy.objects.get().cases.get()
    assert not Comparison.objects.filter(kind="final_reference").exists()
    path = f"{study_path(plan)}cases/{case.pk}/"
    listed = coordinator.get(f"{path}reads/").json()
    assert [one["lesion_count"] for one in listed] == [1, 1]
    assert "arm" not in str(listed)
    body = {"method": "majority", "reads": [one["read"] for one in listed], "reason": "Both agree"}
    assert code(coordinator.post(f"{path}adjudicate/", body | {"reads": [listed[0]["read"]] * 2})) == (
        400,
        "invalid_input",
    )
    made = coordinator.post(f"{path}adjudicate/", body)
    assert made.status_code == 201, made.json()
    case.refresh_from_db()
    assert str(case.reference_id) == made.json()["version"]
    assert (read_labels(case.reference) == boxes(SMALL, L1=L1)).all()
    assert code(coordinator.post(f"{path}adjudicate/", body)) == (409, "reference_named")
    result = coordinator.get(study_path(plan)).json()["reads"][0]
    # The AI has both lesions, the reference one: 1 false positive is row 3.
    assert (result["reference_row"], result["row"]) == (3, 3)
    assert result["agreement"] == {"derived": True, "strict": True, "reference": True}
    shown = coordinator.get(f"reads/{Read.objects.first().pk}/differences/").json()
    assert shown["against_reference"]["dice"] == 1.0
    assert [one["kind"] for one in shown["lesions"]] == ["kept", "false_positive"]


@pytest.mark.parametrize("method", ["choice", "staple"])
def test_other_ways_to_adjudicate(coordinator, method):
    readers = make_readers(3)
    plan = locked(coordinator, make_cases(1), readers, AI)
    reads = [read_through(Reader(user), own(plan, user)[0], boxes(SMALL, L1=L1)) for user in readers]
    case = ReaderStudy.objects.get().cases.get()
    body = {"method": method, "reads": [str(read.pk) for read in reads], "reason": "Panel"}
    if method == "choice":
        path = f"{study_path(plan)}cases/{case.pk}/adjudicate/"
        assert code(coordinator.post(path, body)) == (400, "invalid_input")
        body["chosen"] = str(reads[1].pk)
    made = coordinator.post(f"{study_path(plan)}cases/{case.pk}/adjudicate/", body)
    assert made.status_code == 201, made.json()
    case.refresh_from_db()
    assert (
        case.reference == reads[1].final_version
        if method == "choice"
        else case.reference.tool == ("consensus_staple")
    )


def test_progress_costs_few_queries_however_many_reads(coordinator, django_assert_max_num_queries):
    readers = make_readers(3)
    plan = locked(coordinator, make_cases(3), readers, AI)
    for user in readers:
        read_through(Reader(user), own(plan, user)[0])
    with django_assert_max_num_queries(45):
        assert progress(coordinator, plan)["totals"]["submitted"] == 3
