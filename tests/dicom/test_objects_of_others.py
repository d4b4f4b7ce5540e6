"""RTSTRUCT and SEG as other makers write them."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage, generate_uid

from annotations.dicom.objects import read_object, referenced_series
from annotations.dicom.refusals import FrameOfReferenceMismatch
from annotations.dicom.regions import TargetVolume, pack_regions
from annotations.dicom.rtstruct_read import read_rtstruct
from annotations.dicom.series import ImageSeries, ReadResult, read_series
from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.shared_data import shared

GRID = Grid((6, 10, 12), (2.0, 3.0, 4.0), (100.0, -50.0, 7.0))


def target(grid: Grid = GRID, frame: str = make.FRAME) -> TargetVolume:
    return TargetVolume(grid, frame, "1.2.3", tuple(f"1.2.3.{z}" for z in range(grid.shape_zyx[0])))


def rtstruct(rois: dict[str, list[Any]], *, frame: str = make.FRAME) -> Dataset:
    """rois: {name: [(points x, y, z in mm, referenced SOP instance or "", geometric type), ...]}"""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = RTStructureSetStorage, generate_uid(), "RTSTRUCT"
    ds.StructureSetROISequence, ds.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(rois.items(), start=1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID = number, name, frame
        drawn.ReferencedROINumber, drawn.ROIDisplayColor = number, [1, 2, 3]
        drawn.ContourSequence = [contour(*parts) for parts in contours]
        ds.StructureSetROISequence.append(roi)
        ds.ROIContourSequence.append(drawn)
    return ds


def contour(points: Any, referenced: str = "", kind: str = "CLOSED_PLANAR") -> Dataset:
    item = Dataset()
    item.ContourGeometricType = kind
    item.NumberOfContourPoints = len(points)
    item.ContourData = [f"{value:.3f}" for value in np.ravel(points)]
    if referenced:
        image = Dataset()
        image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = (
            "1.2.840.10008.5.1.4.1.1.128",
            referenced,
        )
        item.ContourImageSequence = [image]
    return item


def box(x0: float, x1: float, y0: float, y1: float, z: float, grid: Grid = GRID) -> np.ndarray:
    """A rectangle in voxel indices of `grid`, as points in mm."""
    return grid.index_to_world([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)])


def only_mask(dataset: Dataset, wanted: TargetVolume | None = None) -> np.ndarray:
    wanted = wanted or target()
    result = read_rtstruct(dataset, wanted)
    assert not result.refusals, result.refusals
    (region,) = result.regions
    return region.full(wanted.grid.shape_zyx)


def test_centres_inside_the_contour_count() -> None:
    mask = only_mask(rtstruct({"A": [(box(1.6, 4.4, 2.4, 5.6, 3),)]}))
    expected = np.zeros(GRID.shape_zyx, bool)
    expected[3, 3:6, 2:5] = True
    assert np.array_equal(mask, expected)


def test_several_contours_on_a_plane_join_by_xor() -> None:
    outer, hole, apart = box(0.5, 8.5, 0.5, 8.5, 2), box(2.5, 5.5, 2.5, 5.5, 2), box(9.5, 10.5, 0.5, 1.5, 2)
    mask = only_mask(rtstruct({"A": [(outer,), (hole,), (apart,)]}))
    assert mask.sum() == 64 - 9 + 1
    assert not mask[2, 3:6, 3:6].any()


def test_a_keyhole_is_a_hole() -> None:
    keyhole = [(0.5, 0.5), (8.5, 0.5), (8.5, 8.5), (0.5, 8.5), (0.5, 4.2), (2.5, 4.2), (2.5, 5.5), (5.5, 5.5)]
    keyhole += [(5.5, 2.5), (2.5, 2.5), (2.5, 4.2), (0.5, 4.2)]
    points = GRID.index_to_world([(x, y, 1) for x, y in keyhole])
    mask = only_mask(rtstruct({"A": [(points,)]}))
    assert mask.sum() == 64 - 9
    assert not mask[1, 3:6, 3:6].any()


@pytest.mark.parametrize("off", [-0.2, 0.01, 0.2])
def test_a_plane_that_is_off_by_rounding_is_the_nearest_slice(off: float) -> None:
    mask = only_mask(rtstruct({"A": [(box(1.5, 3.5, 1.5, 3.5, 4 + off),)]}))
    assert np.flatnonzero(mask.any(axis=(1, 2))).tolist() == [4]


def test_overlapping_rois_are_kept_whole_in_two_maps() -> None:
    rois = {"big": [(box(0.5, 8.5, 0.5, 8.5, 2),)], "inside": [(box(2.5, 4.5, 2.5, 4.5, 2),)], "apart": []}
    rois["apart"] = [(box(0.5, 2.5, 0.5, 2.5, 5),)]
    packed = pack_regions(read_rtstruct(rtstruct(rois), target()).regions, GRID.shape_zyx)
    assert [{label: r.name for label, r in p.regions.items()} for p in packed] == [
        {1: "big", 2: "apart"},
        {1: "inside"},
    ]
    assert [np.bincount(p.labels.ravel())[1:].tolist() for p in packed] == [[64, 4], [4]]


def test_label_255_is_left_out() -> None:
    grid = Grid((1, 20, 20), (1.0, 1.0, 1.0))
    rois = {
        f"{i}": [(box(i % 20 - 0.5, i % 20 + 0.5, i // 20 - 0.5, i // 20 + 0.5, 0, grid),)]
        for i in range(260)
    }
    (packed,) = pack_regions(read_rtstruct(rtstruct(rois), target(grid)).regions, grid.shape_zyx)
    assert len(packed.regions) == 260
    assert 255 not in packed.regions
    assert not (packed.labels == 255).any()


def test_an_roi_on_another_grid_of_the_same_frame_is_resampled_and_says_so() -> None:
    """CT planes every 1 mm from z = 9.2 to 20.2 mm: PET slices at 11, 15, 19 mm lie inside."""
    contours = []
    for z_mm in np.arange(9.2, 20.3, 1.0):
        points = box(1.5, 4.5, 2.5, 5.5, 0)
        points[:, 2] = z_mm
        contours.append((points, f"9.9.{z_mm:.1f}"))
    result = read_rtstruct(rtstruct({"CT ROI": contours}), target())
    (region,) = result.regions
    assert region.resampled
    assert np.flatnonzero(region.full(GRID.shape_zyx).any(axis=(1, 2))).tolist() == [1, 2, 3]
    assert region.voxel_count == 3 * 9


def test_an_roi_on_coarser_planes_leaves_no_gap() -> None:
    """Planes every 10 mm; PET slices every 4 mm: each takes the nearest plane within 5 mm."""
    contours = []
    for z_mm in (11.0, 21.0):
        points = box(1.5, 4.5, 2.5, 5.5, 0)
        points[:, 2] = z_mm
        contours.append((points, f"9.9.{z_mm}"))
    (region,) = read_rtstruct(rtstruct({"A": contours}), target()).regions
    assert np.flatnonzero(region.full(GRID.shape_zyx).any(axis=(1, 2))).tolist() == [0, 1, 2, 3, 4]


def test_another_frame_of_reference_is_refused() -> None:
    with pytest.raises(FrameOfReferenceMismatch) as caught:
        read_rtstruct(rtstruct({"A": [(box(1, 3, 1, 3, 1),)]}, frame="1.2.999"), target())
    assert caught.value.detail == {"wanted": make.FRAME, "got": "1.2.999"}


def test_unusable_rois_are_refused_by_name_and_the_rest_goes_on() -> None:
    sagittal = GRID.index_to_world([(3, 1, 1), (3, 5, 1), (3, 5, 4), (3, 1, 4)])
    rois = {
        "good": [(box(1.5, 3.5, 1.5, 3.5, 1),)],
        "points": [(box(1, 3, 1, 3, 1), "", "POINT")],
        "empty": [],
        "sagittal": [(sagittal,)],
        "outside": [(box(1, 3, 1, 3, 40),)],
    }
    result = read_rtstruct(rtstruct(rois), target())
    assert [region.name for region in result.regions] == ["good"]
    assert {refusal.file: refusal.code for refusal in result.refusals} == {
        "points": "no_contours",
        "empty": "no_contours",
        "sagittal": "contour_not_in_plane",
        "outside": "outside_volume",
    }


def test_contours_partly_outside_are_counted_in_a_warning() -> None:
    result = read_rtstruct(rtstruct({"A": [(box(1.5, 30, 1.5, 3.5, 1),), (box(1, 3, 1, 3, 2),)]}), target())
    assert result.regions[0].warnings == ("1 of 2 contours lie wholly or partly outside the volume.",)


@pytest.fixture(scope="module")
def real() -> ReadResult:
    folder = shared("sts001_wholebody_pet")
    return read_series([folder / "PET_raw_BQML", folder / "PET_RTSTRUCT", folder / "IBSI_crop" / "CT"])


def pet_of(result: ReadResult) -> ImageSeries:
    return next(series for series in result.series if series.series.modality == "PT")


def test_contours_of_a_real_planning_system_give_the_published_volumes(real: ReadResult) -> None:
    pet = pet_of(real)
    file = next(file for file in real.objects if file.header.StructureSetName == "RTstruct_PET")
    assert referenced_series(file.header) == (pet.series.series_instance_uid,)
    regions = {region.name: region for region in read_object(file, pet.target()).regions}
    assert pet.suv is not None
    assert pet.suv.factor is not None
    suv = pet.volume.values(pet.suv.factor)
    mass, edema = regions["GTV_Mass"], regions["GTV_Edema"]
    inside = suv[mass.box][mass.mask]
    assert mass.voxel_count == 5095
    assert round(mass.voxel_count * pet.volume.grid.voxel_volume_ml, 1) == 366.1
    assert (inside.max(), inside.mean()) == pytest.approx((7.911, 2.555), abs=0.0005)
    assert edema.voxel_count == 8058
    assert edema.voxel_count * pet.volume.grid.voxel_volume_ml == pytest.approx(579.0, abs=0.06)
    assert not mass.resampled
    shape = pet.volume.grid.shape_zyx
    assert not (mass.full(shape) & ~edema.full(shape)).any()


def test_a_ct_based_roi_of_the_same_frame_lands_on_the_pet(real: ReadResult) -> None:
    pet = pet_of(real)
    file = next(file for file in real.objects if file.header.StructureSetName != "RTstruct_PET")
    (region,) = read_object(file, pet.target()).regions
    assert region.resampled
    assert region.voxel_count * pet.volume.grid.voxel_volume_ml == pytest.approx(366.1, rel=0.01)
