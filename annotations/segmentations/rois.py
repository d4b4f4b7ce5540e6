"""Organ ROIs of a read: measured here, whatever a client says of them (invariant 8)."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.errors import Conflict
from annotations.imaging.boxes import Box, box_grid
from annotations.imaging.organs import RULES, OrganRoi, measure_organ, roi_box
from annotations.segmentations.asked import Asked
from annotations.segmentations.voxels import read_suv
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import volume_grid


class NoSuv(Conflict):
    """SUV methods are off where the PET has no valid SUV."""

    code = "no_suv"


DIAMETER_MM = (4.0, 100.0)
DEFAULT_DIAMETER_MM = 30.0
MOST_ROIS = 20


def read_roi(asked: Asked, volume: Volume, revision: SuvRevision | None) -> OrganRoi:
    """Measure {organ, centre_xyz_mm, diameter_mm}. Does not call `finish`: a record holds its results, too.

    Raises NoSuv, EmptyRegion, BadParameter.
    """
    organ = asked.choice("organ", tuple(RULES))
    centre = asked.place("centre_xyz_mm")
    diameter_mm = asked.number("diameter_mm", *DIAMETER_MM, DEFAULT_DIAMETER_MM)
    grid = volume_grid(volume)
    box = _with_room(roi_box(grid, centre, diameter_mm), grid.shape_zyx)
    suv = read_suv(volume, revision, box)
    if suv is None:
        raise NoSuv("This PET has no valid SUV: thresholds from an organ are off.")
    return measure_organ(organ, suv, box_grid(grid, box), centre, diameter_mm, volume.series.tracer)


def measured_parameters(
    parameters: Mapping[str, Any], volume: Volume, revision: SuvRevision | None
) -> dict[str, Any]:
    """An edit's parameters with every ROI record, and a threshold that rests on one, measured again.

    Parameters without "rois" come back as they are.
    """
    if not parameters.get("rois"):
        return dict(parameters)
    asked = Asked(str(parameters.get("method", "rois")), parameters)
    rois = [read_roi(one, volume, revision) for one in asked.parts("rois", MOST_ROIS)]
    measured = dict(parameters) | {"rois": [one.to_json() for one in rois]}
    decisive = roi_of(rois, str(parameters.get("rule")))
    if decisive is not None and "threshold_suv" in parameters:
        measured["threshold_suv"] = decisive.threshold.suv
    return measured


def roi_of(rois: Sequence[OrganRoi], organ: str) -> OrganRoi | None:
    """The one a threshold rests on: the last that was placed in the organ."""
    return next((one for one in reversed(rois) if one.organ == organ), None)


def _with_room(box: Box, shape_zyx: tuple[int, int, int]) -> Box:
    """One voxel more on each side: the cut at the image's border is judged on the image, not on the box."""
    z, y, x = (
        slice(max(0, part.start - 1), min(size, part.stop + 1))
        for part, size in zip(box, shape_zyx, strict=True)
    )
    return z, y, x
