"""The same table in all formats, masks, manifests, and the same bytes from another process."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from itertools import zip_longest

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection

from annotations.exports.archive import zip_folder
from annotations.exports.study_data import study_data
from annotations.exports.table import cell, time_text
from annotations.exports.tables import TABLES, tables_of
from annotations.exports.wish import FORMATS, MaskedUntilLock
from annotations.models import ReaderStudy
from tests.exports import hand_made
from tests.exports.reading import digests_of, export, manifest, read_csv, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> ReaderStudy:
    return hand_made.make_study()


@pytest.fixture
def folder(study, tmp_path):
    return export(study, tmp_path / "out", formats=FORMATS)


@pytest.mark.parametrize("name", TABLES)
def test_xlsx_json_and_parquet_hold_what_the_csv_holds(folder, study, name):
    wanted = table(folder, name)
    sheet = openpyxl.load_workbook(folder / "tables.xlsx", read_only=True)[name]
    rows = list(sheet.iter_rows(values_only=True))
    in_sheet = [dict(zip_longest(rows[0], row)) for row in rows[1:]]
    in_json = json.loads((folder / "tables" / f"{name}.json").read_text())["rows"]
    in_parquet = pq.read_table(folder / "tables" / f"{name}.parquet").to_pylist()
    columns = {c.name: c for t in tables_of(study_data(study)) if t.name == name for c in t.columns}
    assert len(in_sheet) == len(in_json) == len(in_parquet) == len(wanted)
    for csv_row, sheet_row, json_row, parquet_row in zip(wanted, in_sheet, in_json, in_parquet, strict=True):
        assert {key: as_csv(value, columns[key].kind) for key, value in sheet_row.items()} == csv_row
        assert {key: cell(value) for key, value in json_row.items()} == csv_row
        assert {key: as_csv(value, columns[key].kind) for key, value in parquet_row.items()} == csv_row


def as_csv(value, kind: str) -> str:
    """A number of a sheet may come back as an int (7.0 is written 7); text of a sheet is defused already."""
    if kind == "number" and value is not None:
        return repr(float(value))
    text = cell(value)
    return text.removeprefix("'") if text.startswith("''") else text


def test_numbers_keep_their_digits_and_their_types(folder):
    row = pq.read_table(folder / "tables" / "reads_long.parquet").to_pylist()[0]
    assert row["time_to_first_edit_s"] == 12.345678901234567
    assert row["score_row"] == 3
    assert row["is_record"] is True
    assert time_text(row["opened_at"]) == "2026-03-02T09:00:00.000000Z"
    field = pq.read_schema(folder / "tables" / "reads_long.parquet").field("ttv_ml")
    assert field.metadata[b"unit"] == b"mL"


def test_a_formula_is_text_in_the_workbook_and_whole_in_the_typed_formats(folder):
    sheet = openpyxl.load_workbook(folder / "tables.xlsx")["reads_long"]
    place = [one.value for one in sheet[1]].index("score_comment")
    comment = sheet[2][place]
    assert (comment.data_type, comment.value) == ("s", "'" + hand_made.COMMENT)
    assert all(
        one.data_type != "f"
        for page in openpyxl.load_workbook(folder / "tables.xlsx")
        for r in page
        for one in r
    )
    row = json.loads((folder / "tables" / "reads_long.json").read_text())["rows"][0]
    assert row["score_comment"] == hand_made.COMMENT
    assert table(folder, "reads_long")[0]["score_comment"] == "'" + hand_made.COMMENT


def test_the_workbook_has_the_code_book(folder):
    names = openpyxl.load_workbook(folder / "tables.xlsx", read_only=True).sheetnames
    assert names == [*TABLES, "code_book"]


def test_a_table_too_long_for_a_sheet_is_named(study, tmp_path, monkeypatch):
    monkeypatch.setattr("annotations.exports.formats.xlsx.MOST_ROWS", 3)
    folder = export(study, tmp_path / "short", formats=("csv", "xlsx"))
    sheet = openpyxl.load_workbook(folder / "tables.xlsx")["events"]
    assert sheet.max_row == 2
    assert "see events" in sheet[2][0].value
    assert "tables.xlsx: events" in manifest(folder)["left_out"]
    assert len(table(folder, "events")) == 4


def test_the_schema_describes_the_csv(folder):
    for name in TABLES:
        schema = json.loads((folder / "schemas" / f"{name}.schema.json").read_text())
        rows = read_csv(folder / "tables" / f"{name}.csv")
        header = (folder / "tables" / f"{name}.csv").read_text().splitlines()[0].split(",")
        assert [field["name"] for field in schema["fields"]] == header
        assert schema["plan"]["digest"] == "d" * 64
        for field in schema["fields"]:
            values = [row[field["name"]] for row in rows]
            if field.get("constraints", {}).get("required"):
                assert "" not in values, (name, field["name"])
            check = {"integer": int, "number": float, "boolean": {"true": 1, "false": 0}.__getitem__}
            for value in filter(None, values):
                check.get(field["type"], str)(value)
                if "categories" in field:
                    assert value in {str(one["value"]) for one in field["categories"]}, (name, field["name"])


def test_the_manifest_has_the_sha256_of_every_file(folder):
    files = manifest(folder)["files"]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(files) == there
    for name, one in files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == one["sha256"]


@pytest.mark.django_db(transaction=True)
def test_another_process_at_another_time_writes_the_same_bytes(tmp_path):
    study = hand_made.make_study()
    parts = ("tables", "forms")
    export(study, tmp_path / "here", *parts, formats=FORMATS)
    code = (
        "import sys, django; from pathlib import Path; from django.db import connections; django.setup();"
        "connections['default'].settings_dict['NAME'] = sys.argv[1];"
        "from annotations.models import ReaderStudy; from tests.exports.reading import export;"
        "from annotations.exports.wish import FORMATS;"
        "export(ReaderStudy.objects.get(), Path(sys.argv[2]), 'tables', 'forms', formats=FORMATS)"
    )
    name = str(connection.settings_dict["NAME"])
    subprocess.run(
        [sys.executable, "-c", code, name, str(tmp_path / "there")],
        check=True,
        env=environment(),
        timeout=120,
    )
    assert digests_of(tmp_path / "here") == digests_of(tmp_path / "there")
    packed = []
    for side in ("here", "there"):
        names = sorted(digests_of(tmp_path / side))
        zip_folder(tmp_path / side, names, tmp_path / f"{side}.zip")
        packed.append((tmp_path / f"{side}.zip").read_bytes())
    assert packed[0] == packed[1]
    assert zipfile.ZipFile(tmp_path / "here.zip").testzip() is None


def environment() -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "petreview.settings_test",
        "PETREVIEW_HOME": str(settings.HOME),
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "7",
    }


class TestBeforeTheDataLock:
    """Whoever knows the allocation knows the arm of a read: neither arms nor results may leave."""

    @pytest.fixture
    def folder(self, tmp_path):
        return export(hand_made.make_study(data_locked=False), tmp_path / "masked", formats=FORMATS)

    def test_arms_and_results_are_left_out_and_the_manifest_says_so(self, folder):
        found = manifest(folder)["mask"]
        assert found["is_masked"] is True
        assert found["name"] == "arms and results of single reads, until the data lock"
        assert {"reads_wide": ["*"], "events": ["*"], "lesions": ["*"], "metrics": ["*"]}.items() <= found[
            "left_out"
        ].items()
        left_out = found["left_out"]["reads_long"]
        assert {"arm", "start", "release", "score_row", "derived_row", "active_s", "ttv_ml"} <= set(left_out)
        assert set(table(folder, "reads_long")[0]).isdisjoint(left_out)

    def test_no_file_gives_a_result_away(self, folder):
        everything = b"".join(p.read_bytes() for p in sorted(folder.rglob("*.csv"))).decode()
        everything += "".join(
            p.read_text() for p in sorted(folder.rglob("*.json")) if p.parent.name == "tables"
        )
        for told in (
            "read_scored",
            "demo",
            "300.0",
            "600.0",
            '"row": 3',
            "not_ai",
            "no_start",
            hand_made.COMMENT,
        ):
            assert told not in everything, told
        assert not (folder / "tables" / "events.csv").exists()

    def test_progress_and_deviations_are_there(self, folder):
        states = sorted(row["state"] for row in table(folder, "reads_long"))
        assert states == ["abandoned", "not_opened", "submitted", "submitted", "submitted"]
        assert len(table(folder, "deviations")) == 2

    @pytest.mark.parametrize("part", ["forms", "versions", "dataset"])
    def test_what_cannot_be_masked_is_refused(self, tmp_path, part):
        with pytest.raises(MaskedUntilLock):
            export(hand_made.make_study(data_locked=False), tmp_path / "no", part)
