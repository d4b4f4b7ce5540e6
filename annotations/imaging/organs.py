"""A reference ROI in an organ: its values, the threshold that follows, and what speaks against it.

The rules and the tracer each was described for are published (thresholds.py). The limits are ours:
`COEFFICIENT_OF_VARIATION_LIMIT` and the ranges below only decide when a reader is warned, never what
a threshold is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.spheres import sphere_in_grid
from annotations.imaging.thresholds import (
    COEFFICIENT_OF_VARIATION_LIMIT,
    RoiRecord,
    Threshold,
    blood_pool_threshold,
    liver_threshold,
    measure_sphere_roi,
    spleen_threshold,
)
from annotations.imaging.volume import FloatArray

DOTATATE_CU = "[64Cu]Cu-DOTATATE"
FDG = "FDG"


@dataclass(frozen=True)
class OrganRule:
    """formula: as it is shown. tracer: the one the rule was described for. name: in a sentence."""

    threshold: Callable[[RoiRecord], Threshold]
    formula: str
    tracer: str
    name: str


RULES: dict[str, OrganRule] = {
    "liver": OrganRule(liver_threshold, "1.5 x SUVmean + 2 x SD", DOTATATE_CU, "liver"),
    "spleen": OrganRule(spleen_threshold, "0.67 x SUVmean + 2 x SD", DOTATATE_CU, "spleen"),
    "blood_pool": OrganRule(blood_pool_threshold, "2 x SUVmean + 2 x SD", FDG, "blood pool"),
}

# SUVmean that an ROI in the healthy organ has nearly always, by a part of the tracer's name. Ours, and
# wide on purpose. Somatostatin receptor PET: published mean SUVmax of liver 9.1 and spleen 24.7
# (Kuyumcu et al., Ann Nucl Med 2013), blood pool below 2. FDG: liver and blood pool as in PERCIST
# (Wahl et al., J Nucl Med 2009), where liver lies a little above blood. Other tracers: no range.
_SOMATOSTATIN = {"liver": (1.5, 15.0), "spleen": (4.0, 60.0), "blood_pool": (0.2, 3.0)}
USUAL_SUV_MEAN: dict[str, dict[str, tuple[float, float]]] = {
    "DOTATATE": _SOMATOSTATIN,
    "DOTATOC": _SOMATOSTATIN,
    "DOTANOC": _SOMATOSTATIN,
    "FDG": {"liver": (1.0, 4.5), "spleen": (0.7, 4.0), "blood_pool": (0.5, 3.5)},
}


@dataclass(frozen=True)
class Warned:
    """code: not_homogeneous | unlike_organ | off_tracer | cut_by_border. message: one sentence."""

    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True)
class OrganRoi:
    organ: str
    roi: RoiRecord
    threshold: Threshold
    warnings: tuple[Warned, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as it is shown and stored with an edit."""
        same = ("diameter_mm", "voxel_count", "volume_ml", "suv_mean", "suv_sd", "suv_max", "sd_estimator")
        return {
            "organ": self.organ,
            "centre_xyz_mm": list(self.roi.centre_xyz_mm),
            **{name: getattr(self.roi, name) for name in same},
            "coefficient_of_variation": self.roi.coefficient_of_variation,
            "limit_coefficient_of_variation": COEFFICIENT_OF_VARIATION_LIMIT,
            "threshold_suv": self.threshold.suv,
            "formula": RULES[self.organ].formula,
            "warnings": [one.to_json() for one in self.warnings],
        }


def roi_box(grid: Grid, centre_xyz_mm: Vector, diameter_mm: float) -> tuple[slice, slice, slice]:
    """The voxels an ROI needs: its box. Empty (zero voxels) when it misses the image."""
    return sphere_in_grid(grid, centre_xyz_mm, diameter_mm / 2)[0]


def measure_organ(
    organ: str, suv: FloatArray, grid: Grid, centre_xyz_mm: Vector, diameter_mm: float, tracer: str
) -> OrganRoi:
    """Measure a sphere (LPS mm) in an organ of `RULES`. tracer: as annotations/studies/tracers.py spells it.

    Raises EmptyRegion for fewer than two voxels, UndefinedThreshold where a voxel has no SUV.
    """
    roi = measure_sphere_roi(suv, grid, centre_xyz_mm, diameter_mm)
    return OrganRoi(organ, roi, RULES[organ].threshold(roi), tuple(_warnings(organ, roi, tracer)))


def _warnings(organ: str, roi: RoiRecord, tracer: str) -> list[Warned]:
    rule, found = RULES[organ], []
    if not roi.homogeneous:
        variation = roi.coefficient_of_variation
        share = "not defined" if variation is None else f"{variation * 100:.0f} %"
        limit = f"{COEFFICIENT_OF_VARIATION_LIMIT * 100:.0f} %"
        found.append(
            Warned(
                "not_homogeneous",
                f"The ROI is not homogeneous: its coefficient of variation is {share}, the limit {limit}.",
            )
        )
    usual = next((ranges for name, ranges in USUAL_SUV_MEAN.items() if name in tracer.upper()), {}).get(organ)
    if usual is not None and not usual[0] <= roi.suv_mean <= usual[1]:
        found.append(
            Warned(
                "unlike_organ",
                f"SUVmean {roi.suv_mean:.2f} is unlike healthy {rule.name} "
                f"(usually {usual[0]:g} to {usual[1]:g}).",
            )
        )
    if tracer != rule.tracer:
        shown = tracer or "an unnamed tracer"
        found.append(
            Warned("off_tracer", f"This rule is validated for {rule.tracer} only; this scan shows {shown}.")
        )
    if roi.cut_at_border:
        found.append(
            Warned("cut_by_border", "The ROI reaches beyond the image: only a part of it is measured.")
        )
    return found
