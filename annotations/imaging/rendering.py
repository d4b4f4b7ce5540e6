"""Planes and projections as pictures: uint8 [rows, columns, 3] with square pixels.

Radiological view: axial from the feet (patient's left on the right, front up), coronal from the
front (left on the right, head up), sagittal from the left (back on the right, head up). Pictures
follow the patient's axes whatever the direction of the grid; an oblique grid is shown along its own
nearest axes. CT may have a grid of its own: it is sampled where the PET plane lies.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.checks import AnyArray, OutsideGrid, require_shape
from annotations.imaging.colours import colour_table
from annotations.imaging.geometry import Grid
from annotations.imaging.mip import MipGeometry
from annotations.imaging.orientation import patient_orientation
from annotations.imaging.volume import FloatArray, LabelArray

ByteImage = npt.NDArray[np.uint8]
Plane = Literal["axial", "coronal", "sagittal"]
Palette = Literal["grey", "inverse_grey", "hot_iron"]
# Turned array axis through which the plane cuts, then the axes of its rows and columns.
PLANE_AXES: dict[Plane, tuple[int, int, int]] = {
    "axial": (0, 1, 2),
    "coronal": (1, 0, 2),
    "sagittal": (2, 0, 1),
}
MAX_PIXELS = 4096


@dataclass(frozen=True)
class Window:
    """Values shown from the first to the last colour, `lower` < `upper`."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower < self.upper:
            raise InvalidInput("A window needs a lower and a higher end.", got=[self.lower, self.upper])


PET_WINDOW = Window(0.0, 10.0)
CT_WINDOW = Window(-160.0, 240.0)


@dataclass(frozen=True)
class Underlay:
    """A CT [z, y, x] in HU on its own grid in the PET's frame of reference.

    share: how much of the picture is PET, 0 (CT alone) to 1.
    """

    values: AnyArray
    grid: Grid
    window: Window = CT_WINDOW
    share: float = 0.5


@dataclass(frozen=True)
class Overlay:
    """Labels [z, y, x] on the PET's grid: outline in lesion colours, inside tinted by `fill` (0-1)."""

    labels: LabelArray
    fill: float = 0.0
    outline: bool = True


def render_plane(
    values: AnyArray,
    grid: Grid,
    plane: Plane,
    index: int,
    window: Window = PET_WINDOW,
    palette: Palette = "inverse_grey",
    underlay: Underlay | None = None,
    overlay: Overlay | None = None,
    pixel_mm: float | None = None,
) -> ByteImage:
    """One slice of an image [z, y, x].

    index: voxel index along the array axis that the plane cuts (axial: z, coronal: y, sagittal: x of
    a grid along the patient). pixel_mm: size of a pixel, default the smaller spacing in the plane.
    With an underlay the PET is blended on the grey CT, black where the CT ends. Raises OutsideGrid,
    GridMismatch.
    """
    require_shape(values, grid, "image")
    points = plane_points(grid, plane, index, pixel_mm)
    picture = paint(sample(values, points), window, palette)
    if underlay is not None:
        require_shape(underlay.values, underlay.grid, "CT image")
        elsewhere = underlay.grid.world_to_index(grid.index_to_world(points))
        grey = paint(sample(underlay.values, elsewhere, outside=-np.inf), underlay.window, "grey")
        picture = blend(grey, picture, underlay.share)
    if overlay is not None:
        require_shape(overlay.labels, grid, "label map")
        picture = paint_labels(picture, sample_labels(overlay.labels, points), overlay.fill, overlay.outline)
    return picture


def render_mip(
    frame: FloatArray,
    geometry: MipGeometry,
    window: Window = PET_WINDOW,
    palette: Palette = "inverse_grey",
    label_frame: LabelArray | None = None,
    fill: float = 0.6,
    pixel_mm: float | None = None,
) -> ByteImage:
    """A frame [z, u] of `mip.rotating_mip`, head up; `label_frame` as from `mip.project_labels`."""
    if frame.shape != (geometry.rows, geometry.columns):
        raise InvalidInput("The frame does not have the size of its geometry.", got=list(frame.shape))
    size = pixel_mm or min(geometry.pixel_mm, geometry.row_mm)
    rows = _places(geometry.rows, geometry.row_mm, size)[::-1]
    columns = _places(geometry.columns, geometry.pixel_mm, size)
    where = np.array(np.meshgrid(rows, columns, indexing="ij"))
    sampled = ndimage.map_coordinates(frame, where, order=1, mode="nearest")
    picture = paint(sampled, window, palette)
    if label_frame is None:
        return picture
    row, column = _nearest(rows, geometry.rows), _nearest(columns, geometry.columns)
    return paint_labels(picture, label_frame[row[:, None], column], fill, outline=True)


def plane_points(
    grid: Grid, plane: Plane, index: int, pixel_mm: float | None = None
) -> npt.NDArray[np.float64]:
    """(rows, columns, 3) voxel indices x, y, z of the pixel centres of a picture."""
    orientation = patient_orientation(grid)
    through, down, across = PLANE_AXES[plane]
    axis = orientation.order[through]
    if not 0 <= index < grid.shape_zyx[axis]:
        raise OutsideGrid("There is no such slice.", plane=plane, index=index, slices=grid.shape_zyx[axis])
    shape, spacing = orientation.turned_shape_zyx, orientation.spacing_xyz_mm[::-1]
    size = pixel_mm or min(spacing[down], spacing[across])
    rows, columns = (_places(shape[k], spacing[k], size) for k in (down, across))
    if plane != "axial":
        rows = rows[::-1]  # head up
    turned = np.zeros((rows.size, columns.size, 3))
    turned[..., down], turned[..., across] = rows[:, None], columns
    points = np.empty_like(turned)
    for k in range(3):
        own = orientation.order[k]
        line = shape[k] - 1 - turned[..., k] if orientation.flipped[k] else turned[..., k]
        points[..., 2 - own] = index if k == through else line
    return points


def paint(values: AnyArray, window: Window, palette: Palette) -> ByteImage:
    """Colours of values; what is not a number is drawn as the window's lower end."""
    share = (np.asarray(values, dtype=np.float32) - window.lower) / (window.upper - window.lower)
    level = np.nan_to_num(np.clip(share, 0.0, 1.0), nan=0.0)[..., None]
    if palette == "hot_iron":
        rgb = np.concatenate([2 * level, 2 * level - 1, 4 * level - 3], axis=-1)
    else:
        rgb = np.repeat(1 - level if palette == "inverse_grey" else level, 3, axis=-1)
    return np.asarray(np.rint(np.clip(rgb, 0.0, 1.0) * 255), dtype=np.uint8)


def blend(below: ByteImage, above: ByteImage, share: float) -> ByteImage:
    """`share` of `above` over `below`."""
    mixed = below.astype(np.float32) * (1 - share) + above.astype(np.float32) * share
    return np.asarray(np.rint(mixed), dtype=np.uint8)


def paint_labels(picture: ByteImage, labels: LabelArray, fill: float, outline: bool) -> ByteImage:
    """Labels [rows, columns] over a picture; a pixel is outline when a direct neighbour differs."""
    colours = colour_table(int(labels.max(initial=0)))[labels]
    inside = labels != 0
    result = picture.copy()
    if fill > 0:
        result[inside] = blend(picture, colours, fill)[inside]
    if outline:
        edge = inside & differs_from_neighbour(labels)
        result[edge] = colours[edge]
    return result


def differs_from_neighbour(labels: LabelArray) -> npt.NDArray[np.bool_]:
    padded = np.pad(labels, 1, mode="edge")
    centre = padded[1:-1, 1:-1]
    neighbours = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    return np.asarray(np.logical_or.reduce([centre != other for other in neighbours]))


def sample(values: AnyArray, points: npt.NDArray[np.float64], outside: float | None = None) -> FloatArray:
    """Linear interpolation at (..., 3) indices x, y, z. Beyond the outer voxel centres: the nearest
    voxel up to half a voxel, then `outside` (None: the nearest voxel everywhere).
    """
    zyx = np.moveaxis(points[..., ::-1], -1, 0)
    found = ndimage.map_coordinates(values, zyx, output=np.float32, order=1, mode="nearest")
    if outside is not None:
        limits = np.array(values.shape).reshape(3, *[1] * (zyx.ndim - 1)) - 0.5
        found[((zyx < -0.5) | (zyx >= limits)).any(axis=0)] = outside
    return np.asarray(found, dtype=np.float32)


def sample_labels(labels: LabelArray, points: npt.NDArray[np.float64]) -> LabelArray:
    x, y, z = (_nearest(points[..., k], labels.shape[2 - k]) for k in range(3))
    return np.asarray(labels[z, y, x], dtype=np.uint16)


def _places(count: int, spacing_mm: float, pixel_mm: float) -> npt.NDArray[np.float64]:
    """Index along an axis of pixels of `pixel_mm` that cover it, centred on it."""
    pixels = max(1, round(count * spacing_mm / pixel_mm))
    if pixels > MAX_PIXELS:
        raise InvalidInput("The picture would be too large.", pixels=pixels, limit=MAX_PIXELS)
    middle = (count - 1) / 2
    return np.asarray(
        (np.arange(pixels) - (pixels - 1) / 2) * pixel_mm / spacing_mm + middle, dtype=np.float64
    )


def _nearest(places: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int64]:
    return np.clip(np.floor(places + 0.5), 0, count - 1).astype(np.int64)
