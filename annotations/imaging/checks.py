"""Small refusals shared by the imaging room: shapes, connectivities, seeds."""

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.volume import BoolArray

Connectivity = Literal[6, 18, 26]
IndexZYX = tuple[int, int, int]
AnyArray = npt.NDArray[Any]


class InvalidConnectivity(InvalidInput):
    code = "invalid_connectivity"


class OutsideGrid(InvalidInput):
    code = "outside_grid"


def require_shape(array: AnyArray, grid: Grid, name: str) -> None:
    """Refuse an array that does not have exactly the voxels of `grid`."""
    if array.shape != grid.shape_zyx:
        raise GridMismatch(
            f"The {name} does not have the voxels of its grid.",
            wanted_shape_zyx=list(grid.shape_zyx),
            got_shape_zyx=list(array.shape),
        )


def require_connectivity(connectivity: int) -> None:
    if connectivity not in get_args(Connectivity):
        raise InvalidConnectivity(
            "Voxels are neighbours by faces (6), edges (18) or corners (26).", got=connectivity
        )


def require_inside(index_zyx: IndexZYX, grid: Grid) -> None:
    if not all(0 <= i < n for i, n in zip(index_zyx, grid.shape_zyx, strict=True)):
        raise OutsideGrid(
            "The point lies outside the image.",
            index_zyx=list(index_zyx),
            shape_zyx=list(grid.shape_zyx),
        )


def as_mask(array: AnyArray) -> BoolArray:
    """A mask or label map as bool [z, y, x] (no copy of a bool array)."""
    return array if array.dtype == np.bool_ else array != 0
