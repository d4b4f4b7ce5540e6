"""Speed of the DICOM room: objects out, series in, de-identification. Started by bench_imaging.

rt-utils is a peer of this benchmark only (tests/benchmarks/requirements.txt).
"""

import tempfile
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from annotations.dicom.deidentify import BasicProfile
from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.rtstruct_write import write_rtstruct
from annotations.dicom.series import read_series
from annotations.imaging.geometry import Grid
from tests.benchmarks.timing import best_of, report, say
from tests.dicom import make
from tests.shared_data import ROOT

ROI_GRID = Grid((200, 200, 200), (3.0, 3.0, 3.0))
IMPORT_GRID = Grid((267, 128, 128), (4.0, 4.0, 3.27))
SLOWER_AT_MOST = 2.0
INFO = DerivedInfo(Producer("manual", "Benchmark"), datetime(2026, 1, 2, 3, 4, 5), "0", identity="benchmark")


def rtstruct(labels: np.ndarray[Any, Any]) -> None:
    """50 ROIs of one label map, from the masks to the file; the headers are read before, by both."""
    name = f"RTSTRUCT of {len(np.unique(labels)) - 1} lesions, 200x200x200"
    with tempfile.TemporaryDirectory() as folder:
        series = make.save(
            make.pet_slices(ROI_GRID, np.zeros(ROI_GRID.shape_zyx, np.int16)), Path(folder, "pet")
        )
        headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in series.glob("*")]
        headers.sort(key=lambda header: float(header.ImagePositionPatient[2]))
        lesions = [LesionInfo(int(n), f"Lesion {n}") for n in np.unique(labels) if n]
        out = Path(folder, "ours.dcm")
        ours = best_of(
            lambda: out.write_bytes(write_rtstruct(labels, SourceSeries(ROI_GRID, headers), lesions, INFO))
        )
        try:
            from rt_utils import RTStructBuilder
        except ImportError as error:
            report(name, ours)
            say("  rt-utils", f"{error}; see tests/benchmarks/requirements.txt")
            return
        masks = [np.ascontiguousarray((labels == lesion.label).transpose(1, 2, 0)) for lesion in lesions]

        def with_rt_utils() -> None:
            struct = RTStructBuilder.create_new(dicom_series_path=str(series))
            for lesion, mask in zip(lesions, masks, strict=True):
                struct.add_roi(mask=mask, name=lesion.name)
            with redirect_stdout(None):
                struct.save(str(Path(folder, "theirs.dcm")))

        reading = best_of(lambda: RTStructBuilder.create_new(dicom_series_path=str(series)), 1)
        peer = best_of(with_rt_utils, 1) - reading
    report(name, ours, peer, "rt-utils (without reading the series)", target=">= 5x", met=peer >= 5 * ours)


def sts() -> None:
    name = "STS_001 read with SUV, 267 slices"
    folder = ROOT / "sts001_wholebody_pet" / "PET_raw_BQML"
    if not folder.exists():
        say(name, f"{folder} is missing")
        return
    result = read_series([folder])
    suv = result.series[0].suv
    if result.refusals or suv is None or suv.factor is None:
        say(name, f"refused: {result.refusals}")
        return
    ours = best_of(lambda: read_series([folder]))
    report(name, ours, target="< 3 s", met=ours < 3.0)


def deidentify() -> None:
    """The same series read as it is and through the basic profile."""
    with tempfile.TemporaryDirectory() as folder:
        slices = make.pet_slices(IMPORT_GRID, make.random_stored(IMPORT_GRID), PatientName="Phantom^One")
        series = make.save(slices, Path(folder, "pet"))
        plain = best_of(lambda: read_series([series]))
        ours = best_of(lambda: read_series([series], transform=BasicProfile(b"benchmark secret")))
    met = ours <= SLOWER_AT_MOST * plain
    name = f"267 PET slices read and de-identified ({267 / ours:.0f}/s)"
    report(
        name,
        ours,
        plain,
        "the same without de-identification",
        target=f"at most {SLOWER_AT_MOST:.0f} times as long",
        met=met,
    )
