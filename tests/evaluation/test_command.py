import csv
import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.evaluation.scenes import LINE, line, save_nifti
from tests.studies.importing import FACTOR

KEYS = [
    *("name", "dice", "precision", "sensitivity", "lesion_dice", "lesion_precision", "lesion_sensitivity"),
    *("n_true", "n_predicted", "true_volume_ml", "predicted_volume_ml"),
    *("false_positive_volume_ml", "false_negative_volume_ml"),
]


@pytest.fixture
def folders(tmp_path):
    """Four cases: found with an extra, true negative, false alarm, missed; and one without prediction."""
    cases = {"a": ("###.##", "##.....#"), "b": ("", ""), "c": ("", "##"), "d": ("####", "")}
    for name, (truth, prediction) in cases.items():
        save_nifti(tmp_path / "truth", name, line(truth), LINE)
        save_nifti(tmp_path / "prediction", name, line(prediction), LINE)
    save_nifti(tmp_path / "truth", "e", line("#"), LINE)
    return tmp_path


def run(folder, *more):
    out = io.StringIO()
    call_command(
        *("evaluate", "--truth", str(folder / "truth"), "--prediction", str(folder / "prediction")),
        *more,
        stdout=out,
    )
    return out.getvalue()


def test_json_has_exactly_these_keys_and_undefined_is_null(folders, capsys):
    result = json.loads(run(folders, "--json"))
    assert list(result) == ["connectivity", "cases", "summary", "failures"]
    assert result["connectivity"] == 26
    by_name = {case["name"]: case for case in result["cases"]}
    assert all(list(case) == KEYS for case in result["cases"])
    assert by_name["a"] == {
        "name": "a",
        "dice": pytest.approx(4 / 8),
        "precision": pytest.approx(2 / 3),
        "sensitivity": pytest.approx(2 / 5),
        "lesion_dice": pytest.approx(2 / 4),
        "lesion_precision": pytest.approx(1 / 2),
        "lesion_sensitivity": pytest.approx(1 / 2),
        "n_true": 2,
        "n_predicted": 2,
        "true_volume_ml": pytest.approx(5.0),
        "predicted_volume_ml": pytest.approx(3.0),
        "false_positive_volume_ml": pytest.approx(1.0),
        "false_negative_volume_ml": pytest.approx(2.0),
    }
    ratios = KEYS[1:7]
    assert [by_name["b"][key] for key in ratios] == [None] * 6
    assert [by_name["c"][key] for key in ratios] == [0.0, 0.0, None, 0.0, 0.0, None]
    assert [by_name["d"][key] for key in ratios] == [0.0, None, 0.0, 0.0, None, 0.0]
    assert [(one["name"], one["code"]) for one in result["failures"]] == [("e", "missing_file")]
    assert capsys.readouterr().err.splitlines()[-1] == "5 of 5: e"


def test_the_summary_says_over_how_many_cases_each_figure_is(folders):
    summary = json.loads(run(folders, "--json"))["summary"]
    assert list(summary) == KEYS[1:]
    assert summary["dice"] == {
        "mean": pytest.approx(0.5 / 3),
        "sd": pytest.approx(np.std([0.5, 0, 0], ddof=1)),
        "median": 0.0,
        "n": 3,
    }
    assert summary["precision"]["n"] == summary["sensitivity"]["n"] == 2
    assert summary["true_volume_ml"]["mean"] == pytest.approx((5 + 0 + 0 + 4) / 4)
    assert summary["n_true"]["n"] == 4


def test_text_names_the_true_negative_and_the_failure(folders):
    text = run(folders)
    assert "n/a (true negative)" in text
    assert "Failed e: missing_file" in text
    assert "26-connected" in text


def test_csv_leaves_undefined_cells_empty(folders):
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(run(folders, "--csv")))}
    assert rows["b"]["dice"] == ""
    assert rows["b"]["true_volume_ml"] == "0.0"
    assert (rows["a"]["n_found"], rows["a"]["n_hits"], rows["a"]["connectivity"]) == ("1", "1", "26")
    assert rows["e"]["failure"] == "missing_file"


def test_a_pet_adds_suv_figures(tmp_path):
    grid = Grid((3, 4, 12), (10.0, 10.0, 10.0))
    truth, prediction = np.zeros(grid.shape_zyx, np.bool_), np.zeros(grid.shape_zyx, np.bool_)
    truth[1, 1, 1:3] = truth[1, 1, 8] = prediction[1, 1, 1] = True
    save_nifti(tmp_path / "truth", "a", truth, grid)
    save_nifti(tmp_path / "prediction", "a", prediction, grid)
    stored = make.random_stored(grid)
    make.save(make.pet_slices(grid, stored), tmp_path / "pet" / "a")
    (case,) = json.loads(run(tmp_path, "--json", "--pet", str(tmp_path / "pet")))["cases"]
    suv = stored[1, 1] * 1.5 * FACTOR
    assert case["true_lowest_suv_mean"] == pytest.approx(min(suv[1:3].mean(), suv[8]), rel=1e-5)
    assert case["predicted_lowest_suv_mean"] == pytest.approx(suv[1], rel=1e-5)
    assert case["predicted_tlg"] == pytest.approx(suv[1] * 1.0, rel=1e-5)
    assert case["true_suv_max"] == pytest.approx(suv[[1, 2, 8]].max(), rel=1e-5)


def test_connectivity_is_an_argument_and_reported(folders):
    assert json.loads(run(folders, "--json", "--connectivity", "18"))["connectivity"] == 18


def test_no_folder_and_no_masks_are_errors(tmp_path):
    with pytest.raises(CommandError, match="no such folder"):
        run(tmp_path)
    (tmp_path / "truth").mkdir()
    (tmp_path / "prediction").mkdir()
    with pytest.raises(CommandError, match="Neither"):
        run(tmp_path)
