"""Write a PET and a CT volume as genuine single-frame DICOM series.

Used for phantoms: every file says that it is synthetic. PET slices carry a rescale slope each, as real
scanners write them, Bq/mL corrected for attenuation and decay to the start of the series, and the whole
radiopharmaceutical record, so that SUVbw can be computed from the files alone. UIDs, dates and bytes
depend on the arguments only.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage
from pydicom.valuerep import format_number_as_ds

from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import FloatArray

CU64_HALF_LIFE_S = 45723.6
CU64_POSITRON_FRACTION = 0.176
BED_SECONDS = 180
BED_MM = 160.0
PET_MAXIMUM = 32767
CT_INTERCEPT = -1024
DOTATATE = Code("64Cu-DOTATATE", "99PETREVIEW", "Copper Cu^64^ DOTATATE")
MANUFACTURER = "PETReview synthetic phantom"
NOTICE = "SYNTHETIC PHANTOM - no patient - research use only"


@dataclass(frozen=True)
class SyntheticStudy:
    """What both series of a synthetic study share. `key` decides every UID.

    weight_kg, height_m: of the invented patient. dose_bq: injected activity at `injected`.
    scanned: start of the PET acquisition, local time.
    """

    key: str
    patient_id: str
    sex: str
    age_years: int
    weight_kg: float
    height_m: float
    dose_bq: float
    injected: datetime
    scanned: datetime
    description: str = "SYNTHETIC PHANTOM 64Cu-DOTATATE PET/CT"

    def uid(self, *parts: object) -> str:
        """UID below 2.25 (from a 128-bit number) that depends on key and parts alone."""
        text = "|".join(("petreview", self.key, *(str(part) for part in parts)))
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
        return f"2.25.{number}"

    @property
    def suv_factor(self) -> float:
        """SUVbw per Bq/mL for values that are decay-corrected to `scanned`."""
        decay = 2.0 ** (-(self.scanned - self.injected).total_seconds() / CU64_HALF_LIFE_S)
        return float(self.weight_kg * 1000.0 / (self.dose_bq * decay))


def write_pet_series(folder: Path, suv: FloatArray, grid: Grid, study: SyntheticStudy) -> list[Path]:
    """Write float32 SUV [z, y, x] (0 or more) as a PT series in Bq/mL; returns the paths by instance."""
    _require(suv, grid)
    activity = suv.astype(np.float64) / study.suv_factor
    paths = []
    for number, index in _head_first(grid):
        dataset = _slice(study, "PET", number, index, grid, PositronEmissionTomographyImageStorage)
        stored, slope = _scaled(activity[index])
        _add_pet_series(dataset, study, grid)
        _add_pet_image(dataset, number, slope, _bed_start_s(grid, index), study)
        _add_pixels(dataset, stored, bits=16, signed=True)
        paths.append(_save(dataset, folder / f"PT{number:04d}.dcm"))
    return paths


def write_ct_series(folder: Path, hu: FloatArray, grid: Grid, study: SyntheticStudy) -> list[Path]:
    """Write float32 HU [z, y, x] (-1024 to 3071) as a CT series; returns the paths by instance."""
    _require(hu, grid)
    paths = []
    for number, index in _head_first(grid):
        dataset = _slice(study, "CT", number, index, grid, CTImageStorage)
        stored = np.rint(np.clip(hu[index], CT_INTERCEPT, 3071) - CT_INTERCEPT).astype("<u2")
        _add_ct_image(dataset, study)
        _add_pixels(dataset, stored, bits=12, signed=False)
        paths.append(_save(dataset, folder / f"CT{number:04d}.dcm"))
    return paths


def _require(values: FloatArray, grid: Grid) -> None:
    if values.shape != grid.shape_zyx or not np.isfinite(values).all():
        raise InvalidInput(
            "A series is written from finite values on its own grid.", shape=values.shape, grid=grid.shape_zyx
        )


def _head_first(grid: Grid) -> Iterator[tuple[int, int]]:
    """Instance numbers from 1 with the slice index, from the top of the head down."""
    slices = range(grid.shape_zyx[0])
    upwards = grid.axes[2, 2] >= 0
    yield from enumerate(reversed(slices) if upwards else slices, start=1)


def _scaled(activity: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int16], str]:
    """Stored integers and the slope as it stands in the file (at most 16 characters)."""
    slope = format_number_as_ds(max(float(activity.max()), 1e-3) / PET_MAXIMUM)
    stored = np.rint(activity / float(slope))
    return np.clip(stored, 0, PET_MAXIMUM).astype("<i2"), slope


def _bed_start_s(grid: Grid, index: int) -> int:
    """Start of the bed position of a slice in seconds after the first; beds run from the head down."""
    from_top = (grid.shape_zyx[0] - 1 - index) * grid.spacing_xyz_mm[2]
    return int(from_top // BED_MM) * BED_SECONDS


def _slice(
    study: SyntheticStudy, modality: str, number: int, index: int, grid: Grid, sop_class: UID
) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = UID(study.uid(modality, "instance", number))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _add_patient_and_study(dataset, study)
    dataset.Modality = "PT" if modality == "PET" else "CT"
    dataset.SeriesInstanceUID = study.uid(modality, "series")
    dataset.SeriesNumber = 2 if modality == "PET" else 1
    dataset.SeriesDescription = f"SYNTHETIC PHANTOM {modality}"
    dataset.FrameOfReferenceUID = study.uid("frame of reference")
    dataset.BodyPartExamined = "WHOLEBODY"
    dataset.PositionReferenceIndicator = ""
    dataset.InstanceNumber = number
    dataset.ImageComments = NOTICE
    _add_plane(dataset, grid, index)
    return dataset


def _add_patient_and_study(dataset: Dataset, study: SyntheticStudy) -> None:
    dataset.PatientName = "SYNTHETIC^PHANTOM"
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = ""
    dataset.PatientSex = study.sex
    dataset.PatientAge = f"{study.age_years:03d}Y"
    dataset.PatientSize = format_number_as_ds(study.height_m)
    dataset.PatientWeight = format_number_as_ds(study.weight_kg)
    dataset.QualityControlSubject = "YES"
    dataset.StudyInstanceUID = study.uid("study")
    dataset.StudyID = "1"
    dataset.StudyDescription = study.description
    dataset.AccessionNumber = ""
    dataset.ReferringPhysicianName = ""
    _set_time(dataset, "Study", study.scanned - timedelta(minutes=5))
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = "phantom"
    dataset.SoftwareVersions = "1"


def _set_time(dataset: Dataset, what: str, moment: datetime) -> None:
    setattr(dataset, f"{what}Date", moment.strftime("%Y%m%d"))
    setattr(dataset, f"{what}Time", moment.strftime("%H%M%S"))


def _add_plane(dataset: Dataset, grid: Grid, index: int) -> None:
    x, y, z = grid.spacing_xyz_mm
    axes = grid.axes
    place = grid.index_to_world((0, 0, index))
    dataset.ImagePositionPatient = [format_number_as_ds(round(float(v), 6)) for v in place]
    dataset.ImageOrientationPatient = [
        format_number_as_ds(round(float(v), 9)) for v in (*axes[:, 0], *axes[:, 1])
    ]
    dataset.PixelSpacing = [format_number_as_ds(y), format_number_as_ds(x)]
    dataset.SliceThickness = format_number_as_ds(z)


def _add_pet_series(dataset: Dataset, study: SyntheticStudy, grid: Grid) -> None:
    _set_time(dataset, "Series", study.scanned)
    dataset.Units = "BQML"
    dataset.CountsSource = "EMISSION"
    dataset.SeriesType = ["WHOLE BODY", "IMAGE"]
    dataset.NumberOfSlices = grid.shape_zyx[0]
    dataset.CorrectedImage = ["DECY", "ATTN", "SCAT", "NORM", "DTIM", "RAN"]
    dataset.DecayCorrection = "START"
    dataset.RandomsCorrectionMethod = "NONE"
    dataset.AttenuationCorrectionMethod = "none: simulated without attenuation"
    dataset.ScatterCorrectionMethod = "none: simulated without scatter"
    dataset.ReconstructionMethod = "none: painted, blurred, noise added"
    dataset.CollimatorType = "NONE"
    dataset.RadiopharmaceuticalInformationSequence = [_radiopharmaceutical(study)]
    dataset.PatientOrientationCodeSequence = [_code(codes.cid19.Recumbent)]
    dataset.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = [
        _code(codes.cid20.Supine)
    ]
    dataset.PatientGantryRelationshipCodeSequence = [_code(codes.cid21.Headfirst)]


def _radiopharmaceutical(study: SyntheticStudy) -> Dataset:
    item = Dataset()
    item.Radiopharmaceutical = "64Cu-DOTATATE"
    item.RadiopharmaceuticalRoute = "Intravenous route"
    item.RadiopharmaceuticalStartTime = study.injected.strftime("%H%M%S")
    item.RadiopharmaceuticalStartDateTime = study.injected.strftime("%Y%m%d%H%M%S")
    item.RadionuclideTotalDose = format_number_as_ds(study.dose_bq)
    item.RadionuclideHalfLife = format_number_as_ds(CU64_HALF_LIFE_S)
    item.RadionuclidePositronFraction = format_number_as_ds(CU64_POSITRON_FRACTION)
    item.RadionuclideCodeSequence = [_code(codes.cid4020._64Copper)]
    item.RadiopharmaceuticalCodeSequence = [_code(DOTATATE)]
    item.AdministrationRouteCodeSequence = [_code(codes.cid11.IntravenousRoute)]
    return item


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _add_pet_image(dataset: Dataset, number: int, slope: str, bed_s: int, study: SyntheticStudy) -> None:
    rate = np.log(2) / CU64_HALF_LIFE_S
    within_bed = rate * BED_SECONDS / (1 - np.exp(-rate * BED_SECONDS))
    decay_factor = float(np.exp(rate * bed_s) * within_bed)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    _set_time(dataset, "Acquisition", study.scanned + timedelta(seconds=bed_s))
    _set_time(dataset, "Content", study.scanned + timedelta(seconds=bed_s))
    dataset.ActualFrameDuration = BED_SECONDS * 1000
    dataset.FrameReferenceTime = format_number_as_ds(round(1000 * float(np.log(decay_factor)) / rate, 3))
    dataset.DecayFactor = format_number_as_ds(round(decay_factor, 9))
    dataset.DoseCalibrationFactor = "1"
    dataset.ScatterFractionFactor = "0"
    dataset.DeadTimeFactor = "1"
    dataset.ImageIndex = number
    dataset.LossyImageCompression = "00"
    dataset.RescaleIntercept = "0"
    dataset.RescaleSlope = slope


def _add_ct_image(dataset: Dataset, study: SyntheticStudy) -> None:
    moment = study.scanned - timedelta(minutes=4)
    for what in ("Series", "Acquisition", "Content"):
        _set_time(dataset, what, moment)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PatientPosition = "HFS"
    dataset.AcquisitionNumber = 1
    dataset.KVP = "120"
    dataset.ConvolutionKernel = "none"
    dataset.LossyImageCompression = "00"
    dataset.RescaleIntercept = str(CT_INTERCEPT)
    dataset.RescaleSlope = "1"
    dataset.RescaleType = "HU"
    dataset.WindowCenter = "40"
    dataset.WindowWidth = "400"


def _add_pixels(
    dataset: Dataset, stored: npt.NDArray[np.int16] | npt.NDArray[np.uint16], bits: int, signed: bool
) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = stored.tobytes()


def _save(dataset: FileDataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path
