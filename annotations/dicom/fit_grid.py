"""Fit one regular voxel grid to slice positions, and refuse what does not fit (design.md, Geometry)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.dicom.refusals import (
    DuplicatePosition,
    MissingSlice,
    MixedOrientation,
    MixedSize,
    MixedSpacing,
    ShearedSlices,
    TooFewSlices,
    UnevenSpacing,
)
from annotations.dicom.slices import Slice
from annotations.imaging.geometry import Grid

TOLERANCE_MM = 0.1
TOLERANCE_FRACTION = 0.05
ORIENTATION_TOLERANCE = 1e-4
SPACING_TOLERANCE_MM = 1e-4
DECIMALS = 6  # a nanometre; keeps the grid's digest free of rounding noise


@dataclass(frozen=True)
class FittedGrid:
    """order: index into the slices given, along the normal. max_deviation_mm: of a slice from the grid."""

    grid: Grid
    order: tuple[int, ...]
    max_deviation_mm: float


def fit_grid(slices: Sequence[Slice]) -> FittedGrid:
    """Least-squares line through the slice positions, ordered along the normal.

    Raises TooFewSlices, MixedSize, MixedSpacing, MixedOrientation, DuplicatePosition, MissingSlice,
    UnevenSpacing or ShearedSlices, each with the figures.
    """
    check_alike(slices)
    first = slices[0]
    axes = first.axes()
    positions = np.array([s.position_mm for s in slices], dtype=np.float64)
    depth = positions @ axes[:, 2]
    order = np.argsort(depth, kind="stable")
    start, step = _fit_line(positions[order])
    spacing = float(step @ axes[:, 2])
    _check_gaps(depth[order])
    fitted = start + np.arange(len(slices))[:, None] * (spacing * axes[:, 2])
    off = positions[order] - fitted
    deviation = float(np.linalg.norm(off, axis=1).max())
    _check_deviation(off, axes, spacing, deviation)
    grid = Grid(
        shape_zyx=(len(slices), first.rows, first.columns),
        spacing_xyz_mm=(first.spacing_xy_mm[0], first.spacing_xy_mm[1], round(spacing, DECIMALS)),
        origin_xyz_mm=_tidy(start),  # type: ignore[arg-type]
        direction=_tidy(axes.reshape(-1), 12),  # type: ignore[arg-type]
    )
    return FittedGrid(grid, tuple(int(i) for i in order), deviation)


def check_alike(slices: Sequence[Slice]) -> None:
    """One size, one pixel spacing, one orientation."""
    if len(slices) < 2:
        raise TooFewSlices(f"A volume needs at least two slices; this one has {len(slices)}.")
    first = slices[0]
    for other in slices[1:]:
        if (other.rows, other.columns) != (first.rows, first.columns):
            raise MixedSize(
                f"Slices of {first.columns}x{first.rows} and {other.columns}x{other.rows} pixels are mixed."
            )
        if np.abs(np.subtract(other.orientation, first.orientation)).max() > ORIENTATION_TOLERANCE:
            raise MixedOrientation("Slices of different orientation are mixed.")
        if np.abs(np.subtract(other.spacing_xy_mm, first.spacing_xy_mm)).max() > SPACING_TOLERANCE_MM:
            raise MixedSpacing("Slices of different pixel spacing are mixed.")


def _fit_line(positions: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    index = np.arange(len(positions), dtype=np.float64)
    centred = index - index.mean()
    step = centred @ (positions - positions.mean(axis=0)) / (centred @ centred)
    return positions.mean(axis=0) - index.mean() * step, step


def _check_gaps(depth: npt.NDArray[np.float64]) -> None:
    gaps = np.diff(depth)
    typical = float(np.median(gaps))
    tolerance = min(TOLERANCE_MM, TOLERANCE_FRACTION * typical) if typical > 0 else TOLERANCE_MM
    if typical <= 0 or gaps.min() <= tolerance:
        raise DuplicatePosition("Two slices lie at the same position.")
    multiples = np.round(gaps / typical)
    holes = (multiples >= 2) & (np.abs(gaps - multiples * typical) <= 2 * tolerance)
    if holes.any():
        where = int(np.argmax(holes))
        raise MissingSlice(
            f"{int((multiples[holes] - 1).sum())} slice(s) are missing: a gap of {gaps[where]:.2f} mm "
            f"where {typical:.2f} mm is usual.",
            after_slice=where,
            gap_mm=float(gaps[where]),
            usual_mm=typical,
        )


def _check_deviation(
    off: npt.NDArray[np.float64], axes: npt.NDArray[np.float64], spacing: float, deviation: float
) -> None:
    allowed = min(TOLERANCE_MM, TOLERANCE_FRACTION * spacing)
    if deviation <= allowed:
        return
    detail = {"max_deviation_mm": deviation, "allowed_mm": allowed, "spacing_mm": spacing}
    along = float(np.abs(off @ axes[:, 2]).max())
    if along > allowed:
        raise UnevenSpacing(
            f"Slices lie up to {along:.3f} mm off an even grid of {spacing:.3f} mm; "
            f"{allowed:.3f} mm is allowed.",
            **detail,
        )
    raise ShearedSlices(
        f"Slices are shifted sideways by up to {deviation:.3f} mm (a tilted gantry); "
        f"{allowed:.3f} mm is allowed.",
        **detail,
    )


def _tidy(values: npt.NDArray[np.float64], decimals: int = DECIMALS) -> tuple[float, ...]:
    return tuple(float(value) + 0.0 for value in np.round(values, decimals))  # + 0.0 turns -0.0 into 0.0
