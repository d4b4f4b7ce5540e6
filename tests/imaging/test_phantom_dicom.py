"""A phantom written as DICOM gives its true values back, to us and to another program."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import dcmread

from annotations.dicom.part10 import parse_part10
from annotations.dicom.phantom_folder import synthetic_study, write_phantom_folder
from annotations.dicom.seg_read import read_seg
from annotations.dicom.series import ImageSeries, ReadResult, read_series
from annotations.dicom.write_series import SyntheticStudy, write_ct_series, write_pet_series
from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid
from annotations.imaging.phantom import Phantom, make_phantom


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(3)


@pytest.fixture(scope="module")
def folder(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("phantom")
    write_phantom_folder(phantom, path)
    return path


@pytest.fixture(scope="module")
def read(folder: Path) -> ReadResult:
    return read_series([folder / "PT", folder / "CT"])


def series_of(read: ReadResult, modality: str) -> ImageSeries:
    (found,) = [series for series in read.series if series.series.modality == modality]
    return found


def truth_of(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return truth


def test_nothing_is_refused_and_suv_is_recovered_to_the_last_quantum(
    read: ReadResult, phantom: Phantom, folder: Path
) -> None:
    assert read.refusals == ()
    pet = series_of(read, "PT")
    assert pet.suv is not None
    assert pet.suv.valid
    assert pet.suv.factor == pytest.approx(truth_of(folder)["suv_factor"], rel=1e-6)
    assert pet.suv.warnings == ()
    assert pet.volume.grid.matches(phantom.pet_grid)
    assert len(set(pet.volume.slopes)) > 100
    half_a_step = phantom.pet_suv.max(axis=(1, 2), keepdims=True) / 32767 / 2
    assert (np.abs(pet.volume.values(pet.suv.factor) - phantom.pet_suv) <= 1.01 * half_a_step + 1e-5).all()


def test_ct_is_recovered_exactly_in_the_same_frame_of_reference(read: ReadResult, phantom: Phantom) -> None:
    ct, pet = series_of(read, "CT"), series_of(read, "PT")
    assert ct.unit == "HU"
    assert np.array_equal(ct.volume.values(), phantom.ct_hu)
    assert ct.volume.grid.matches(phantom.ct_grid)
    assert ct.series.frame_of_reference_uid == pet.series.frame_of_reference_uid


def test_lesions_of_the_seg_have_the_true_values_within_one_percent(
    read: ReadResult, phantom: Phantom, folder: Path
) -> None:
    pet = series_of(read, "PT")
    assert pet.suv is not None
    assert pet.suv.factor is not None
    suv = pet.volume.values(pet.suv.factor)
    regions = read_seg(parse_part10((folder / "truth.seg.dcm").read_bytes()), pet.target())
    assert len(regions.regions) == len(truth_of(folder)["lesions"]) == len(phantom.lesions)
    for region, lesion in zip(regions.regions, truth_of(folder)["lesions"], strict=True):
        where = zip(region.start_zyx, region.mask.shape, strict=True)
        inside = suv[tuple(slice(first, first + n) for first, n in where)][region.mask]
        assert inside.size * pet.volume.grid.voxel_volume_ml == pytest.approx(lesion["volume_ml"], rel=0.01)
        assert inside.max() == pytest.approx(lesion["suv_max"], rel=0.01)
        assert inside.mean() == pytest.approx(lesion["suv_mean"], rel=0.01)


def test_the_nifti_is_the_truth_in_its_place(phantom: Phantom, folder: Path) -> None:
    image = sitk.ReadImage(str(folder / "truth.nii.gz"))
    assert np.array_equal(sitk.GetArrayFromImage(image), phantom.truth)
    assert image.GetOrigin() == pytest.approx(phantom.pet_grid.origin_xyz_mm, abs=1e-3)
    assert image.GetSpacing() == pytest.approx(phantom.pet_grid.spacing_xyz_mm, abs=1e-5)


def test_every_file_says_synthetic(folder: Path) -> None:
    for path in sorted(folder.rglob("*.dcm")):
        header = dcmread(path, stop_before_pixels=True)
        assert header.PatientName == "SYNTHETIC^PHANTOM"
        assert header.PatientID == "SYNTHETIC-00003"
        assert "SYNTHETIC" in header.StudyDescription
        assert "SYNTHETIC" in header.SeriesDescription
    assert "SYNTHETIC" in truth_of(folder)["notice"]


@pytest.mark.parametrize("name", ["PT/PT0001.dcm", "PT/PT0120.dcm", "CT/CT0001.dcm", "truth.seg.dcm"])
def test_dciodvfy_finds_no_error(folder: Path, name: str) -> None:
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    done = subprocess.run([checker, "-new", str(folder / name)], capture_output=True, text=True, check=False)
    assert "Error" not in done.stdout + done.stderr


def test_the_same_phantom_gives_the_same_bytes(phantom: Phantom, folder: Path, tmp_path: Path) -> None:
    write_phantom_folder(phantom, tmp_path)
    names = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(names) == 200 + 250 + 3
    assert all((tmp_path / name).read_bytes() == (folder / name).read_bytes() for name in names)


def test_bed_positions_have_their_own_times_and_decay_factors(folder: Path) -> None:
    first, last = (
        dcmread(folder / "PT" / name, stop_before_pixels=True) for name in ("PT0001.dcm", "PT0200.dcm")
    )
    assert first.AcquisitionTime == first.SeriesTime < last.AcquisitionTime
    half_life = float(first.RadiopharmaceuticalInformationSequence[0].RadionuclideHalfLife)
    for header in (first, last):
        seconds = np.log2(float(header.DecayFactor)) * half_life
        assert seconds == pytest.approx(float(header.FrameReferenceTime) / 1000, abs=0.01)


def study(phantom: Phantom) -> SyntheticStudy:
    return synthetic_study(phantom)


def test_a_negative_control_has_no_segmentation_and_a_name_of_its_own(phantom: Phantom) -> None:
    control = Phantom(**{**vars(phantom), "negative": True, "lesions": ()})
    assert study(control).patient_id == "SYNTHETIC-00003N"
    assert study(control).uid("study") != study(phantom).uid("study")
    assert study(control).dose_bq == study(phantom).dose_bq


def test_an_oblique_grid_is_written_as_it_lies(phantom: Phantom, tmp_path: Path) -> None:
    c, s = np.cos(0.3), np.sin(0.3)
    grid = Grid((4, 5, 6), (2.0, 3.0, 4.0), (-10.0, 20.0, 30.0), (c, -s, 0, s, c, 0, 0, 0, 1))
    values = np.arange(120, dtype=np.float32).reshape(grid.shape_zyx)
    write_ct_series(tmp_path, values, grid, study(phantom))
    (series,) = read_series([tmp_path]).series
    assert series.volume.grid.matches(grid)
    assert np.array_equal(series.volume.values(), values)


def test_values_of_another_grid_or_without_meaning_are_refused(phantom: Phantom, tmp_path: Path) -> None:
    grid = Grid((2, 3, 4), (1.0, 1.0, 1.0))
    with pytest.raises(InvalidInput):
        write_pet_series(tmp_path, np.zeros((2, 3, 5), dtype=np.float32), grid, study(phantom))
    with pytest.raises(InvalidInput):
        write_pet_series(tmp_path, np.full((2, 3, 4), np.nan, dtype=np.float32), grid, study(phantom))
