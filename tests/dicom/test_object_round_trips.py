"""What we write as RTSTRUCT, SEG and NIfTI comes back voxel for voxel, in our readers and in others'."""

from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from annotations.dicom.codes import Code
from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.nifti_write import write_nifti
from annotations.dicom.part10 import parse_part10
from annotations.dicom.regions import ReadRegions
from annotations.dicom.rtstruct_read import read_rtstruct
from annotations.dicom.rtstruct_write import write_rtstruct
from annotations.dicom.seg_read import read_seg
from annotations.dicom.seg_write import write_seg
from annotations.dicom.series import ImageSeries, read_series
from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid, GridMismatch
from tests.dicom import make
from tests.dicom.tools import dice, plastimatch_masks, verify_iod

INFO = DerivedInfo(
    Producer("automatic", "Synthetic release", "1.0"),
    datetime(2026, 1, 2, 3, 4, 5),
    "0.1.0",
    unverified=True,
    identity="version-digest",
)
FINE = Grid((30, 44, 40), (2.0, 1.5, 3.0), (-40.0, -33.0, 10.0))
COARSE = Grid((24, 20, 18), (4.6875, 4.6875, 3.27), (-42.0, -46.0, -20.0))


def sphere(grid: Grid, centre: tuple[float, float, float], diameter_mm: float) -> np.ndarray:
    z, y, x = np.indices(grid.shape_zyx)
    points = grid.index_to_world(np.stack([x, y, z], axis=-1))
    return np.linalg.norm(points - np.array(centre), axis=-1) <= diameter_mm / 2


def scene(grid: Grid) -> tuple[np.ndarray, list[LesionInfo]]:
    """Spheres of 10 to 28 mm, a shell with a hole, and a lesion that touches itself at corners."""
    labels = np.zeros(grid.shape_zyx, np.uint16)
    middle = grid.index_to_world([(n - 1) / 2 for n in reversed(grid.shape_zyx)])
    labels[sphere(grid, tuple(middle), 37.0) & ~sphere(grid, tuple(middle), 20.0)] = 3
    labels[sphere(grid, tuple(middle), 10.0)] = 1
    labels[0:2, 0:2, 0:2] = 300
    labels[0, 1, 1] = labels[1, 0, 1] = 0
    labels[-1, -3:, -3:] = 12
    site = Code("10200004", "SCT", "Liver")
    names = {1: "Kern", 3: "Schale", 12: "Rand", 300: "Ecken"}
    return labels, [
        LesionInfo(label, name, site if label == 3 else None)
        for label, name in names.items()
        if (labels == label).any()
    ]


def imported(tmp_path: Path, grid: Grid) -> tuple[ImageSeries, Path]:
    folder = make.save(make.pet_slices(grid, make.random_stored(grid)), tmp_path / "pet")
    result = read_series([folder])
    assert not result.refusals
    return result.series[0], folder


def assert_same(read: ReadRegions, labels: np.ndarray, lesions: list[LesionInfo]) -> None:
    assert not read.refusals
    assert {region.name: region.label_hint for region in read.regions} == {
        lesion.name: lesion.label for lesion in lesions
    }
    for region in read.regions:
        assert np.array_equal(region.full(labels.shape), labels == region.label_hint), region.name
        assert not region.resampled


@pytest.fixture(params=[FINE, COARSE, make.rotated((20, 24, 22))], ids=["fine", "coarse", "rotated"])
def series(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ImageSeries, Path]:
    return imported(tmp_path, request.param)


def test_rtstruct_comes_back_voxel_for_voxel(series: tuple[ImageSeries, Path]) -> None:
    pet, _ = series
    labels, lesions = scene(pet.volume.grid)
    data = write_rtstruct(labels, SourceSeries(pet.volume.grid, pet.headers), lesions, INFO)
    assert_same(read_rtstruct(parse_part10(data).header, pet.target()), labels, lesions)


@pytest.mark.parametrize("grid", [FINE, COARSE], ids=["fine", "coarse"])
def test_rtstruct_gives_the_same_voxels_in_plastimatch(tmp_path: Path, grid: Grid) -> None:
    pet, folder = imported(tmp_path, grid)
    labels, lesions = scene(grid)
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(write_rtstruct(labels, SourceSeries(grid, pet.headers), lesions, INFO))
    masks = plastimatch_masks(path, folder, tmp_path)
    for lesion in lesions:
        assert dice(masks[lesion.name], labels == lesion.label) == 1.0, lesion.name


@pytest.mark.parametrize("diameter", [10.0, 13.0, 17.0, 22.0, 28.0, 37.0])
def test_spheres_keep_every_voxel_through_rtstruct(tmp_path: Path, diameter: float) -> None:
    pet, folder = imported(tmp_path, COARSE)
    labels = sphere(COARSE, (-1.1, -2.3, 17.0), diameter).astype(np.uint16)
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(write_rtstruct(labels, SourceSeries(COARSE, pet.headers), [LesionInfo(1, "S")], INFO))
    assert dice(plastimatch_masks(path, folder, tmp_path)["S"], labels == 1) == 1.0


def test_rtstruct_passes_the_iod_check(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    path = tmp_path / "rtstruct.dcm"
    path.write_bytes(write_rtstruct(labels, SourceSeries(FINE, pet.headers), lesions, INFO))
    assert verify_iod(path) == []


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_seg_comes_back_voxel_for_voxel(series: tuple[ImageSeries, Path], kind: str) -> None:
    pet, _ = series
    labels, lesions = scene(pet.volume.grid)
    data = write_seg(labels, SourceSeries(pet.volume.grid, pet.headers), lesions, INFO, kind)  # type: ignore[arg-type]
    assert_same(read_seg(parse_part10(data), pet.target()), labels, lesions)


def test_binary_seg_passes_the_iod_check_and_reads_in_highdicom(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    path = tmp_path / "seg.dcm"
    path.write_bytes(write_seg(labels, SourceSeries(FINE, pet.headers), lesions, INFO))
    assert verify_iod(path) == []
    seg = hd.seg.segread(path)
    uids = [header.SOPInstanceUID for header in pet.headers]
    frames = seg.get_pixels_by_source_instance(uids, assert_missing_frames_are_empty=True)
    for number, lesion in enumerate(lesions):
        assert np.array_equal(frames[..., number] != 0, labels == lesion.label)


def test_objects_carry_marks_producer_and_codes(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    source = SourceSeries(FINE, pet.headers)
    seg = parse_part10(write_seg(labels, source, lesions, INFO)).header
    rtstruct = parse_part10(write_rtstruct(labels, source, lesions, INFO)).header
    for header in (seg, rtstruct):
        assert header.SeriesDescription == "Lesions, RESEARCH USE ONLY, AUTOMATIC, UNVERIFIED"
        assert header.StudyInstanceUID == pet.study.study_instance_uid
        assert header.FrameOfReferenceUID == pet.series.frame_of_reference_uid
    assert [s.SegmentAlgorithmType for s in seg.SegmentSequence] == ["AUTOMATIC"] * 4
    assert seg.SegmentSequence[1].AnatomicRegionSequence[0].CodeValue == "10200004"
    assert rtstruct.StructureSetROISequence[0].ROIGenerationAlgorithm == "AUTOMATIC"
    assert rtstruct.RTROIObservationsSequence[1].RTROIIdentificationCodeSequence[0].CodeMeaning == "Liver"


def test_a_long_description_never_pushes_the_marks_out() -> None:
    info = DerivedInfo(INFO.producer, INFO.created, "1", description="x" * 80, unverified=True)
    assert len(info.series_description()) <= 64
    assert info.series_description().endswith("RESEARCH USE ONLY, AUTOMATIC, UNVERIFIED")


def test_a_reader_s_own_version_is_manual_and_not_marked_unverified(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    info = DerivedInfo(Producer("manual", "R-07"), INFO.created, "0.1.0")
    path = tmp_path / "seg.dcm"
    path.write_bytes(write_seg(labels, SourceSeries(FINE, pet.headers), lesions, info))
    seg = pydicom.dcmread(path)
    assert seg.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"
    assert "UNVERIFIED" not in seg.SeriesDescription
    assert verify_iod(path) == []


def test_the_same_version_written_twice_is_the_same_object(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    source = SourceSeries(FINE, pet.headers)
    assert write_rtstruct(labels, source, lesions, INFO) == write_rtstruct(labels, source, lesions, INFO)


def test_nifti_has_the_grid_and_the_labels(tmp_path: Path) -> None:
    grid = make.rotated()
    labels = make.random_stored(grid).astype(np.uint16)
    path = tmp_path / "labels.nii.gz"
    path.write_bytes(write_nifti(labels, grid))
    image = sitk.ReadImage(path)
    assert image.GetPixelID() == sitk.sitkUInt16
    assert np.array_equal(sitk.GetArrayFromImage(image), labels)
    assert image.GetSpacing() == pytest.approx(grid.spacing_xyz_mm, abs=1e-5)
    assert image.TransformIndexToPhysicalPoint((3, 5, 7)) == pytest.approx(
        tuple(grid.index_to_world((3, 5, 7))), abs=1e-3
    )


def test_a_label_map_of_another_size_is_refused(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    source = SourceSeries(FINE, pet.headers)
    with pytest.raises(GridMismatch):
        write_rtstruct(np.ones((2, 3, 4), np.uint16), source, [LesionInfo(1, "L")], INFO)


def test_labels_and_lesion_list_must_match(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels, lesions = scene(FINE)
    source = SourceSeries(FINE, pet.headers)
    with pytest.raises(InvalidInput) as caught:
        write_seg(labels, source, lesions[1:], INFO)
    assert caught.value.detail["only_in_map"] == [lesions[0].label]
    with pytest.raises(InvalidInput, match="without lesions"):
        write_seg(np.zeros_like(labels), source, [], INFO)


def test_names_may_be_empty_long_or_not_english(tmp_path: Path) -> None:
    pet, _ = imported(tmp_path, FINE)
    labels = np.zeros(FINE.shape_zyx, np.uint16)
    labels[3, 3, 3:6] = np.array([1, 2, 3])
    lesions = [LesionInfo(1, ""), LesionInfo(2, "Läsion 肝"), LesionInfo(3, "x" * 90)]
    source = SourceSeries(FINE, pet.headers)
    for name, data in (
        ("rtstruct", write_rtstruct(labels, source, lesions, INFO)),
        ("seg", write_seg(labels, source, lesions, INFO)),
    ):
        path = tmp_path / f"{name}.dcm"
        path.write_bytes(data)
        assert verify_iod(path) == []
        part = parse_part10(data)
        read = (
            read_rtstruct(part.header, pet.target()) if name == "rtstruct" else read_seg(part, pet.target())
        )
        assert [region.name for region in read.regions] == ["Lesion 1", "Läsion 肝", "x" * 64]
