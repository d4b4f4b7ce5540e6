"""Small real DICOM objects for tests. Everything here is synthetic."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

from annotations.imaging.geometry import Grid

ANISOTROPIC = Grid((9, 11, 13), (2.5, 4.0, 3.3), (-20.0, -30.0, 100.0))
STUDY = generate_uid(entropy_srcs=["study"])
FRAME = generate_uid(entropy_srcs=["frame"])


def rotated(
    shape_zyx: tuple[int, int, int] = (8, 10, 12), spacing: tuple[float, float, float] = (3.0, 2.0, 5.0)
) -> Grid:
    """An oblique grid: turned about x by 20 degrees, then about z by 30 degrees."""
    a, b = np.deg2rad(20.0), np.deg2rad(30.0)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    direction = tuple(float(v) for v in (about_z @ about_x).ravel())
    return Grid(shape_zyx, spacing, (11.0, -7.0, 33.0), direction)  # type: ignore[arg-type]


def injection(**changes: Any) -> Dataset:
    item = Dataset()
    item.Radiopharmaceutical = "SYNTHETIC FDG"
    item.RadiopharmaceuticalStartTime = "100000"
    item.RadionuclideTotalDose = "370000000"
    item.RadionuclideHalfLife = "6586.2"
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "77004003", "SCT", "^18^Fluorine"
    item.RadionuclideCodeSequence = [code]
    apply(item, changes)
    return item


def apply(dataset: Dataset, changes: dict[str, Any]) -> None:
    for keyword, value in changes.items():
        if value is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)


def slice_position(grid: Grid, z: int) -> list[str]:
    return [f"{v:.6f}"[:16] for v in grid.index_to_world((0, 0, z))]


def pet_slices(
    grid: Grid,
    stored: np.ndarray,
    *,
    series: str = "pet",
    frame: str = FRAME,
    slope: Callable[[int], float] = lambda z: 1.0 + 0.5 * z,
    injected: Dataset | None = None,
    modality: str = "PT",
    **changes: Any,
) -> list[Dataset]:
    """One data set a slice, in slice order. stored: int16 or uint16 [z, y, x]."""
    result = []
    for z in range(grid.shape_zyx[0]):
        ds = image_slice(grid, stored[z], z, series=series, frame=frame, modality=modality)
        ds.RescaleSlope, ds.RescaleIntercept = f"{slope(z):.8g}", "0"
        if modality == "PT":
            add_pet(ds, injected or injection())
        apply(ds, changes)
        result.append(ds)
    return result


def image_slice(grid: Grid, plane: np.ndarray, z: int, *, series: str, frame: str, modality: str) -> Dataset:
    ds = Dataset()
    uid = PositronEmissionTomographyImageStorage if modality == "PT" else CTImageStorage
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = uid
    ds.SOPInstanceUID = generate_uid(entropy_srcs=[series, str(z)])
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = STUDY, generate_uid(entropy_srcs=["series", series])
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = frame, ""
    ds.Modality, ds.PatientName, ds.PatientID = modality, "SYNTHETIC^Test", "SYNTHETIC-1"
    ds.PatientBirthDate, ds.PatientSex = "", "F"
    ds.StudyDate, ds.StudyTime, ds.StudyID, ds.AccessionNumber = "20260102", "105500", "1", ""
    ds.ReferringPhysicianName = ""
    ds.SeriesDate, ds.SeriesTime, ds.SeriesNumber = "20260102", "110000", 2
    ds.SeriesDescription, ds.Manufacturer = f"SYNTHETIC {series}", "Synthetic"
    ds.AcquisitionDate, ds.AcquisitionTime = "20260102", "110000"
    ds.InstanceNumber = z + 1
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.ImagePositionPatient = slice_position(grid, z)
    ds.ImageOrientationPatient = [f"{v:.10f}"[:16] for v in (*grid.axes[:, 0], *grid.axes[:, 1])]
    ds.PixelSpacing = [f"{grid.spacing_xyz_mm[1]}", f"{grid.spacing_xyz_mm[0]}"]
    ds.SliceThickness = f"{grid.spacing_xyz_mm[2]}"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = plane.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = int(plane.dtype.kind == "i")
    ds.PixelData = np.ascontiguousarray(plane).tobytes()
    return ds


def add_pet(ds: Dataset, injected: Dataset) -> None:
    ds.Units, ds.DecayCorrection = "BQML", "START"
    ds.CorrectedImage = ["NORM", "ATTN", "SCAT", "DECY"]
    ds.PatientWeight, ds.PatientSize = "74", "1.72"
    ds.FrameReferenceTime, ds.ActualFrameDuration = "89858", "180000"
    ds.RadiopharmaceuticalInformationSequence = [injected]


def encode(ds: Dataset) -> bytes:
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def save(datasets: list[Dataset], folder: Path, prefix: str = "s") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, ds in enumerate(datasets):
        (folder / f"{prefix}{number:03d}.dcm").write_bytes(encode(ds))
    return folder


def random_stored(grid: Grid, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 3000, grid.shape_zyx).astype(np.int16)
