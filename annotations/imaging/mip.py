"""Rotating maximum intensity projections, the labels seen on them, and the way back into the volume.

The viewer walks round the patient's long axis. At 0 degrees the viewer stands in front (the
patient's left is on the right of the frame), at 90 at the patient's left side, at 180 behind.
Frame rows are slices from feet (row 0) to head; columns run to the viewer's right. Screen position
u and depth v (away from the viewer) of a point x mm to the patient's left and y mm to the back of
the grid's centre are
    u = x cos a + y sin a,    v = -x sin a + y cos a.

Each voxel is projected to the pixel its centre falls into, so no hot voxel is lost between rays: in
every frame the maximum of a row is the maximum of that slice. A pixel is as wide as the smaller
in-plane spacing (the coarser axis is repeated to it, nearest). Frames are as wide as the wider side
of the grid; voxels in a corner that turns out of it are kept in the outermost column.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.imaging.checks import AnyArray, IndexZYX, OutsideGrid, require_inside, require_shape
from annotations.imaging.geometry import Grid
from annotations.imaging.orientation import Orientation, patient_orientation
from annotations.imaging.volume import FloatArray, LabelArray

ColumnArray = npt.NDArray[np.int64]
BOUNDARY_SLACK = 1e-6  # voxel centres on a pixel boundary always fall to the same side


@dataclass(frozen=True)
class MipGeometry:
    """Size of a frame: pixels of `pixel_mm` x `row_mm`, the rotation axis at (columns - 1) / 2."""

    pixel_mm: float
    row_mm: float
    rows: int
    columns: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Lattice:
    """In-plane points (mm from the centre) with the voxel y * nx + x of the turned array each shows."""

    geometry: MipGeometry
    x_mm: npt.NDArray[np.float64]
    y_mm: npt.NDArray[np.float64]
    voxel: ColumnArray

    def columns(self, angle_deg: float) -> ColumnArray:
        return frame_columns(self.geometry, self.x_mm, self.y_mm, angle_deg)


def mip_geometry(grid: Grid) -> MipGeometry:
    orientation = patient_orientation(grid)
    spacing_x, spacing_y, spacing_z = orientation.spacing_xyz_mm
    rows, ny, nx = orientation.turned_shape_zyx
    pixel = min(spacing_x, spacing_y)
    columns = max(round(nx * spacing_x / pixel), round(ny * spacing_y / pixel))
    return MipGeometry(pixel, spacing_z, rows, columns)


def rotating_mip(values: AnyArray, grid: Grid, angles_deg: Sequence[float]) -> FloatArray:
    """float32 frames [angle, z, u] of an image [z, y, x] of finite values.

    Angle + 180 is the exact left-right mirror and costs nothing. Pixels no voxel falls into are 0.
    """
    require_shape(values, grid, "image")
    orientation = patient_orientation(grid)
    lattice = _lattice(grid, orientation)
    rows, ny, nx = orientation.turned_shape_zyx
    # z last: a column of the body is contiguous, and the running maximum goes over whole columns.
    turned = orientation.turn(values).reshape(rows, ny * nx)
    by_column = np.ascontiguousarray(turned.T, dtype=np.float32)
    frames = np.zeros((len(angles_deg), rows, lattice.geometry.columns), dtype=np.float32)
    done: dict[float, FloatArray] = {}
    for frame, angle in zip(frames, angles_deg, strict=True):
        half, mirrored = _half_turn(angle)
        if half not in done:
            done[half] = _project(by_column, lattice, half)
        frame[:] = done[half].T[:, ::-1] if mirrored else done[half].T
    return frames


def project_labels(labels: LabelArray, grid: Grid, angle_deg: float) -> LabelArray:
    """uint16 [z, u]: the label nearest to the viewer along each ray; 0 where the ray meets none."""
    require_shape(labels, grid, "label map")
    orientation = patient_orientation(grid)
    lattice = _lattice(grid, orientation)
    rows, ny, nx = orientation.turned_shape_zyx
    flat = orientation.turn(labels).reshape(rows, ny * nx)
    frame = np.zeros((rows, lattice.geometry.columns), dtype=np.uint16)
    used = np.flatnonzero((flat != 0).any(axis=0)[lattice.voxel])
    depth = _depth(lattice.x_mm[used], lattice.y_mm[used], angle_deg)
    near_first = used[np.argsort(depth, kind="stable")]
    for points, u in _by_column(near_first, lattice.columns(angle_deg)):
        lines = flat[:, lattice.voxel[points]]
        first = (lines != 0).argmax(axis=1)
        frame[:, u] = lines[np.arange(rows), first]
    return frame


def hottest_along_ray(values: AnyArray, grid: Grid, angle_deg: float, row: int, column: int) -> IndexZYX:
    """Index [z, y, x] of the voxel that gives a MIP pixel its value (ties: the nearest to the viewer).

    Raises OutsideGrid for a pixel outside the frame or one no voxel falls into.
    """
    require_shape(values, grid, "image")
    orientation = patient_orientation(grid)
    lattice = _lattice(grid, orientation)
    points = np.flatnonzero(lattice.columns(angle_deg) == column)
    if not 0 <= row < lattice.geometry.rows or points.size == 0:
        raise OutsideGrid("There is no voxel along this ray.", row=row, column=column)
    depth = _depth(lattice.x_mm[points], lattice.y_mm[points], angle_deg)
    points = points[np.argsort(depth, kind="stable")]
    _, ny, nx = orientation.turned_shape_zyx
    line = orientation.turn(values)[row].reshape(ny * nx)[lattice.voxel[points]]
    y, x = divmod(int(lattice.voxel[points[int(line.argmax())]]), nx)
    return orientation.index_from((row, y, x))


def locate_on_mip(grid: Grid, index_zyx: IndexZYX, angle_deg: float) -> tuple[int, int, float]:
    """(row, column, depth_mm) of a voxel in the frame at an angle; depth grows away from the viewer."""
    require_inside(index_zyx, grid)
    orientation = patient_orientation(grid)
    lattice = _lattice(grid, orientation)
    row, y, x = orientation.index_to(index_zyx)
    nx = orientation.turned_shape_zyx[2]
    point = int(np.flatnonzero(lattice.voxel == y * nx + x)[0])
    depth = _depth(lattice.x_mm[point : point + 1], lattice.y_mm[point : point + 1], angle_deg)
    return row, int(lattice.columns(angle_deg)[point]), float(depth[0])


def frame_columns(
    geometry: MipGeometry, x_mm: npt.NDArray[np.float64], y_mm: npt.NDArray[np.float64], angle_deg: float
) -> ColumnArray:
    """Frame column of in-plane points (mm from the centre, to the left and to the back)."""
    half, mirrored = _half_turn(angle_deg)
    angle = np.radians(half)
    across = (x_mm * np.cos(angle) + y_mm * np.sin(angle)) / geometry.pixel_mm + geometry.columns / 2
    column = np.clip(np.floor(across + BOUNDARY_SLACK), 0, geometry.columns - 1).astype(np.int64)
    return np.asarray(geometry.columns - 1 - column if mirrored else column)


def _project(by_column: FloatArray, lattice: _Lattice, angle_deg: float) -> FloatArray:
    """float32 [u, z]: the maximum over the body columns that fall into each frame column."""
    frame = np.zeros((lattice.geometry.columns, by_column.shape[1]), dtype=np.float32)
    every = np.arange(lattice.voxel.size)
    for points, u in _by_column(every, lattice.columns(angle_deg)):
        by_column[lattice.voxel[points]].max(axis=0, out=frame[u])
    return frame


def _by_column(points: ColumnArray, columns: ColumnArray) -> Iterator[tuple[ColumnArray, int]]:
    """The points that fall into each frame column (their order is kept) and that column."""
    if points.size == 0:  # np.split would still give one, empty part
        return
    order = np.argsort(columns[points], kind="stable")
    found, starts = np.unique(columns[points][order], return_index=True)
    for part, u in zip(np.split(points[order], starts[1:]), found, strict=True):
        yield part, int(u)


def _lattice(grid: Grid, orientation: Orientation) -> _Lattice:
    geometry = mip_geometry(grid)
    _, ny, nx = orientation.turned_shape_zyx
    x_index, x_mm = _repeat_axis(nx, orientation.spacing_xyz_mm[0], geometry.pixel_mm)
    y_index, y_mm = _repeat_axis(ny, orientation.spacing_xyz_mm[1], geometry.pixel_mm)
    return _Lattice(
        geometry,
        np.tile(x_mm, y_mm.size),
        np.repeat(y_mm, x_mm.size),
        (y_index[:, None] * nx + x_index).reshape(-1),
    )


def _repeat_axis(
    count: int, spacing_mm: float, pixel_mm: float
) -> tuple[ColumnArray, npt.NDArray[np.float64]]:
    """Nearest voxel and place (mm from the centre) of points `pixel_mm` apart along an axis."""
    points = round(count * spacing_mm / pixel_mm)
    place = np.asarray((np.arange(points) - (points - 1) / 2) * pixel_mm, dtype=np.float64)
    nearest = np.rint(place / spacing_mm + (count - 1) / 2).astype(np.int64)
    return np.clip(nearest, 0, count - 1), place


def _depth(
    x_mm: npt.NDArray[np.float64], y_mm: npt.NDArray[np.float64], angle_deg: float
) -> npt.NDArray[np.float64]:
    angle = np.radians(angle_deg)
    return np.asarray(y_mm * np.cos(angle) - x_mm * np.sin(angle), dtype=np.float64)


def _half_turn(angle_deg: float) -> tuple[float, bool]:
    """(angle in [0, 180), whether the frame is its mirror)."""
    turn = float(angle_deg) % 360.0
    return (turn - 180.0, True) if turn >= 180.0 else (turn, False)
