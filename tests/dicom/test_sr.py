"""The structured report holds the lesion table and the summary, and points into the SEG."""

from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest

from annotations.dicom.codes import CLASSES, parse_site
from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.seg_write import write_seg
from annotations.dicom.sr_write import write_sr
from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid
from annotations.imaging.measures import LesionMeasures, measure_lesions, summarise
from tests.dicom import make
from tests.dicom.tools import verify_iod

GRID = Grid((5, 6, 7), (2.0, 4.0, 5.0))
INFO = DerivedInfo(
    Producer("automatic", "Synthetic release", "2"), datetime(2026, 1, 2), "0.1.0", unverified=True
)


def scene() -> tuple[SourceSeries, np.ndarray, list[LesionInfo], list[LesionMeasures]]:
    headers = make.pet_slices(GRID, make.random_stored(GRID))
    labels = np.zeros(GRID.shape_zyx, np.uint16)
    labels[1:3, 1:3, 1:4] = 4
    labels[4, 5, 6] = 9
    femur, left = parse_site("femur/left")
    lesions = [
        LesionInfo(4, "Läsion im Femur", femur, left),
        LesionInfo(9, "Splenule", finding=CLASSES["splenule"]),
    ]
    suv = np.arange(GRID.voxel_count, dtype=np.float32).reshape(GRID.shape_zyx) / 10
    return SourceSeries(GRID, headers), labels, lesions, measure_lesions(labels, suv, GRID)


def write(tmp_path: Path) -> Path:
    source, labels, lesions, rows = scene()
    seg = write_seg(labels, source, lesions, INFO)
    path = tmp_path / "sr.dcm"
    path.write_bytes(write_sr(seg, source, lesions, rows, summarise(rows), INFO))
    return path


def numbers(group: pydicom.Dataset) -> dict[tuple[str, str], float]:
    found = {}
    for part in group.ContentSequence:
        if part.ValueType != "NUM":
            continue
        name = part.ConceptNameCodeSequence[0].CodeMeaning
        modifiers = [m.ConceptCodeSequence[0].CodeMeaning for m in part.get("ContentSequence", [])]
        value = float(part.MeasuredValueSequence[0].NumericValue)
        found[name, modifiers[0] if modifiers else ""] = value
    return found


def groups(path: Path) -> list[pydicom.Dataset]:
    ds = pydicom.dcmread(path)
    (container,) = [
        part
        for part in ds.ContentSequence
        if part.ConceptNameCodeSequence[0].CodeMeaning == "Imaging Measurements"
    ]
    return list(container.ContentSequence)


def test_report_passes_the_iod_check(tmp_path: Path) -> None:
    assert verify_iod(write(tmp_path)) == []


def test_report_has_the_measures_of_each_lesion(tmp_path: Path) -> None:
    _, _, _, rows = scene()
    first, second, summary = groups(write(tmp_path))
    found = numbers(first)
    assert found["Volume", "Sum of segmented voxel method for volume"] == pytest.approx(12 * 0.04)
    assert found["SUVbw", "Maximum"] == pytest.approx(rows[0].suv_max, abs=1e-6)
    assert found["SUVbw", "Mean"] == pytest.approx(rows[0].suv_mean, abs=1e-6)
    assert found["Total Lesion Glycolysis", ""] == pytest.approx(rows[0].tlg, abs=1e-6)
    assert ("SUVbw", "Standard Deviation") not in numbers(second)  # one voxel has none
    total = numbers(summary)
    assert total["Volume", "Total"] == pytest.approx(13 * 0.04)
    assert total["Number of lesions", ""] == 2
    assert total["Lowest lesion SUVmean", ""] == pytest.approx(min(r.suv_mean or 0 for r in rows), abs=1e-6)


def test_report_points_at_segments_sites_and_marks(tmp_path: Path) -> None:
    sr = hd.sr.srread(write(tmp_path))
    found = sr.content.get_volumetric_roi_measurement_groups()
    assert [group.referenced_segment.referenced_segment_numbers for group in found] == [[1], [2]]
    assert found[0].finding_sites[0].value.meaning == "Femur"
    assert found[0].finding_sites[0].laterality.meaning == "Left"
    assert found[1].finding_type.meaning == "Accessory spleen"
    assert sr.SeriesDescription == "Lesions, RESEARCH USE ONLY, AUTOMATIC, UNVERIFIED"
    assert (sr.VerificationFlag, sr.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    text = str(sr)
    assert "Research use only" in text
    assert "Automatic, unverified" in text


def test_a_version_without_lesions_has_a_report_with_its_summary(tmp_path: Path) -> None:
    source, _, _, _ = scene()
    path = tmp_path / "sr.dcm"
    path.write_bytes(write_sr(None, source, [], [], summarise([]), INFO))
    assert verify_iod(path) == []
    (summary,) = groups(path)
    assert numbers(summary)["Volume", "Total"] == 0
    assert numbers(summary)["Number of lesions", ""] == 0


def test_a_table_that_does_not_go_with_the_seg_is_refused() -> None:
    source, labels, lesions, rows = scene()
    seg = write_seg(labels, source, lesions, INFO)
    with pytest.raises(InvalidInput):
        write_sr(seg, source, lesions, rows[:1], summarise(rows), INFO)
    with pytest.raises(InvalidInput):
        write_sr(seg, source, lesions[:1], rows[:1], summarise(rows), INFO)
