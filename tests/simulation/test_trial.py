"""A small synthetic trial from phantom to analysis, by the commands a user would type."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.app import ROOT, clean_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trial")


def manage(home: Path, *words: str, demo: bool = True) -> subprocess.CompletedProcess[str]:
    environment = clean_environment(home) | {"PETREVIEW_DEMO": "1" if demo else "0"}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def study(home: Path) -> str:
    """4 + 1 cases and one for training, two readers, the times of two cases in both arms."""
    manage(home, "migrate", "-v0")
    size = ("--cases", "4", "--controls", "1", "--timing", "2", "--repeats", "1")
    done = manage(home, "simulate_reader_study", "--seed", "3", *size)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()[-1]  # nnU-Net prints a line or two of its own before
    assert said.startswith("SYNTHETIC reader study")
    return said.split()[3]


@pytest.fixture(scope="module")
def rows(home: Path, study: str) -> list[dict[str, str]]:
    out = home / "export"
    done = manage(home, "export_reader_study", study, "--out", str(out))
    assert done.returncode == 0, done.stderr
    table = next(out.rglob("reads_long.csv"))
    with table.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_read_of_the_plan_is_submitted(rows):
    """Per reader: 1 training case in 2 arms, 5 cases once, 2 of them again in the other arm, 1 repeated."""
    assert len(rows) == 2 * (2 + 5 + 2 + 1)
    assert {row["state"] for row in rows} == {"submitted"}


def test_times_add_up_and_scores_stand_in_ai_arms_only(rows):
    parts = ("paused_s", "hidden_s", "loading_s", "computing_s", "idle_s", "active_s")
    for row in rows:
        assert float(row["wall_s"]) == pytest.approx(sum(float(row[part]) for part in parts), abs=1e-6)
        assert 30 < float(row["active_s"]) <= float(row["wall_s"])
        if row["start"] != "ai":
            assert row["score_row"] == ""
    assert any(row["score_row"] for row in rows)


def test_the_analysis_says_that_it_is_synthetic(home, study, rows):
    out = home / "analysis"
    done = manage(home, "analyse", study, "--out", str(out))
    assert done.returncode == 0, done.stderr
    names = {path.suffix for path in out.rglob("*") if path.is_file()}
    assert {".csv", ".json", ".svg", ".png", ".html"} <= names
    assert any("synthetic" in path.read_text().lower() for path in out.rglob("*.svg"))
    report = json.loads(next(out.rglob("report.json")).read_text())
    assert "synthetic" in json.dumps(report).lower()


def test_nothing_is_simulated_outside_the_demo(home):
    done = manage(home, "simulate_reader_study", "--seed", "1", demo=False)
    assert done.returncode == 1
    assert "PETREVIEW_DEMO=1" in done.stderr
