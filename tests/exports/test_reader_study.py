"""The flat files of a reader study."""

import csv
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest
from django.core.management import call_command

from annotations.accounts.models import Role
from annotations.exports.columns import COLUMNS
from annotations.exports.package import code_book, package_files, zip_files
from annotations.exports.table import cell, csv_bytes
from annotations.models import Read, ReaderStudy
from tests.builders import SMALL, boxes, make_user
from tests.reads.scenes import L1, Reader, make_assignment

pytestmark = pytest.mark.django_db
FAR = np.s_[0:2, 10:12, 10:12]


@pytest.fixture
def study() -> ReaderStudy:
    assignment = make_assignment()
    reader = Reader(assignment.reader)
    read = reader.open(assignment)
    reader.read_to_the_end(read, boxes(SMALL, L1=L1, L3=FAR), row=2)
    return assignment.plan.reader_study


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_a_row_holds_score_derived_row_measures_and_times(study):
    (row,) = table(package_files(study)["scores_and_times.csv"])
    assert row["reader"] == "R01"
    assert (row["score_row"], row["derived_row"], row["missing"], row["false_positive"]) == (
        "2",
        "3",
        "1",
        "1",
    )
    assert (row["lesions_kept"], row["lesions_added"], row["lesions_deleted"]) == ("1", "1", "1")
    assert float(row["ttv_ml"]) == pytest.approx((18 + 8) * 0.08)
    assert float(row["start_ttv_ml"]) == pytest.approx((18 + 18) * 0.08)
    assert (row["wall_s"], row["active_s"], row["idle_s"], row["scoring_s"]) == ("39.0", "39.0", "0.0", "9.0")
    assert row["state"] == "submitted"


def test_what_is_not_there_is_empty_and_not_zero():
    assignment = make_assignment("empty")
    (row,) = table(package_files(assignment.plan.reader_study)["scores_and_times.csv"])
    assert row["state"] == "not_opened"
    unknown = ("read", "score_row", "derived_row", "ttv_ml", "wall_s", "active_s", "lesions_kept")
    assert [row[name] for name in unknown] == [""] * len(unknown)


def test_the_code_book_explains_every_column(study):
    files = package_files(study)
    explained = [(one["file"], one["column"]) for one in table(files["code_book.csv"])]
    for name in ("scores_and_times.csv", "events.csv"):
        header = files[name].decode().splitlines()[0].split(",")
        assert [column for file, column in explained if file == name] == header
    for one in table(code_book()):
        assert one["meaning"], one
        assert one["derived_from"], one
        assert one["empty_when"], one


def test_columns_name_their_units():
    units = {"s": "_s", "mL": "_ml", "UTC": "_at"}
    for column in COLUMNS:
        if column.unit in units:
            assert column.name.endswith(units[column.unit]), column.name


def test_no_name_of_a_reader_is_exported(study):
    user = Read.objects.get().assignment.reader
    user.first_name, user.last_name = "Given", "Family"
    user.save()
    everything = b"".join(package_files(study).values()).decode()
    assert user.username not in everything
    assert "Family" not in everything


def test_the_manifest_holds_the_sha256_of_every_file(study):
    files = package_files(study)
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert manifest["is_synthetic"] is True
    assert manifest["plan"]["digest"] == study.plans.get().digest


def test_the_same_data_gives_the_same_bytes(study):
    assert zip_files(package_files(study)) == zip_files(package_files(study))


def test_events_are_exported_raw(study):
    rows = table(package_files(study)["events.csv"])
    assert [row["kind"] for row in rows[:3]] == ["page_opened", "first_image", "activity"]
    assert rows[1]["monotonic_ms"] == "1000.0"
    assert rows[1]["client_time"] == "2026-03-02T09:00:01.000Z"
    assert {row["late"] for row in rows} == {"false"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1+1", "\r=1", "＝1"])
def test_a_spreadsheet_runs_no_formula(text):
    assert cell(text).startswith("'")


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (-1.5, "-1.5"), (True, "true"), ("a,b", "a,b"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_values_are_written_as_they_are(value, written):
    assert cell(value) == written


def test_a_comment_with_comma_quote_and_line_break_comes_back():
    text = 'one, "two"\nthree'
    (row,) = table(csv_bytes(["comment"], [[text]]))
    assert row["comment"] == text


def test_a_coordinator_downloads_and_a_reader_does_not(study):
    coordinator = Reader(make_user("someone", Role.COORDINATOR))
    answer = coordinator.get(f"reader-studies/{study.pk}/export/")
    assert answer["Content-Type"] == "application/zip"
    assert "synthetic-" in answer["Content-Disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["scores_and_times.csv", "events.csv", "code_book.csv", "manifest.json"]
    scores = coordinator.get(f"reader-studies/{study.pk}/scores.csv")
    assert scores.content == package_files(study)["scores_and_times.csv"]
    reader = Reader(Read.objects.get().assignment.reader)
    assert reader.get(f"reader-studies/{study.pk}/export/").status_code == 403
    assert reader.get(f"reader-studies/{study.pk}/scores.csv").status_code == 403


def test_the_command_writes_the_same_files(study, tmp_path):
    call_command("export_reader_study", study.name, out=tmp_path / "out", stdout=io.StringIO())
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == package_files(study)
