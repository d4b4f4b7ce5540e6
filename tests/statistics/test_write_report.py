"""The report as files: the same twice, marked where synthetic, safe in a spreadsheet, complete in itself."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from annotations.statistics.report import Report, analyse, write_report
from annotations.statistics.report.tables import Column, Table, plain
from annotations.statistics.report.write import csv_of
from tests.statistics.made_study import made_study


@pytest.fixture(scope="module")
def report() -> Report:
    return analyse(made_study(cases=21, controls=3, readers=2))


@pytest.fixture(scope="module")
def folder(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report")
    write_report(report, path)
    return path


def test_the_same_study_twice_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    written = write_report(analyse(made_study(cases=21, controls=3, readers=2)), tmp_path)
    first = {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    second = {str(one.relative_to(tmp_path)): one.read_bytes() for one in written}
    assert first == second
    assert len(second) > 60


def test_order_of_the_rows_does_not_matter(report: Report) -> None:
    data = made_study(cases=21, controls=3, readers=2)
    turned = replace(
        data,
        cases=data.cases[::-1],
        reads=data.reads[::-1],
        metrics=data.metrics[::-1],
        planted_errors=data.planted_errors[::-1],
        patients=data.patients[::-1],
    )
    assert analyse(turned).to_json() == report.to_json()


def test_synthetic_data_are_marked_everywhere(report: Report, folder: Path) -> None:
    for figure in (folder / "figures").glob("*.svg"):
        assert "SYNTHETIC DATA" in figure.read_text(), figure.name
    for table in (folder / "tables").glob("*.csv"):
        found = list(csv.reader(io.StringIO(table.read_text())))
        assert found[0][-1] == "data", table.name
        assert {row[-1] for row in found[1:]} <= {"synthetic"}, table.name
    page = (folder / "index.html").read_text()
    assert page.count("[synthetic data]") == len(report.tables)
    assert "synthetic" in (folder / "methods.txt").read_text()


def test_every_figure_says_its_n(folder: Path) -> None:
    for figure in (folder / "figures").glob("*.svg"):
        assert re.search(r"n = \d+", figure.read_text()), figure.name


def test_every_section_of_the_papers_is_there(report: Report) -> None:
    tables, figures = {one.key for one in report.tables}, {one.key for one in report.figures}
    assert {
        "patients",
        "acquisition",
        "scores",
        "score_agreement",
        "times",
        "time_tests",
        "time_model",
    } <= tables
    assert {
        "quality",
        "planted_errors",
        "versions",
        "centres",
        "outliers",
        "deciles_volume",
        "controls",
    } <= tables
    assert {"deciles_contrast", "attributes", "subgroup_tests", "volume_agreement"} <= tables
    assert {"times", "examples", "scores", "boxes_dice", "volume_agreement", "time_sensitivity"} <= figures


def test_page_needs_nothing_from_elsewhere(folder: Path) -> None:
    page = (folder / "index.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "<script" not in page


def test_report_json_is_plain(folder: Path, report: Report) -> None:
    def no_constant(name: str) -> None:
        raise AssertionError(name)

    found = json.loads((folder / "report.json").read_text(), parse_constant=no_constant)
    assert found["schema"] == 1
    assert [one["key"] for one in found["sections"]] == [one.key for one in report.sections]


def test_rows_fit_their_columns(report: Report) -> None:
    for table in report.tables:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), (table.key, names)
        for row in table.rows:
            assert len(row) == len(table.columns), table.key
            for column, cell in zip(table.columns, row, strict=True):
                wanted = str if column.kind == "text" else (int, float)
                assert cell is None or isinstance(cell, wanted), (table.key, column.name, cell)


def test_keys_are_used_once(report: Report) -> None:
    for keys in ([one.key for one in report.tables], [one.key for one in report.figures]):
        assert len(set(keys)) == len(keys)


def test_formulas_do_not_run_in_a_spreadsheet() -> None:
    table = Table("t", "T", (Column("a", "A"),), (("=1+1",), ("fine",), (None,)), 2, "full")
    assert csv_of(table) == b'a\r\n\'=1+1\r\nfine\r\n""\r\n'


def test_figures_that_are_not_finite_become_null() -> None:
    assert plain([float("nan"), float("inf"), 1 / 3, True]) == [None, None, 0.3333333333, True]


def test_one_effect_is_recovered_from_the_whole_study(report: Report) -> None:
    # made_study scripts a factor exp(-1.2) = 0.301 on reading time.
    table = next(one for one in report.tables if one.key == "time_tests")
    primary = next(row for row in table.rows if row[11] == "primary")
    low, high = primary[7], primary[8]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low < 0.3012 < high
