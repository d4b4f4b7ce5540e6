"""Spheres of voxels: a voxel belongs to a sphere when its centre lies within the radius."""

import numpy as np
import numpy.typing as npt

from annotations.imaging.boxes import Box
from annotations.imaging.geometry import Grid, Vector
from annotations.imaging.volume import BoolArray

# Keeps a voxel exactly on the radius inside, whatever the rounding (the browser has the same slack).
SLACK_MM = 1e-6


def sphere_runs(grid: Grid, radius_mm: float) -> list[tuple[int, int, int]]:
    """Sphere round a voxel centre as runs along x: (dz, dy, half) means x - half .. x + half."""
    spacing_x, spacing_y, spacing_z = grid.spacing_xyz_mm
    reach_y, reach_z = int(radius_mm / spacing_y), int(radius_mm / spacing_z)
    runs = []
    for dz in range(-reach_z, reach_z + 1):
        for dy in range(-reach_y, reach_y + 1):
            left = radius_mm**2 - (dz * spacing_z) ** 2 - (dy * spacing_y) ** 2
            if left >= 0:
                runs.append((dz, dy, int(left**0.5 / spacing_x)))
    return runs


def sphere_in_grid(grid: Grid, centre_xyz_mm: Vector, radius_mm: float) -> tuple[Box, BoolArray]:
    """The part of a sphere round any point (LPS mm) inside the grid: its box and the mask in it.

    The box is empty (zero voxels) when the sphere misses the grid.
    """
    centre = grid.world_to_index(centre_xyz_mm)
    reach_mm = radius_mm + SLACK_MM
    slices, squares = [], []
    for axis in (2, 1, 0):
        spacing, size = grid.spacing_xyz_mm[axis], grid.shape_zyx[2 - axis]
        low = max(0, int(np.ceil(centre[axis] - reach_mm / spacing)))
        high = max(low, min(size, int(np.floor(centre[axis] + reach_mm / spacing)) + 1))
        slices.append(slice(min(low, size), min(high, size)))
        squares.append(((np.arange(slices[-1].start, slices[-1].stop) - centre[axis]) * spacing) ** 2)
    distance_squared = squares[0][:, None, None] + squares[1][:, None] + squares[2]
    return (slices[0], slices[1], slices[2]), distance_squared <= reach_mm**2


def sphere_volume_ml(radius_mm: float) -> float:
    return 4.0 / 3.0 * float(np.pi) * radius_mm**3 / 1000.0


def box_indices(box: Box, inside: BoolArray) -> npt.NDArray[np.int64]:
    """(n, 3) z, y, x indices in the whole array of the True voxels of a mask in a box."""
    indices: npt.NDArray[np.int64] = np.argwhere(inside) + np.array([part.start for part in box])
    return indices
