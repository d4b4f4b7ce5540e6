"""Enhanced multi-frame PET is read like single-frame PET, and can be written on."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedPETImageStorage, ExplicitVRLittleEndian, generate_uid

from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer
from annotations.dicom.part10 import parse_part10
from annotations.dicom.refusals import SourceMismatch
from annotations.dicom.rtstruct_read import read_rtstruct
from annotations.dicom.rtstruct_write import write_rtstruct
from annotations.dicom.seg_read import read_seg
from annotations.dicom.seg_write import write_seg
from annotations.dicom.series import ImageSeries, ReadResult, read_series
from annotations.dicom.source_series import load_source
from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.dicom.tools import verify_iod

GRID = Grid((6, 8, 9), (3.0, 4.0, 5.0), (10.0, 20.0, -30.0))
INFO = DerivedInfo(Producer("manual", "R-01"), datetime(2026, 1, 2, 3, 4, 5), "0.1.0")


def item(**values: Any) -> Dataset:
    ds = Dataset()
    make.apply(ds, values)
    return ds


def mapping(unit: str, slope: float) -> Dataset:
    return item(
        RealWorldValueSlope=slope,
        RealWorldValueIntercept=0.0,
        RealWorldValueFirstValueMapped=0,
        RealWorldValueLastValueMapped=32767,
        LUTLabel="VALUE",
        LUTExplanation="SYNTHETIC",
        MeasurementUnitsCodeSequence=[item(CodeValue=unit, CodingSchemeDesignator="UCUM", CodeMeaning=unit)],
    )


def enhanced_pet(stored: np.ndarray, mappings: list[Dataset] | None = None, **changes: Any) -> Dataset:
    """Frames from the highest slice to the lowest, so that frame order is not slice order."""
    ds = make.image_slice(GRID, stored[0], 0, series="enhanced", frame=make.FRAME, modality="PT")
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "AcquisitionTime"):
        del ds[keyword]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = EnhancedPETImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.PatientWeight = "74"
    ds.AttenuationCorrected, ds.DecayCorrected, ds.ScatterCorrected = "YES", "YES", "NO"
    ds.DecayCorrectionDateTime = "20260102110000"
    ds.RadiopharmaceuticalInformationSequence = [
        make.injection(
            RadionuclideTotalDose="370",
            RadiopharmaceuticalStartTime=None,
            RadiopharmaceuticalStartDateTime="20260102100000",
        )
    ]
    order = range(GRID.shape_zyx[0] - 1, -1, -1)
    ds.SharedFunctionalGroupsSequence = [shared(mappings or [mapping("Bq/ml", 2.5)])]
    ds.PerFrameFunctionalGroupsSequence = [per_frame(z) for z in order]
    ds.NumberOfFrames = len(order)
    ds.PixelData = np.ascontiguousarray(stored[::-1]).tobytes()
    make.apply(ds, changes)
    return ds


def shared(mappings: list[Dataset]) -> Dataset:
    spacing = [str(GRID.spacing_xyz_mm[1]), str(GRID.spacing_xyz_mm[0])]
    return item(
        PixelMeasuresSequence=[item(PixelSpacing=spacing, SliceThickness=str(GRID.spacing_xyz_mm[2]))],
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelValueTransformationSequence=[item(RescaleSlope="1", RescaleIntercept="0", RescaleType="US")],
        RealWorldValueMappingSequence=mappings,
    )


def per_frame(z: int) -> Dataset:
    return item(
        FrameContentSequence=[
            item(
                FrameAcquisitionDateTime="20260102110000",
                FrameReferenceDateTime="20260102110130",
                FrameAcquisitionDuration=180000.0,
                StackID="1",
                InStackPositionNumber=z + 1,
            )
        ],
        PlanePositionSequence=[item(ImagePositionPatient=make.slice_position(GRID, z))],
    )


def read(ds: Dataset, tmp_path: Path) -> ReadResult:
    return read_series([make.save([ds], tmp_path / "heap")])


def only(ds: Dataset, tmp_path: Path) -> ImageSeries:
    result = read(ds, tmp_path)
    assert not result.refusals, result.refusals
    return result.series[0]


def test_frames_become_a_volume_in_slice_order(tmp_path: Path) -> None:
    stored = make.random_stored(GRID)
    series = only(enhanced_pet(stored), tmp_path)
    assert series.volume.grid.matches(GRID)
    assert np.array_equal(series.volume.stored, stored)
    assert [instance.frame for instance in series.instances] == [5, 4, 3, 2, 1, 0]
    assert series.unit == "Bq/mL"
    assert set(series.volume.slopes) == {2.5}


def test_suv_follows_from_the_moment_of_decay_correction(tmp_path: Path) -> None:
    series = only(enhanced_pet(make.random_stored(GRID)), tmp_path)
    assert series.suv is not None
    assert series.suv.rule == "BQML/START/decay_correction_datetime"
    assert series.suv.factor == pytest.approx(2.92128e-4, rel=1e-5)


@pytest.mark.parametrize("unit", ["{SUVbw}g/ml", "g/ml{SUVbw}"])
def test_suv_units_are_taken_as_they_are(tmp_path: Path, unit: str) -> None:
    series = only(enhanced_pet(make.random_stored(GRID), [mapping(unit, 0.01)]), tmp_path)
    assert series.suv is not None
    assert (series.unit, series.suv.factor, series.suv.rule) == ("g/mL", 1.0, "GML/BW")


def test_of_several_mappings_the_activity_is_taken(tmp_path: Path) -> None:
    mappings = [mapping("{SUVbw}g/ml", 0.01), mapping("Bq/ml", 3.0)]
    series = only(enhanced_pet(make.random_stored(GRID), mappings), tmp_path)
    assert (series.unit, series.volume.slopes[0]) == ("Bq/mL", 3.0)


def test_without_attenuation_correction_there_is_no_suv(tmp_path: Path) -> None:
    series = only(enhanced_pet(make.random_stored(GRID), AttenuationCorrected="NO"), tmp_path)
    assert series.suv is not None
    assert series.suv.refusal_code == "suv_not_attenuation_corrected"


def test_without_decay_correction_frames_are_corrected(tmp_path: Path) -> None:
    ds = enhanced_pet(make.random_stored(GRID), DecayCorrected="NO", DecayCorrectionDateTime=None)
    series = only(ds, tmp_path)
    assert series.suv is not None
    assert series.suv.rule == "BQML/NONE/earliest_acquisition"
    assert series.volume.slopes[0] == pytest.approx(2.5 * 2 ** (89.858 / 6586.2), rel=1e-5)


def test_frames_announced_and_described_must_agree(tmp_path: Path) -> None:
    result = read(enhanced_pet(make.random_stored(GRID), NumberOfFrames=7), tmp_path)
    assert [refusal.code for refusal in result.refusals] == ["missing_tag"]


def test_rtstruct_and_seg_of_a_multi_frame_pet_come_back(tmp_path: Path) -> None:
    ds = enhanced_pet(make.random_stored(GRID))
    series = only(ds, tmp_path)
    labels = np.zeros(GRID.shape_zyx, np.uint16)
    labels[1:4, 2:6, 3:7] = 1
    labels[2, 3:5, 4:6] = 0
    labels[5, 0, 0] = 2
    slices = [("a", instance.frame) for instance in series.instances]
    source = load_source({"a": make.encode(ds)}, slices, series.volume.grid)
    lesions = [LesionInfo(1, "shell"), LesionInfo(2, "dot")]
    rtstruct = write_rtstruct(labels, source, lesions, INFO)
    seg = write_seg(labels, source, lesions, INFO)
    contour = parse_part10(rtstruct).header.ROIContourSequence[1].ContourSequence[0]
    assert contour.ContourImageSequence[0].ReferencedFrameNumber == 1  # slice 5 is the first frame
    for regions in (
        read_rtstruct(parse_part10(rtstruct).header, series.target()).regions,
        read_seg(parse_part10(seg), series.target()).regions,
    ):
        for region in regions:
            assert np.array_equal(region.full(labels.shape), labels == region.label_hint)
    for name, data in (("rtstruct", rtstruct), ("seg", seg)):
        path = tmp_path / f"{name}.dcm"
        path.write_bytes(data)
        assert verify_iod(path) == []


def test_a_source_that_is_not_the_volume_is_refused(tmp_path: Path) -> None:
    ds = enhanced_pet(make.random_stored(GRID))
    with pytest.raises(SourceMismatch, match="lie where"):
        load_source({"a": make.encode(ds)}, [("a", z) for z in range(6)], GRID)
    with pytest.raises(SourceMismatch, match="not the slices"):
        load_source({"a": make.encode(ds)}, [("a", 0), ("b", 0)], GRID)
