"""Imports in tests: small generated series through the real pipeline."""

from pathlib import Path

import numpy as np

from annotations.imaging.geometry import Grid
from annotations.models import ImportRun, Project
from annotations.studies.services import claim_import, create_import_run, ensure_project
from petreview.pipeline import run_import
from tests.dicom import make

TINY = Grid((6, 8, 10), (4.0, 3.0, 5.0), (-20.0, -30.0, 100.0))
FACTOR = 74_000.0 / (370e6 * 2 ** (-3600 / 6586.2))
"""SUVbw per Bq/mL of make.pet_slices: 74 kg, 370 MBq, 18F, one hour from injection to scan."""


def import_files(*paths: Path, project: Project | None = None, **more: object) -> ImportRun:
    run = create_import_run(project=project or ensure_project(name="Tests"))
    progress = claim_import(run=run)
    assert progress is not None
    return run_import(list(paths), progress=progress, **more)


def pet_slices(grid: Grid = TINY, *, seed: int = 1, **more: object) -> list:
    return make.pet_slices(grid, make.random_stored(grid, seed), **more)


def write_pet(folder: Path, grid: Grid = TINY, **more: object) -> Path:
    return make.save(pet_slices(grid, **more), folder)


def codes(run: ImportRun) -> list[str]:
    return [refusal["code"] for refusal in run.report["refusals"]]


def mean_suv(stored: np.ndarray) -> float:
    """Mean SUVbw of make.pet_slices with its own slopes 1 + z / 2, computed slice by slice."""
    slopes = 1.0 + 0.5 * np.arange(stored.shape[0])
    return float((stored * slopes[:, None, None]).mean() * FACTOR)
