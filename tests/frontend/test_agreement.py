"""The browser's own numbers on whole bodies: ten phantoms and a real scan, against the server's.

SUV of every voxel, seeds with their regions, lesion measures, MIP rays and label projections: the browser's
code runs in its test runner on cases that the server's code works out here.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotations.dicom.objects import read_object
from annotations.dicom.series import read_series
from annotations.imaging.phantom import make_phantom
from annotations.imaging.volume import StoredVolume
from tests.frontend.server_cases import as_text, case_of
from tests.shared_data import shared

pytestmark = pytest.mark.slow
FRONTEND = Path(__file__).parents[2] / "frontend"
CHECKS = 6  # tests of serverCases.test.ts a case


def phantom_case(seed: int) -> dict[str, Any]:
    """Stored as a scanner does: integers with a factor of each slice's own."""
    phantom = make_phantom(seed)
    top = np.maximum(phantom.pet_suv.reshape(phantom.pet_suv.shape[0], -1).max(axis=1), 1e-3)
    slopes = top.astype(np.float64) * 4000 / 32000
    stored = np.rint(phantom.pet_suv * 4000 / slopes[:, None, None]).astype(np.int16)
    volume = StoredVolume(phantom.pet_grid, stored, slopes, np.zeros(len(slopes)), "Bq/mL")
    return case_of(volume, 1 / 4000, phantom.truth, np.random.default_rng(seed))


def browser_agrees(cases: list[dict[str, Any]], folder: Path) -> None:
    path = folder / "cases.json"
    path.write_text(as_text(cases))
    npx = shutil.which("npx")
    assert npx is not None, "Node is part of the set-up"
    command = [npx, "vitest", "run", "src/viewer/serverCases.test.ts", "--reporter=json"]
    done = subprocess.run(
        command,
        cwd=FRONTEND,
        env=os.environ | {"PETREVIEW_CASES": str(path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    report = json.loads(done.stdout[done.stdout.index("{") :])
    failures = [
        re.sub(r"\s+", " ", message)[:400]
        for file in report["testResults"]
        for one in file["assertionResults"]
        for message in one["failureMessages"]
    ]
    assert not failures, failures
    assert report["numPassedTests"] >= CHECKS * len(cases) - 1


@pytest.mark.parametrize("seeds", [range(9001, 9006), range(9006, 9011)], ids=["first five", "last five"])
def test_ten_phantoms(seeds: range, tmp_path: Path) -> None:
    browser_agrees([phantom_case(seed) for seed in seeds], tmp_path)


def test_a_real_scan_with_its_lesion(tmp_path: Path) -> None:
    folder = shared("sts001_wholebody_pet")
    result = read_series([folder / "PET_raw_BQML", folder / "PET_RTSTRUCT"])
    (pet,) = (series for series in result.series if series.series.modality == "PT")
    file = next(file for file in result.objects if file.header.StructureSetName == "RTstruct_PET")
    (mass,) = (one for one in read_object(file, pet.target()).regions if one.name == "GTV_Mass")
    assert pet.suv is not None
    assert pet.suv.factor is not None
    labels = mass.full(pet.volume.grid.shape_zyx).astype(np.uint16)
    browser_agrees([case_of(pet.volume, pet.suv.factor, labels, np.random.default_rng(1))], tmp_path)
