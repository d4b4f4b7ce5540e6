"""The tables of a hand-made study: every number worked out by hand (see hand_made.py)."""

import pytest

from annotations.exports.study_data import study_data
from annotations.exports.table import cell
from annotations.exports.tables import TABLES, tables_of
from annotations.models import ReaderStudy
from tests.exports import hand_made
from tests.exports.hand_made import VOXEL_ML
from tests.exports.reading import export, manifest, read_csv, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> ReaderStudy:
    return hand_made.make_study()


@pytest.fixture
def folder(study, tmp_path):
    return export(study, tmp_path / "out")


def row_of(rows, **wanted):
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def test_a_row_a_read_with_all_that_was_done(folder):
    row = row_of(table(folder, "reads_long"), reader="R01", case_number="1", arm="ai")
    assert (row["start"], row["release"], row["period"], row["stratum"]) == ("ai", "demo", "1", "high")
    assert (row["score_row"], row["score_confidence"], row["is_record"]) == ("3", "4", "true")
    assert (row["derived_row"], row["missing"], row["false_positive"]) == ("3", "1", "1")
    assert float(row["ttv_ml"]) == pytest.approx((18 + 4) * VOXEL_ML)
    assert float(row["start_ttv_ml"]) == pytest.approx((18 + 8) * VOXEL_ML)
    assert (row["active_s"], row["wall_s"], row["active_load_compute_s"]) == ("300.0", "400.0", "310.0")
    assert row["time_to_first_edit_s"] == "12.345678901234567"
    assert row["opened_at"] == "2026-03-02T09:00:00.000000Z"


def test_every_assignment_has_a_row_and_what_is_not_there_is_empty(folder):
    rows = table(folder, "reads_long")
    assert len(rows) == 5
    unopened = row_of(rows, case_number="3")
    assert unopened["state"] == "not_opened"
    assert {unopened[name] for name in ("read", "score_row", "ttv_ml", "active_s", "lesions_kept")} == {""}


def test_why_a_cell_is_empty(folder):
    def why(row: str, column: str) -> str:
        gaps = [g for g in table(folder, "missing") if g["table"] == "reads_long" and row in g["row"]]
        return row_of(gaps, column=column)["reason"]

    assert why("reader=R01; case_number=3", "ttv_ml") == "not_opened"
    assert why("reader=R02; case_number=1", "ttv_ml") == "abandoned"
    assert why("reader=R01; case_number=2", "score_row") == "no_final_lesion"
    assert why("case_number=1; period=2", "score_row") == "not_ai"
    assert why("case_number=1; period=2", "start_ttv_ml") == "no_start"
    assert {gap["reason"] for gap in table(folder, "missing")}.isdisjoint({"unexplained", ""})


def test_every_empty_cell_of_the_tables_that_explain_themselves_has_a_reason(study):
    tables = tables_of(study_data(study))
    for one in tables:
        for row in one.rows():
            for column in one.columns:
                if column.value(row) is None:
                    assert column.why_empty(row) != "unexplained", (one.name, column.name)


def test_arms_stand_side_by_side(folder):
    rows = table(folder, "reads_wide")
    assert [(row["reader"], row["case_number"]) for row in rows] == [
        ("R01", "1"), ("R01", "2"), ("R01", "3"), ("R02", "1"),
    ]  # fmt: skip
    both = rows[0]
    assert (both["active_s_a1"], both["active_s_a2"]) == ("300.0", "600.0")
    assert (both["score_row_a1"], both["score_row_a2"]) == ("3", "")
    assert float(both["ttv_ml_a2"]) == pytest.approx(18 * VOXEL_ML)


def test_metrics_against_the_reference(folder):
    rows = table(folder, "metrics")
    final = row_of(rows, case_number="1", subject="final", arm="ai")
    assert float(final["dice"]) == pytest.approx(2 * 22 / (22 + 26))
    assert float(final["sensitivity"]) == pytest.approx(22 / 26)
    assert final["precision"] == "1.0"
    assert (final["lesions_found"], final["lesions_missed"], final["lesions_false"]) == ("2", "0", "0")
    start = row_of(rows, case_number="1", subject="start")
    assert float(start["dice"]) == pytest.approx(2 * 18 / 52)
    assert (start["lesion_sensitivity"], start["lesion_precision"], start["lesion_dice"]) == (
        "0.5",
        "0.5",
        "0.5",
    )
    assert float(start["false_positive_volume_ml"]) == pytest.approx(8 * VOXEL_ML)
    assert float(start["false_negative_volume_ml"]) == pytest.approx(8 * VOXEL_ML)
    assert start["reference_row"] == "3"
    named = row_of(rows, case_number="1", subject="named")
    assert (named["producer"], named["dice"], named["read"]) == ("demo", start["dice"], "")


def test_a_negative_control_is_not_defined_and_not_dropped(folder):
    rows = table(folder, "metrics")
    final = row_of(rows, case_number="2", subject="final")
    assert (final["dice"], final["sensitivity"], final["lesion_dice"]) == ("", "", "")
    start = row_of(rows, case_number="2", subject="start")
    assert (start["dice"], start["precision"], start["sensitivity"]) == ("0.0", "0.0", "")
    assert float(start["version_volume_ml"]) == pytest.approx(8 * VOXEL_ML)
    gaps = [gap for gap in table(folder, "missing") if gap["table"] == "metrics" and gap["column"] == "dice"]
    assert [gap["reason"] for gap in gaps] == ["both_empty"]


def test_lesions_of_start_and_final_version(folder):
    rows = [row for row in table(folder, "lesions") if row["reader"] == "R01" and row["case_number"] == "1"]
    start = [row["label"] for row in rows if row["version_of_read"] == "start"]
    assert start == ["1", "2"]
    half = row_of(rows, label="3")
    assert half["voxel_count"] == "4"
    # z = 8, y = 8-9, x = 8-9: ramp = (z * 16 + y) * 20 + x, below 3001, times 2 * 0.001
    values = [2 * 0.001 * ((8 * 16 + y) * 20 + x) for y in (8, 9) for x in (8, 9)]
    assert float(half["suv_mean"]) == pytest.approx(sum(values) / 4, rel=1e-6)
    assert float(half["suv_max"]) == pytest.approx(max(values), rel=1e-6)


def test_the_allocation_names_its_seed(folder):
    rows = table(folder, "allocation")
    assert len(rows) == 5
    assert {row["seed"] for row in rows} == {str(hand_made.SEED)}
    assert row_of(rows, arm="empty", reader="R01")["shown_number"] == "21"


def test_deviations_and_who_is_in_which_set(folder):
    deviations = [(row["reader"], row["case_number"], row["kind"]) for row in table(folder, "deviations")]
    assert deviations == [("R01", "1", "washout"), ("R02", "1", "abandoned")]
    flags = {
        (row["analysis_set"], row["assignment"]): (row["is_in"], row["why_not"])
        for row in table(folder, "analysis_sets")
    }
    long = {row["reader"] + row["case_number"] + row["arm"]: row for row in table(folder, "allocation")}
    assert flags["full", long["R011empty"]["assignment"]] == ("true", "")
    assert flags["pp", long["R011empty"]["assignment"]] == ("false", "deviation")
    assert flags["pp", long["R011ai"]["assignment"]] == ("true", "")
    assert flags["full", long["R021empty"]["assignment"]] == ("false", "abandoned")
    assert flags["full", long["R013ai"]["assignment"]] == ("false", "not_opened")


def test_a_plan_without_sets_has_one_of_all_submitted_reads(tmp_path):
    folder = export(hand_made.make_study(sets=False), tmp_path / "out")
    rows = table(folder, "analysis_sets")
    assert {row["analysis_set"] for row in rows} == {"full"}
    assert sum(row["is_in"] == "true" for row in rows) == 3


def test_events_are_raw_and_in_order(folder):
    rows = table(folder, "events")
    assert [row["kind"] for row in rows] == ["page_opened", "first_image", "score_shown", "scored"]
    assert rows[3]["monotonic_ms"] == "3001.5"
    assert rows[1]["client_time"] == "2026-03-02T09:00:01.000000Z"
    assert rows[1]["data"] == '{"lesion": 1}'


def test_nobodys_name_is_in_any_file(study, tmp_path):
    folder = export(study, tmp_path / "all", "tables", formats=("csv", "json"))
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode()
    for name in ("dr.first", "dr.second", "ms.coordinator", "Ms Coordinator"):
        assert name not in everything
    audit = table(folder, "audit")
    assert {row["actor"] for row in audit} == {"P01", "R01"}
    assert '"readers": ["R01", "R02"]' in audit[0]["new"]


def test_the_code_book_explains_every_column(folder):
    book = read_csv(folder / "code_book.csv")
    for name in TABLES:
        header = (folder / "tables" / f"{name}.csv").read_text().splitlines()[0].split(",")
        assert [one["column"] for one in book if one["table"] == name] == header
    for one in book:
        assert one["meaning"], one
        assert one["derived_from"], one
        assert one["empty_when"], one


def test_names_of_columns_fit_sas_and_stata_and_tell_their_unit(study):
    ends = {"s": "_s", "mL": "_ml", "ms": "_ms"}
    for one in tables_of(study_data(study)):
        for column in one.columns:
            assert len(column.name) <= 32, column.name
            assert column.name.isidentifier(), column.name
            plain = column.name.rsplit("_a", 1)[0] if one.name == "reads_wide" else column.name
            if column.unit in ends:
                assert plain.endswith(ends[column.unit]), column.name


def test_the_key_of_a_table_names_each_row_once(folder, study):
    for one in tables_of(study_data(study)):
        rows = table(folder, one.name)
        keys = [tuple(row[name] for name in one.key) for row in rows]
        assert len(set(keys)) == len(keys), one.name


def test_the_manifest_names_product_plan_and_versions(folder, study):
    found = manifest(folder)
    assert found["is_synthetic"] is True
    assert found["intended_use"] == "Research use only"
    assert found["plan"]["digest"] == "d" * 64
    assert found["plan"]["signature"]["zone"] == "Europe/Copenhagen"
    assert found["mask"] == {"is_masked": False, "name": None, "left_out": {}}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1+1", "\r=1", "＝1"])
def test_a_spreadsheet_runs_no_formula(text):
    assert cell(text).startswith("'")


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, ""), (-1.5, "-1.5"), (True, "true"), ("a,b", "a,b"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_values_are_written_as_they_are(value, written):
    assert cell(value) == written
