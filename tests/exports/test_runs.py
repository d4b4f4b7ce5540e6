"""Exports and analyses as background work: who may, what happens, and what a lost worker leaves."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.accounts.models import Role, User
from annotations.exports import runs
from annotations.exports.services import export_path, make_export, remove_old_files
from annotations.exports.tasks import run_analysis, run_export, sweep_exports
from annotations.models import Analysis, AuditRecord, Export, Look, ReaderStudy
from tests.exports import hand_made
from tests.exports.reading import digests_of
from tests.reads.scenes import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rung(monkeypatch) -> list[tuple[str, str]]:
    """What the broker was told; a test plays the worker itself."""
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "annotations.exports.runs.current_app.send_task",
        lambda name, args, **_: calls.append((name, args[0])),
    )
    return calls


@pytest.fixture
def study() -> ReaderStudy:
    return hand_made.make_study()


@pytest.fixture
def coordinator(study) -> Reader:
    return Reader(User.objects.get(username="ms.coordinator"))


def ask(coordinator: Reader, study: ReaderStudy, **wish) -> Export:
    answer = coordinator.post(f"reader-studies/{study.pk}/exports/", wish or {"formats": ["csv"]})
    assert answer.status_code == 201, answer.json()
    return Export.objects.get(pk=answer.json()["id"])


def test_a_coordinator_asks_a_worker_writes_and_the_file_is_downloaded(
    coordinator, study, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(coordinator, study)
    assert rung == [("annotations.exports.run_export", str(export.pk))]
    assert coordinator.get(f"exports/{export.pk}/").json()["state"] == "queued"
    assert coordinator.get(f"exports/{export.pk}/file/").status_code == 404
    run_export(str(export.pk))
    shown = coordinator.get(f"exports/{export.pk}/").json()
    assert (shown["state"], shown["has_file"], shown["is_masked"]) == ("done", True, False)
    answer = coordinator.get(f"exports/{export.pk}/file/")
    content = b"".join(answer.streaming_content)
    assert 'filename="synthetic-hand-made-crossover-export.zip"' in answer["Content-Disposition"]
    assert hashlib.sha256(content).hexdigest() == shown["sha256"]
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert "tables/reads_long.csv" in names
    assert names[-1] == "manifest.json"
    actions = AuditRecord.objects.filter(object_id=str(study.pk)).values_list("action", flat=True)
    assert {"export_requested", "reader_study_exported"} <= set(actions)
    assert [one["id"] for one in coordinator.get(f"reader-studies/{study.pk}/exports/").json()] == [
        str(export.pk)
    ]


def test_the_same_export_twice_is_the_same_file(coordinator, study):
    parts = {"parts": ["tables", "dataset"], "formats": ["csv", "xlsx"]}
    digests = []
    for _ in range(2):
        export = ask(coordinator, study, **parts)
        run_export(str(export.pk))
        export.refresh_from_db()
        with zipfile.ZipFile(export_path(export)) as archive:
            # The audit has grown by the first export's own entries: everything else is the same.
            files = json.loads(archive.read("manifest.json"))["files"]
        digests.append(
            {name: one for name, one in files.items() if "audit" not in name and "xlsx" not in name}
        )
    assert digests[0] == digests[1]


def test_only_one_worker_makes_an_export(coordinator, study):
    export = ask(coordinator, study)
    first = Export.objects.get(pk=export.pk)
    second = Export.objects.get(pk=export.pk)
    assert runs.claim(first) is not None
    assert runs.claim(second) is None
    make_export(second)
    assert Export.objects.get(pk=export.pk).state == "running"


def test_a_waiting_export_is_cancelled_at_once(coordinator, study):
    export = ask(coordinator, study)
    assert coordinator.post(f"exports/{export.pk}/cancel/").json()["state"] == "cancelled"
    run_export(str(export.pk))
    assert Export.objects.get(pk=export.pk).state == "cancelled"


def test_a_running_export_stops_when_it_is_cancelled_and_leaves_no_file(coordinator, study, monkeypatch):
    export = ask(coordinator, study)

    def cancel_in_between(*_):
        coordinator.post(f"exports/{export.pk}/cancel/")
        return []

    monkeypatch.setattr("annotations.exports.package.code_book_rows", cancel_in_between)
    run_export(str(export.pk))
    shown = coordinator.get(f"exports/{export.pk}/").json()
    assert (shown["state"], shown["error_code"], shown["has_file"]) == ("cancelled", "cancelled", False)
    assert not export_path(export).exists()
    assert not list(export_path(export).parent.glob(f".{export.pk}.*"))


def test_the_export_of_a_lost_worker_is_taken_up_again_and_then_fails_by_name(coordinator, study, rung):
    export = ask(coordinator, study)
    for attempt in range(1, runs.MOST_ATTEMPTS + 1):
        assert runs.claim(Export.objects.get(pk=export.pk)) is not None
        sweep_exports()
        assert Export.objects.get(pk=export.pk).state == "running"
        Export.objects.filter(pk=export.pk).update(updated_at=timezone.now() - timedelta(hours=1))
        sweep_exports()
        expected = "queued" if attempt < runs.MOST_ATTEMPTS else "failed"
        assert Export.objects.get(pk=export.pk).state == expected
    assert Export.objects.get(pk=export.pk).error_code == "interrupted"


def test_a_worker_that_comes_back_after_its_time_changes_nothing(coordinator, study):
    export = ask(coordinator, study)
    late = runs.claim(Export.objects.get(pk=export.pk))
    Export.objects.filter(pk=export.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    sweep_exports()
    with pytest.raises(runs.RunCancelled):
        late("writing", 0, 1)
    assert late.finish(sha256="a" * 64) is False
    assert Export.objects.get(pk=export.pk).state == "queued"


def test_a_lost_message_is_rung_again(coordinator, study, rung):
    export = ask(coordinator, study)
    rung.clear()
    sweep_exports()
    assert rung == []
    Export.objects.filter(pk=export.pk).update(updated_at=timezone.now() - timedelta(minutes=5))
    sweep_exports()
    assert rung == [("annotations.exports.run_export", str(export.pk))]


def test_a_fault_ends_an_export_by_name(coordinator, study, monkeypatch):
    export = ask(coordinator, study)

    def fault(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr("annotations.exports.package.code_book_rows", fault)
    with pytest.raises(RuntimeError):
        run_export(str(export.pk))
    assert Export.objects.get(pk=export.pk).error_code == "fault"


def test_a_full_disk_is_named(coordinator, study, monkeypatch):
    export = ask(coordinator, study)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("annotations.exports.package.code_book_rows", full)
    run_export(str(export.pk))
    assert Export.objects.get(pk=export.pk).error_code == "storage_full"


def test_old_files_go_and_the_row_stays(coordinator, study):
    export = ask(coordinator, study)
    run_export(str(export.pk))
    remove_old_files()
    assert export_path(export).exists()
    Export.objects.filter(pk=export.pk).update(finished_at=timezone.now() - timedelta(days=31))
    sweep_exports()
    assert not export_path(export).exists()
    shown = coordinator.get(f"exports/{export.pk}/").json()
    assert (shown["has_file"], len(shown["sha256"])) == (False, 64)
    assert coordinator.get(f"exports/{export.pk}/file/").status_code == 404


@pytest.mark.parametrize(
    ("wish", "status"),
    [({"parts": ["everything"]}, 400), ({"parts": []}, 400), ({"parts": ["tables"], "formats": []}, 400)],
)
def test_a_wish_that_is_none_is_refused(coordinator, study, wish, status):
    assert coordinator.post(f"reader-studies/{study.pk}/exports/", wish).status_code == status


def test_before_the_data_lock_segmentations_are_refused_and_tables_masked():
    study = hand_made.make_study(data_locked=False)
    coordinator = Reader(User.objects.get(username="ms.coordinator"))
    refused = coordinator.post(f"reader-studies/{study.pk}/exports/", {"parts": ["versions"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "masked_until_lock")
    export = ask(coordinator, study)
    assert export.is_masked
    scores = coordinator.get(f"reader-studies/{study.pk}/scores.csv").content.decode()
    assert "score_row" not in scores
    assert "active_s" not in scores


def test_readers_and_coordinators_who_read_in_the_study_get_nothing():
    study = hand_made.make_study(data_locked=False)
    export = ask(Reader(User.objects.get(username="ms.coordinator")), study)
    paths = [
        f"reader-studies/{study.pk}/exports/",
        f"reader-studies/{study.pk}/scores.csv",
        f"reader-studies/{study.pk}/analysis/",
        f"exports/{export.pk}/",
        f"exports/{export.pk}/file/",
    ]
    reader = User.objects.get(username="dr.first")
    for _ in range(2):
        for path in paths:
            assert Reader(reader).get(path).status_code == 403, path
        assert Reader(reader).post(f"reader-studies/{study.pk}/exports/", {}).status_code == 403
        assert Reader(reader).post(f"exports/{export.pk}/cancel/").status_code == 403
        reader.role_grants.get_or_create(role=Role.COORDINATOR)


def test_the_command_writes_the_same_files(coordinator, study, tmp_path):
    export = ask(coordinator, study, formats=["csv", "json"])
    run_export(str(export.pk))
    with zipfile.ZipFile(export_path(export)) as archive:
        packed = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    out, said = tmp_path / "out", io.StringIO()
    call_command(
        "export_reader_study", study.name, out=out, formats=["csv", "json"], stdout=said, stderr=io.StringIO()
    )
    assert digests_of(out) == packed
    assert "Research use only" in said.getvalue()
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_reader_study", study.name, out=out, stderr=io.StringIO())
    call_command(
        "export_reader_study", str(study.pk), out=tmp_path / "a.zip", formats=["csv", "json"],
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    assert (tmp_path / "a.zip").read_bytes() == export_path(export).read_bytes()


class TestAnalysis:
    def test_it_is_computed_in_the_background_kept_and_every_look_is_audited(self, coordinator, study):
        path = f"reader-studies/{study.pk}/analysis/"
        assert coordinator.get(path).json()["state"] == "none"
        answer = coordinator.post(path)
        assert (answer.status_code, answer.json()["state"]) == (202, "running")
        assert coordinator.get(path).json()["state"] == "running"
        assert coordinator.post(path).json()["state"] == "running"
        run_analysis(str(Analysis.objects.get().pk))
        shown = coordinator.get(path).json()
        assert (shown["state"], shown["is_stale"], shown["error"]) == ("done", False, "")
        assert shown["report"]["is_interim"] is False
        assert coordinator.post(path).json()["report"] == shown["report"]
        assert Analysis.objects.count() == 1
        looks = AuditRecord.objects.filter(action="results_seen", object_id=str(study.pk))
        assert looks.count() >= 3

    def test_it_is_stale_when_an_attribute_changes(self, coordinator, study):
        path = f"reader-studies/{study.pk}/analysis/"
        coordinator.post(path)
        run_analysis(str(Analysis.objects.get().pk))
        patient = study.cases.first().volume.series.study.patient
        patient.attributes.create(name="figo", value="IIB")
        assert coordinator.get(path).json()["is_stale"] is True
        assert coordinator.post(path).status_code == 202

    def test_before_the_data_lock_it_is_masked_but_for_a_look(self):
        study = hand_made.make_study(data_locked=False)
        coordinator = Reader(User.objects.get(username="ms.coordinator"))
        path = f"reader-studies/{study.pk}/analysis/"
        assert coordinator.get(path).json()["state"] == "masked"
        refused = coordinator.post(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "results_masked")
        Look.objects.create(
            plan=study.plans.get(),
            number=1,
            reason="as planned",
            taken_by=coordinator.user,
            taken_at=hand_made.BEGIN + timedelta(days=1, hours=1),
        )
        assert coordinator.post(path).status_code == 202
        run_analysis(str(Analysis.objects.get().pk))
        shown = coordinator.get(path).json()
        assert (shown["state"], shown["report"]["is_interim"]) == ("done", True)

    def test_the_command_writes_the_report_after_the_data_lock(self, tmp_path):
        study, out = hand_made.make_study(data_locked=False), tmp_path / "report"
        with pytest.raises(CommandError, match="results_masked"):
            call_command("analyse", study.name, out=out, stdout=io.StringIO(), stderr=io.StringIO())
        assert not out.exists()
        hand_made.lock_data(study)
        call_command("analyse", study.name, out=out, stdout=io.StringIO(), stderr=io.StringIO())
        assert json.loads((out / "report.json").read_text())["reader_study"] == str(study.pk)
