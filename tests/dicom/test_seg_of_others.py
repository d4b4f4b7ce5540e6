"""DICOM SEG as other makers write it: other grids, fractions, frames without a source."""

from datetime import datetime

import highdicom as hd
import numpy as np
import pytest
from pydicom.sr.coding import Code as SrCode

from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.part10 import Part10, parse_part10
from annotations.dicom.refusals import FractionalSegmentation, FrameOfReferenceMismatch
from annotations.dicom.regions import TargetVolume
from annotations.dicom.seg_read import read_seg, referenced_series
from annotations.dicom.seg_write import complete_headers, write_seg
from annotations.dicom.series import read_series
from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.shared_data import shared

PET = Grid((6, 10, 12), (4.0, 4.0, 6.0), (-20.0, -16.0, 100.0))
CT = Grid((18, 40, 48), (1.0, 1.0, 2.0), (-21.5, -17.5, 98.0))  # three CT slices around each PET slice
INFO = DerivedInfo(Producer("semi-automatic", "Threshold", "1"), datetime(2026, 1, 2), "0.1.0")


def source(grid: Grid, series: str = "pet") -> SourceSeries:
    modality = "PT" if series == "pet" else "CT"
    headers = make.pet_slices(grid, np.zeros(grid.shape_zyx, np.int16), series=series, modality=modality)
    return SourceSeries(grid, headers)


def target(grid: Grid = PET, frame: str = make.FRAME) -> TargetVolume:
    uids = tuple(str(header.SOPInstanceUID) for header in source(grid).headers)
    return TargetVolume(grid, frame, "1.2.3", uids)


def seg_on(grid: Grid, labels: np.ndarray, series: str) -> Part10:
    lesions = [LesionInfo(int(label), f"L{label}") for label in np.unique(labels) if label]
    return parse_part10(write_seg(labels, source(grid, series), lesions, INFO))


def test_a_seg_drawn_on_the_ct_is_resampled_and_says_so() -> None:
    """The CT voxels of whole PET voxels: resampled to the nearest, they give exactly those."""
    wanted = np.zeros(PET.shape_zyx, bool)
    wanted[2:4, 3:6, 4:9] = True
    labels = wanted.repeat(3, 0).repeat(4, 1).repeat(4, 2).astype(np.uint16)
    (region,) = read_seg(seg_on(CT, labels, "ct"), target()).regions
    assert region.resampled
    assert np.array_equal(region.full(PET.shape_zyx), wanted)


def test_frames_without_a_named_source_go_by_their_position() -> None:
    labels = np.zeros(PET.shape_zyx, np.uint16)
    labels[1:5, 2:4, 3:9] = 1
    part = seg_on(PET, labels, "pet")
    for frame in part.header.PerFrameFunctionalGroupsSequence:
        del frame.DerivationImageSequence
    (region,) = read_seg(part, target()).regions
    assert not region.resampled
    assert np.array_equal(region.full(PET.shape_zyx), labels == 1)


def test_a_seg_of_a_real_series_with_uneven_gaps_comes_back_exactly() -> None:
    (pet,) = read_series([shared("sts001_wholebody_pet") / "PET_raw_BQML"]).series
    labels = np.zeros(pet.volume.grid.shape_zyx, np.uint16)
    labels[40:46, 50:60, 50:64] = 2  # across the gap of 3.29 mm
    labels[129:134, 20:30, 20:30] = 5  # across the gap of 3.19 mm
    lesions = [LesionInfo(2, "a"), LesionInfo(5, "b")]
    data = write_seg(labels, SourceSeries(pet.volume.grid, pet.headers), lesions, INFO)
    part = parse_part10(data)
    assert referenced_series(part.header) == (pet.series.series_instance_uid,)
    for region in read_seg(part, pet.target()).regions:
        assert np.array_equal(region.full(labels.shape), labels == region.label_hint)


def fractional() -> Part10:
    share = np.zeros(PET.shape_zyx, np.float32)
    share[1:3, 2:5, 3:6] = 0.5
    share[1, 3, 4] = 1.0
    seg = hd.seg.Segmentation(
        source_images=complete_headers(source(PET)),
        pixel_array=share,
        segmentation_type="FRACTIONAL",
        segment_descriptions=[
            hd.seg.SegmentDescription(
                1, "p", SrCode("49755003", "SCT", "M"), SrCode("52988006", "SCT", "Lesion"), "MANUAL"
            )
        ],
        series_instance_uid=INFO.uid("s"),
        series_number=1,
        sop_instance_uid=INFO.uid("i"),
        instance_number=1,
        manufacturer="Synthetic",
        manufacturer_model_name="Synthetic",
        software_versions="1",
        device_serial_number="1",
    )
    return parse_part10(make.encode(seg))


def test_fractions_are_refused_unless_a_threshold_is_stated() -> None:
    with pytest.raises(FractionalSegmentation):
        read_seg(fractional(), target())
    assert read_seg(fractional(), target(), fraction=0.4).regions[0].voxel_count == 18
    assert read_seg(fractional(), target(), fraction=0.9).regions[0].voxel_count == 1


def test_another_frame_of_reference_is_refused() -> None:
    labels = np.ones(PET.shape_zyx, np.uint16)
    with pytest.raises(FrameOfReferenceMismatch):
        read_seg(seg_on(PET, labels, "pet"), target(frame="1.2.9"))


def test_a_segment_outside_the_pet_is_refused_by_name_and_the_rest_goes_on() -> None:
    labels = np.zeros(PET.shape_zyx, np.uint16)
    labels[0:2, 2:4, 2:4] = 1
    labels[5, 5, 5] = 2
    part = seg_on(PET, labels, "pet")
    upper = Grid((3, *PET.shape_zyx[1:]), PET.spacing_xyz_mm, (-20.0, -16.0, 100.0 + 3 * 6.0))
    result = read_seg(part, TargetVolume(upper, make.FRAME, "1.2.3", ("x", "y", "z")))
    assert [region.name for region in result.regions] == ["L2"]
    assert [(refusal.file, refusal.code) for refusal in result.refusals] == [("L1", "outside_volume")]
