"""Thresholds: fixed, percent of maximum, background-adapted, and from a liver or spleen ROI.

Every rule returns a `Threshold`: the SUV, the rule's name and what it was computed from, so that
the rule is stored with the result. A voxel belongs to a region when it lies strictly above.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from annotations.errors import InvalidInput
from annotations.imaging.checks import Connectivity, IndexZYX, require_inside, require_shape
from annotations.imaging.components import MINIMUM_LESION_ML, number_lesions
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.spheres import box_indices, sphere_in_grid
from annotations.imaging.volume import FloatArray, LabelArray

ROI_DIAMETER_MM = 30.0  # PERCIST's 3 cm sphere (Wahl et al., J Nucl Med 2009;50 Suppl 1:122S)
COEFFICIENT_OF_VARIATION_LIMIT = 0.25  # above it a reference ROI is flagged as not homogeneous


class EmptyRegion(InvalidInput):
    code = "empty_region"


class UndefinedThreshold(InvalidInput):
    code = "undefined_threshold"


@dataclass(frozen=True)
class RoiRecord:
    """A spherical reference region. `suv_sd` is the sample SD (n - 1); `coefficient_of_variation` is
    SD / mean, None for a mean of zero or less. `volume_ml` is that of its voxels.
    """

    centre_xyz_mm: Vector
    diameter_mm: float
    volume_ml: float
    voxel_count: int
    suv_mean: float
    suv_sd: float
    suv_max: float
    coefficient_of_variation: float | None
    homogeneous: bool
    cut_at_border: bool
    sd_estimator: str = "sample"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Threshold:
    """`suv`: the limit (voxels strictly above belong). `rule` and `parameters` say where it is from."""

    suv: float
    rule: str
    parameters: dict[str, Any] = field(default_factory=dict)
    roi: RoiRecord | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.suv):
            raise UndefinedThreshold("The threshold is not a number.", rule=self.rule, got=str(self.suv))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_sphere_roi(
    suv: FloatArray,
    grid: Grid,
    centre_xyz_mm: Vector,
    diameter_mm: float = ROI_DIAMETER_MM,
    coefficient_of_variation_limit: float = COEFFICIENT_OF_VARIATION_LIMIT,
) -> RoiRecord:
    """Measure the voxels whose centres lie within a sphere (LPS mm), cut at the image border.

    Raises EmptyRegion for fewer than two voxels, UndefinedThreshold where a value is not finite.
    """
    require_shape(suv, grid, "SUV image")
    box, inside = sphere_in_grid(grid, centre_xyz_mm, diameter_mm / 2)
    values = suv[box][inside].astype(np.float64)
    if values.size < 2:
        raise EmptyRegion("The reference region holds fewer than two voxels.", got=int(values.size))
    if not np.isfinite(values).all():
        raise UndefinedThreshold("The reference region holds voxels without a SUV.")
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    variation = deviation / mean if mean > 0 else None
    return RoiRecord(
        centre_xyz_mm=centre_xyz_mm,
        diameter_mm=diameter_mm,
        volume_ml=values.size * grid.voxel_volume_ml,
        voxel_count=int(values.size),
        suv_mean=mean,
        suv_sd=deviation,
        suv_max=float(values.max()),
        coefficient_of_variation=variation,
        homogeneous=variation is not None and variation <= coefficient_of_variation_limit,
        cut_at_border=_is_cut(grid, centre_xyz_mm, diameter_mm / 2),
    )


def fixed_threshold(suv: float) -> Threshold:
    return Threshold(float(suv), "fixed", {"suv": float(suv)})


def liver_threshold(roi: RoiRecord) -> Threshold:
    """1.5 * SUVmean + 2 * SD of a liver ROI (semi-automatic method for [64Cu]Cu-DOTATATE)."""
    return _from_roi("liver", roi, 1.5)


def spleen_threshold(roi: RoiRecord) -> Threshold:
    """0.67 * SUVmean + 2 * SD of a spleen ROI, where the whole liver is metastatic."""
    return _from_roi("spleen", roi, 0.67)


def blood_pool_threshold(roi: RoiRecord) -> Threshold:
    """2.0 * SUVmean + 2 * SD of a blood pool ROI (PERCIST)."""
    return _from_roi("blood_pool", roi, 2.0)


def percent_of_maximum(maximum_suv: float, percent: float) -> Threshold:
    """percent in (0, 100)."""
    _require_share(percent / 100.0)
    return Threshold(
        maximum_suv * percent / 100.0,
        "percent_of_maximum",
        {"percent": percent, "maximum_suv": float(maximum_suv)},
    )


def percent_of_local_maximum(
    suv: FloatArray, grid: Grid, centre_xyz_mm: Vector, percent: float, radius_mm: float
) -> Threshold:
    """Percent of the hottest voxel within `radius_mm` of a point (LPS mm)."""
    maximum, place = hottest_in_sphere(suv, grid, centre_xyz_mm, radius_mm)
    found = percent_of_maximum(maximum, percent)
    extra = {"maximum_index_zyx": list(place), "search_radius_mm": radius_mm}
    return Threshold(found.suv, found.rule, {**found.parameters, **extra})


def background_adapted(background_suv: float, maximum_suv: float, fraction: float) -> Threshold:
    """bg + fraction * (max - bg), fraction in (0, 1)."""
    _require_share(fraction)
    if maximum_suv <= background_suv:
        raise UndefinedThreshold(
            "The background is as hot as the lesion.",
            background_suv=background_suv,
            maximum_suv=maximum_suv,
        )
    return Threshold(
        background_suv + fraction * (maximum_suv - background_suv),
        "background_adapted",
        {"background_suv": background_suv, "maximum_suv": maximum_suv, "fraction": fraction},
    )


def hottest_in_sphere(
    suv: FloatArray, grid: Grid, centre_xyz_mm: Vector, radius_mm: float
) -> tuple[float, IndexZYX]:
    """(SUV, index) of the hottest voxel within a sphere; voxels that are not finite are passed over."""
    require_shape(suv, grid, "SUV image")
    box, inside = sphere_in_grid(grid, centre_xyz_mm, radius_mm)
    values = np.where(np.isfinite(suv[box][inside]), suv[box][inside], -np.inf)
    if values.size == 0 or values.max() == -np.inf:
        raise EmptyRegion("There is no voxel with a SUV within the search radius.", radius_mm=radius_mm)
    z, y, x = (int(i) for i in box_indices(box, inside)[int(values.argmax())])
    return float(values.max()), (z, y, x)


def segment_above(
    suv: FloatArray,
    grid: Grid,
    threshold_suv: float,
    minimum_ml: float = MINIMUM_LESION_ML,
    connectivity: Connectivity = 26,
) -> LabelArray:
    """The standardized semi-automatic method before the reader: every component strictly above."""
    require_shape(suv, grid, "SUV image")
    return number_lesions(suv > strict_limit(threshold_suv), grid, connectivity, minimum_ml)


def strict_limit(threshold_suv: float) -> np.float32:
    """The float32 limit for which float32 voxels are above it exactly when they are above the
    threshold itself. Rounding to the nearest would lose voxels that the browser, which compares in
    double precision, keeps: float32(0.1) is above 0.1.

    Raises UndefinedThreshold.
    """
    if not np.isfinite(threshold_suv):
        raise UndefinedThreshold("The threshold is not a number.", got=str(threshold_suv))
    limit = np.float32(threshold_suv)
    return np.nextafter(limit, np.float32(-np.inf)) if float(limit) > threshold_suv else limit


def value_at(suv: FloatArray, grid: Grid, index_zyx: IndexZYX) -> float:
    require_inside(index_zyx, grid)
    return float(suv[index_zyx])


def _from_roi(rule: str, roi: RoiRecord, factor: float) -> Threshold:
    parameters = {"mean_factor": factor, "sd_factor": 2.0}
    return Threshold(factor * roi.suv_mean + 2.0 * roi.suv_sd, rule, parameters, roi)


def _require_share(share: float) -> None:
    if not 0.0 < share < 1.0:
        raise InvalidInput("A share of the maximum lies between 0 and 1.", got=share)


def _is_cut(grid: Grid, centre_xyz_mm: Vector, radius_mm: float) -> bool:
    centre = grid.world_to_index(centre_xyz_mm)
    reach = radius_mm / np.asarray(grid.spacing_xyz_mm)
    last = np.asarray(grid.shape_zyx[::-1]) - 1
    return bool((centre - reach < 0).any() or (centre + reach > last).any())
