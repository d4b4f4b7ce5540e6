"""Files in any order become volumes, or are refused by name."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from annotations.dicom.refusals import Refusal
from annotations.dicom.series import ImageSeries, ReadResult, read_series
from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.shared_data import shared

GRID = make.ANISOTROPIC
Change = Callable[[list[Dataset]], None]


def slices(grid: Grid = GRID, **changes: object) -> list[Dataset]:
    return make.pet_slices(grid, make.random_stored(grid), **changes)  # type: ignore[arg-type]


def read(datasets: list[Dataset], tmp_path: Path) -> ReadResult:
    return read_series([make.save(datasets, tmp_path / "heap")])


def only(result: ReadResult) -> ImageSeries:
    assert not result.refusals, result.refusals
    (series,) = result.series
    return series


def code_of(result: ReadResult) -> str:
    assert not result.series
    (refusal,) = result.refusals
    return refusal.code


@pytest.mark.parametrize("grid", [GRID, make.rotated()], ids=["anisotropic", "rotated"])
def test_shuffled_files_give_the_grid_the_voxels_and_the_factors(tmp_path: Path, grid: Grid) -> None:
    datasets = slices(grid)
    random.Random(5).shuffle(datasets)
    series = only(read(datasets, tmp_path))
    assert series.volume.grid.matches(grid, tolerance_mm=1e-4)
    assert np.array_equal(series.volume.stored, make.random_stored(grid))
    assert series.volume.slopes.tolist() == [1.0 + 0.5 * z for z in range(grid.shape_zyx[0])]
    assert [instance.instance_number for instance in series.instances] == list(
        range(1, grid.shape_zyx[0] + 1)
    )
    assert series.max_deviation_mm < 1e-4
    assert series.unit == "Bq/mL"


def test_slices_run_along_the_normal_even_when_the_file_order_runs_against_it(tmp_path: Path) -> None:
    """Feet first: the column direction is turned, so the normal points to the feet."""
    direction = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)
    grid = Grid((5, 4, 3), (2.0, 3.0, 4.0), (1.0, 2.0, 3.0), direction)
    series = only(read(slices(grid)[::-1], tmp_path))
    assert series.volume.grid.matches(grid, tolerance_mm=1e-4)
    assert np.linalg.det(series.volume.grid.axes) == pytest.approx(1.0)


def test_attributes_are_read(tmp_path: Path) -> None:
    series = only(read(slices(PatientAge="071Y"), tmp_path))
    assert (series.study.patient_id, series.study.age_years) == ("SYNTHETIC-1", 71.0)
    assert (series.study.weight_kg, series.study.height_m) == (74.0, 1.72)
    assert series.tracer is not None
    assert series.tracer.nuclide == "18F"
    assert series.tracer.attenuation_corrected


def test_two_studies_and_several_series_in_one_heap_are_told_apart(tmp_path: Path) -> None:
    other = slices(series="other study")
    for ds in other:
        ds.StudyInstanceUID = generate_uid()
        break
    for ds in other[1:]:
        ds.StudyInstanceUID = other[0].StudyInstanceUID
    ct_grid = Grid((9, 22, 26), (1.25, 2.0, 3.3), (-20.0, -30.0, 100.0))
    ct = make.pet_slices(ct_grid, make.random_stored(ct_grid), series="ct", modality="CT")
    result = read(slices() + slices(series="second") + ct + other, tmp_path)
    assert not result.refusals
    assert (
        sorted((s.series.modality, s.unit) for s in result.series) == [("CT", "HU")] + [("PT", "Bq/mL")] * 3
    )
    assert len({s.study.study_instance_uid for s in result.series}) == 2


def test_exact_duplicates_are_dropped(tmp_path: Path) -> None:
    datasets = slices()
    result = read(datasets + datasets[2:5], tmp_path)
    assert only(result).volume.grid.shape_zyx == GRID.shape_zyx
    assert result.duplicates == 3


def test_same_instance_with_other_bytes_is_a_conflict_and_the_first_stays(tmp_path: Path) -> None:
    datasets = slices()
    changed = slices()[4]
    changed.SeriesDescription = "changed"
    result = read([*datasets, changed], tmp_path)
    assert [(refusal.file, refusal.code) for refusal in result.refusals] == [
        ("s009.dcm", "instance_conflict")
    ]
    assert result.series[0].volume.grid.shape_zyx == GRID.shape_zyx


def drop(*indices: int) -> Change:
    def change(datasets: list[Dataset]) -> None:
        for index in sorted(indices, reverse=True):
            del datasets[index]

    return change


def shift(index: int, *mm: float) -> Change:
    def change(datasets: list[Dataset]) -> None:
        datasets[index].ImagePositionPatient = [
            float(a) + b for a, b in zip(datasets[index].ImagePositionPatient, mm, strict=True)
        ]

    return change


def set_one(index: int, **changes: object) -> Change:
    return lambda datasets: make.apply(datasets[index], changes)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (drop(4), "missing_slice"),
        (drop(3, 4), "missing_slice"),
        (shift(4, 0, 0, 0.4), "uneven_spacing"),
        (shift(4, 1.0, 0, 0), "sheared_slices"),
        (shift(4, 0, 0, -3.3), "several_volumes"),
        (shift(4, 0, 0, -3.25), "duplicate_position"),
        (set_one(4, ImageOrientationPatient=[0.9998, 0.02, 0, -0.02, 0.9998, 0]), "mixed_orientation"),
        (set_one(4, ImageOrientationPatient=[1, 0.0005, 0, -0.0005, 1, 0]), "mixed_orientation"),
        (set_one(4, PixelSpacing=["4.0", "2.6"]), "mixed_spacing"),
        (set_one(4, RescaleSlope="0"), "bad_tag"),
        (set_one(4, RescaleSlope=None), "missing_tag"),
        (set_one(4, FrameOfReferenceUID="1.2.3"), "bad_tag"),
        (set_one(4, LossyImageCompression="01"), "lossy_compression"),
        (drop(*range(1, 9)), "too_few_slices"),
    ],
)
def test_a_series_that_is_not_one_even_volume_is_refused_by_name(
    tmp_path: Path, change: Change, code: str
) -> None:
    datasets = slices()
    change(datasets)
    assert code_of(read(datasets, tmp_path)) == code


def test_a_slice_of_another_size_is_refused(tmp_path: Path) -> None:
    datasets = slices()
    small = Grid((9, 5, 6), *_frame())
    datasets[4] = make.pet_slices(small, make.random_stored(small))[4]
    assert code_of(read(datasets, tmp_path)) == "mixed_size"


def _frame() -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return GRID.spacing_xyz_mm, GRID.origin_xyz_mm


def test_a_gap_within_tolerance_passes_and_its_deviation_is_recorded(tmp_path: Path) -> None:
    datasets = slices()
    shift(4, 0, 0, 0.08)(datasets)
    series = only(read(datasets, tmp_path))
    assert series.max_deviation_mm == pytest.approx(0.08 * (1 - 1 / 9), abs=1e-3)
    assert "off an even grid" in series.warnings[0]


def test_tolerance_is_five_percent_of_thin_slices(tmp_path: Path) -> None:
    grid = Grid((9, 4, 4), (1.0, 1.0, 1.0))
    datasets = slices(grid)
    shift(4, 0, 0, 0.08)(datasets)
    assert code_of(read(datasets, tmp_path)) == "uneven_spacing"


def test_a_real_series_without_one_of_its_slices_is_refused(tmp_path: Path) -> None:
    files = sorted((shared("sts001_wholebody_pet") / "PET_raw_BQML").iterdir())
    del files[100]
    result = read_series(files)
    assert [refusal.code for refusal in result.refusals] == ["missing_slice"]
    assert "266 slices" in result.refusals[0].message


def frames_of(count: int, tag: Callable[[int, int], dict[str, object]]) -> list[Dataset]:
    datasets = []
    for frame in range(count):
        part = slices()
        for z, ds in enumerate(part):
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            make.apply(ds, tag(frame, z))
        datasets += part
    return datasets


def test_a_dynamic_series_becomes_one_volume_a_time_slice(tmp_path: Path) -> None:
    datasets = frames_of(3, lambda t, z: {"ImageIndex": t * 9 + z + 1, "NumberOfSlices": 9})
    result = read(datasets, tmp_path)
    assert [s.series.part for s in result.series] == ["time slice 001", "time slice 002", "time slice 003"]
    assert all(s.volume.grid.shape_zyx == GRID.shape_zyx for s in result.series)


def test_gates_are_told_apart_by_their_trigger_time(tmp_path: Path) -> None:
    datasets = frames_of(2, lambda t, z: {"TriggerTime": str(400 * t)})
    assert len(read(datasets, tmp_path).series) == 2


def test_volumes_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    assert code_of(read(frames_of(2, lambda t, z: {}), tmp_path)) == "several_volumes"


def test_a_localizer_is_told_apart_from_its_series(tmp_path: Path) -> None:
    ct_grid = Grid((9, 11, 13), *_frame())
    datasets = make.pet_slices(ct_grid, make.random_stored(ct_grid), series="ct", modality="CT")
    scout = make.pet_slices(ct_grid, make.random_stored(ct_grid), series="ct", modality="CT")[0]
    scout.SOPInstanceUID = scout.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    scout.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    result = read([*datasets, scout], tmp_path)
    assert [s.volume.grid.shape_zyx for s in result.series] == [(9, 11, 13)]
    assert [refusal.code for refusal in result.refusals] == ["too_few_slices"]


def test_bits_above_those_stored_are_cut_off_and_the_sign_extended(tmp_path: Path) -> None:
    grid = Grid((2, 2, 2), (1.0, 1.0, 1.0))
    words = np.array([0x0FFF, 0xF001, 0x0800, 0x07FF] * 2, np.uint16).reshape(2, 2, 2)
    datasets = make.pet_slices(grid, words.view(np.int16))
    for ds in datasets:
        ds.BitsStored, ds.HighBit = 12, 11
    series = only(read(datasets, tmp_path))
    assert series.volume.stored[0].ravel().tolist() == [-1, 1, -2048, 2047]


def test_unsigned_values_stay_unsigned(tmp_path: Path) -> None:
    grid = Grid((2, 2, 2), (1.0, 1.0, 1.0))
    words = np.full((2, 2, 2), 65535, np.uint16)
    series = only(read(make.pet_slices(grid, words), tmp_path))
    assert series.volume.stored.dtype == np.uint16
    assert series.volume.values().max() == pytest.approx(65535 * 1.5)


def test_a_refusal_says_which_series_and_how_many_slices(tmp_path: Path) -> None:
    datasets = slices()
    drop(4)(datasets)
    (refusal,) = read(datasets, tmp_path).refusals
    assert isinstance(refusal, Refusal)
    assert refusal.message == (
        "1 slice(s) are missing: a gap of 6.60 mm where 3.30 mm is usual. "
        "(8 slices of series 'SYNTHETIC pet')"
    )
