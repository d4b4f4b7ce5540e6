"""The voxel grid, said once: arrays are [z, y, x]; tuples are x, y, z; LPS millimetres.

`direction` is row-major 3x3 as SimpleITK gives it: its columns are the unit vectors of the index
axes x (columns of a slice), y (rows) and z (slices) in patient coordinates (LPS).
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.errors import PetreviewError

Vector = tuple[float, float, float]
Matrix = tuple[float, float, float, float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class GridMismatch(PetreviewError):
    code = "grid_mismatch"
    http_status = 409


@dataclass(frozen=True)
class Grid:
    """A regular voxel grid in patient space.

    shape_zyx: voxels along z, y, x. spacing_xyz_mm: > 0. origin_xyz_mm: centre of voxel (0, 0, 0),
    LPS mm. direction: row-major 3x3, right-handed, orthonormal.
    """

    shape_zyx: tuple[int, int, int]
    spacing_xyz_mm: Vector
    origin_xyz_mm: Vector = (0.0, 0.0, 0.0)
    direction: Matrix = IDENTITY

    def __post_init__(self) -> None:
        if min(self.shape_zyx) < 1 or min(self.spacing_xyz_mm) <= 0:
            raise GridMismatch(
                "A voxel grid needs at least one voxel and a positive spacing on each axis.",
                shape_zyx=self.shape_zyx,
                spacing_xyz_mm=self.spacing_xyz_mm,
            )

    @property
    def voxel_count(self) -> int:
        z, y, x = self.shape_zyx
        return z * y * x

    @property
    def voxel_volume_ml(self) -> float:
        x, y, z = self.spacing_xyz_mm
        return x * y * z / 1000.0

    @property
    def axes(self) -> npt.NDArray[np.float64]:
        """3x3; columns are the index axes x, y, z in LPS (unit length)."""
        return np.asarray(self.direction, dtype=np.float64).reshape(3, 3)

    def index_to_world(self, index_xyz: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(..., 3) voxel indices x, y, z (may be fractional) to LPS mm."""
        index = np.asarray(index_xyz, dtype=np.float64)
        scaled: npt.NDArray[np.float64] = index * np.asarray(self.spacing_xyz_mm)
        world: npt.NDArray[np.float64] = scaled @ self.axes.T + np.asarray(self.origin_xyz_mm)
        return world

    def world_to_index(self, world_xyz_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(..., 3) LPS mm to fractional voxel indices x, y, z."""
        offset = np.asarray(world_xyz_mm, dtype=np.float64) - np.asarray(self.origin_xyz_mm)
        index: npt.NDArray[np.float64] = offset @ self.axes / np.asarray(self.spacing_xyz_mm)
        return index

    def matches(self, other: "Grid", tolerance_mm: float = 1e-3) -> bool:
        """True when both grids have the same voxels to within `tolerance_mm` at every corner."""
        if self.shape_zyx != other.shape_zyx:
            return False
        z, y, x = self.shape_zyx
        corners = np.array([[i, j, k] for i in (0, x - 1) for j in (0, y - 1) for k in (0, z - 1)])
        return bool(
            np.abs(self.index_to_world(corners) - other.index_to_world(corners)).max() <= tolerance_mm
        )

    def to_json(self) -> dict[str, list[float] | list[int]]:
        return {
            "shape_zyx": list(self.shape_zyx),
            "spacing_xyz_mm": list(self.spacing_xyz_mm),
            "origin_xyz_mm": list(self.origin_xyz_mm),
            "direction": list(self.direction),
        }

    @classmethod
    def from_json(cls, data: dict[str, list[float] | list[int]]) -> "Grid":
        z, y, x = (int(n) for n in data["shape_zyx"])
        spacing = tuple(float(v) for v in data["spacing_xyz_mm"])
        origin = tuple(float(v) for v in data["origin_xyz_mm"])
        direction = tuple(float(v) for v in data["direction"])
        return cls((z, y, x), spacing, origin, direction)  # type: ignore[arg-type]  # lengths are checked by from_json's callers' schema

    def digest(self) -> str:
        """sha256 of the canonical JSON of the grid."""
        return hashlib.sha256(canonical_json(self.to_json())).hexdigest()


def canonical_json(data: object) -> bytes:
    """The one JSON form that digests are taken of: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
