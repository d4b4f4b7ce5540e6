"""Which files belong together, and what each pair gives."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from annotations.dicom.series import ImageSeries, read_series
from annotations.errors import InvalidInput, PetreviewError
from annotations.imaging.agreement import compare_lesions, compare_voxels, false_volumes
from annotations.imaging.checks import Connectivity
from annotations.imaging.components import number_lesions
from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.measures import measure_lesions, summarise
from annotations.imaging.volume import BoolArray, FloatArray
from inference.evaluation.masks import NIFTI, SAME_PLACE_MM, Mask, NotAMask, on_one_grid, read_mask, read_suv

SUFFIXES = (".nii.gz", ".nii", ".seg.dcm", ".dcm")


class MissingFile(InvalidInput):
    code = "missing_file"


class AmbiguousName(InvalidInput):
    code = "ambiguous_name"


@dataclass(frozen=True)
class CaseFigures:
    """The figures of one pair; None is undefined. Volumes in mL. `lesion_dice` counts the true lesions
    that were found; `lesion_dice_by_prediction` the predicted ones that hit (they differ where lesions
    merge or split).
    """

    name: str
    dice: float | None
    precision: float | None
    sensitivity: float | None
    lesion_dice: float | None
    lesion_precision: float | None
    lesion_sensitivity: float | None
    n_true: int
    n_predicted: int
    true_volume_ml: float
    predicted_volume_ml: float
    false_positive_volume_ml: float
    false_negative_volume_ml: float


@dataclass(frozen=True)
class MergeFigures:
    """What differs where lesions merge or split: true lesions found, predicted lesions that hit."""

    n_found: int
    n_hits: int
    lesion_dice_by_prediction: float | None


@dataclass(frozen=True)
class SuvFigures:
    """With a PET in SUVbw: the highest SUV, the lowest lesion SUVmean (components are lesions) and the
    total lesion glycolysis (mL) of either mask; None for a mask without lesions.
    """

    true_suv_max: float | None
    predicted_suv_max: float | None
    true_lowest_suv_mean: float | None
    predicted_lowest_suv_mean: float | None
    true_tlg: float | None
    predicted_tlg: float | None


@dataclass(frozen=True)
class Case:
    figures: CaseFigures
    merges: MergeFigures
    suv: SuvFigures | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self.figures), **(asdict(self.suv) if self.suv else {})}


@dataclass(frozen=True)
class Failure:
    """A pair that gave nothing, and why."""

    name: str
    code: str
    message: str


@dataclass(frozen=True)
class Evaluation:
    connectivity: Connectivity
    cases: tuple[Case, ...]
    failures: tuple[Failure, ...]
    has_pet: bool = False


def evaluate_folders(
    truth: Path,
    prediction: Path,
    *,
    pet: Path | None = None,
    connectivity: Connectivity = 26,
    on_case: Callable[[int, int, str], None] | None = None,
) -> Evaluation:
    """Every pair of masks of the same name. on_case is told (done, all, name) after each pair."""
    names, cases, failures = case_names(truth, prediction), [], []
    for number, name in enumerate(names, start=1):
        try:
            true_mask, predicted = (read_mask(find_one(folder, name)) for folder in (truth, prediction))
            scan = read_pet(pet, name) if pet is not None else None
            cases.append(evaluate_pair(name, true_mask, predicted, connectivity=connectivity, pet=scan))
        except PetreviewError as error:
            failures.append(Failure(name, error.code, error.message))
        if on_case is not None:
            on_case(number, len(names), name)
    return Evaluation(connectivity, tuple(cases), tuple(failures), pet is not None)


def evaluate_pair(
    name: str,
    truth: Mask,
    prediction: Mask,
    *,
    connectivity: Connectivity = 26,
    pet: tuple[Grid, FloatArray] | None = None,
) -> Case:
    """Raises GridMismatch when masks, or masks and PET, do not lie on one grid."""
    if pet is not None and truth.may_grow and prediction.may_grow:  # the PET's grid is the one they share
        empty = Mask(pet[0], np.zeros(pet[0].shape_zyx, np.bool_))
        (_, _, first), (grid, _, second) = on_one_grid(empty, truth), on_one_grid(empty, prediction)
    else:
        grid, first, second = on_one_grid(truth, prediction)
    voxels = compare_voxels(first, second, grid)
    lesions = compare_lesions(first, second, grid, connectivity)
    false = false_volumes(first, second, grid, connectivity)
    figures = CaseFigures(
        name=name,
        dice=voxels.dice,
        precision=voxels.precision,
        sensitivity=voxels.sensitivity,
        lesion_dice=lesions.dice,
        lesion_precision=lesions.precision,
        lesion_sensitivity=lesions.sensitivity,
        n_true=lesions.n_true,
        n_predicted=lesions.n_predicted,
        true_volume_ml=voxels.true_volume_ml,
        predicted_volume_ml=voxels.predicted_volume_ml,
        false_positive_volume_ml=false.false_positive_volume_ml,
        false_negative_volume_ml=false.false_negative_volume_ml,
    )
    merges = MergeFigures(lesions.found, lesions.hits, lesions.dice_by_prediction)
    suv = _suv_figures(first, second, grid, pet, connectivity) if pet is not None else None
    return Case(figures, merges, suv)


def _suv_figures(
    truth: BoolArray,
    prediction: BoolArray,
    grid: Grid,
    pet: tuple[Grid, FloatArray],
    connectivity: Connectivity,
) -> SuvFigures:
    if not pet[0].matches(grid, SAME_PLACE_MM):
        raise GridMismatch("The PET does not lie on the grid of the masks.")
    true, predicted = (
        summarise(measure_lesions(number_lesions(mask, grid, connectivity, 0.0), pet[1], grid))
        for mask in (truth, prediction)
    )
    return SuvFigures(
        true_suv_max=true.suv_max,
        predicted_suv_max=predicted.suv_max,
        true_lowest_suv_mean=true.lowest_suv_mean,
        predicted_lowest_suv_mean=predicted.lowest_suv_mean,
        true_tlg=true.tlg,
        predicted_tlg=predicted.tlg,
    )


def read_pet(folder: Path, name: str) -> tuple[Grid, FloatArray]:
    """NIfTI in SUVbw, or a folder or zip archive with one DICOM PET series, of the case's name.

    Raises MissingFile, AmbiguousName, or what refuses the series.
    """
    inside = folder / name
    path = inside if inside.is_dir() else find_one(folder, name, (*SUFFIXES, ".zip"))
    if path.name.lower().endswith(NIFTI):
        return read_suv(path)
    read = read_series([path])
    found = [series for series in read.series if series.series.modality == "PT"]
    if len(found) != 1:
        reason = f" ({read.refusals[0].message})" if not found and read.refusals else ""
        raise NotAMask(f"The PET of this case must be one series; {len(found)} were found{reason}.")
    return _in_suv(found[0])


def _in_suv(series: ImageSeries) -> tuple[Grid, FloatArray]:
    if series.suv is None or series.suv.factor is None:
        raise NotAMask("The PET of this case has no valid SUV.")
    return series.volume.grid, series.volume.values(series.suv.factor)


def case_names(*folders: Path) -> list[str]:
    """Names of all masks of either folder, without suffix, sorted."""
    return sorted({case_name(path) for folder in folders for path in mask_files(folder)})


def mask_files(folder: Path) -> Iterator[Path]:
    """NIfTI files and files with the mark of DICOM; anything else in the folder is left alone."""
    for path in sorted(folder.iterdir()):
        known = path.name.lower().endswith(SUFFIXES) or (not path.suffix and _is_dicom(path))
        if path.is_file() and not path.name.startswith(".") and known:
            yield path


def _is_dicom(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as handle:
        return handle.read(132)[128:] == b"DICM"


def case_name(path: Path) -> str:
    """ "case_01" for case_01.nii.gz, case_01.seg.dcm and case_01.dcm."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.stem


def find_one(folder: Path, name: str, suffixes: Iterable[str] = SUFFIXES) -> Path:
    """Raises MissingFile or AmbiguousName."""
    found = [folder / f"{name}{suffix}" for suffix in ("", *suffixes)]
    found = [path for path in found if path.is_file()]
    if not found:
        raise MissingFile(f"There is no file of this name in {folder.name!r}.")
    if len(found) > 1:
        raise AmbiguousName(f"{folder.name!r} has several files of this name.")
    return found[0]


FIGURES = tuple(field.name for field in fields(CaseFigures) if field.name != "name")
MERGE_FIGURES = tuple(field.name for field in fields(MergeFigures))
SUV_FIGURES = tuple(field.name for field in fields(SuvFigures))
