"""Pictures of stored volumes with stored label maps: only the slab that is shown is read into floats."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from annotations.imaging.boxes import Box, box_grid
from annotations.imaging.colours import Colour
from annotations.imaging.frames import EncodedFrames
from annotations.imaging.geometry import Grid
from annotations.imaging.mip import mip_geometry, project_labels, rotating_mip
from annotations.imaging.orientation import patient_orientation
from annotations.imaging.png import encode_png, stamp_research_use, stamp_text
from annotations.imaging.rendering import (
    CT_WINDOW,
    PET_WINDOW,
    PLANE_AXES,
    ByteImage,
    Overlay,
    Palette,
    Plane,
    Underlay,
    Window,
    plane_points,
    render_mip,
    render_plane,
)
from annotations.imaging.volume import FloatArray
from annotations.segmentations.models import Version
from annotations.segmentations.voxels import read_labels
from annotations.store.services import voxel_cache
from annotations.studies.models import SuvRevision, Volume
from annotations.studies.selectors import CT, read_volume, volume_grid

RENDER_VERSION = "1"
MARK_ON_DARK, MARK_ON_LIGHT = (242, 184, 75), (156, 84, 0)
WITHOUT_SUV_SHARE = 0.3


@dataclass(frozen=True)
class Picture:
    """What is asked for. plane: also "mip". index: None is the middle. size: pixels of the longer side.

    lower, upper: SUVbw, HU, or the volume's own unit where there is no valid SUV; None is the usual window.
    fusion: share of PET over the CT. marks: words burned in beside "Research use only".
    """

    plane: str
    index: int | None = None
    angle_deg: float = 0.0
    lower: float | None = None
    upper: float | None = None
    fusion: float = 0.5
    size: int | None = None
    marks: tuple[str, ...] = ()


def render_volume(
    volume: Volume,
    revision: SuvRevision | None,
    picture: Picture,
    *,
    version: Version | None = None,
    ct: Volume | None = None,
) -> bytes:
    """PNG bytes. The CT is in the volume's own frame of reference. Raises OutsideGrid or InvalidInput."""
    ct = None if picture.plane == "mip" else ct
    factor = revision.factor if revision else None
    window = choose_window(volume, factor, picture)
    if picture.plane == "mip":
        rgb = _mip(volume, factor, picture, window, version)
    else:
        rgb = _slice(volume, factor, picture, window, version, ct)
    words = {"Comment": "; ".join(("Research use only", *picture.marks))}
    colour = MARK_ON_LIGHT if _palette(volume, ct) == "inverse_grey" else MARK_ON_DARK
    return encode_png(_mark(rgb, picture.marks, colour), words)


def choose_window(volume: Volume, factor: float | None, picture: Picture) -> Window:
    """As asked; else SUV 0 to 10, HU -160 to 240, or for a PET without SUV up to a share of its maximum."""
    if volume.series.modality == CT:
        usual = CT_WINDOW
    elif factor is not None:
        usual = PET_WINDOW
    else:
        top = float((volume.mip_header or {}).get("scale_max", 1.0)) * WITHOUT_SUV_SHARE
        usual = Window(0.0, max(top, 1e-6))
    lower = usual.lower if picture.lower is None else picture.lower
    upper = usual.upper if picture.upper is None else picture.upper
    return Window(lower, upper)


def _slice(
    volume: Volume,
    factor: float | None,
    picture: Picture,
    window: Window,
    version: Version | None,
    ct: Volume | None,
) -> ByteImage:
    grid = volume_grid(volume)
    plane: Plane = picture.plane  # type: ignore[assignment]  # the caller's serializer allows planes only
    axis = patient_orientation(grid).order[PLANE_AXES[plane][0]]
    index = grid.shape_zyx[axis] // 2 if picture.index is None else picture.index
    pixel_mm = _pixel_mm(grid, plane, picture.size)
    points = plane_points(grid, plane, index, pixel_mm)  # raises OutsideGrid before anything is read
    box = _slab(grid, axis, index)
    return render_plane(
        _values(volume, factor, box),
        box_grid(grid, box),
        plane,
        0,
        window,
        _palette(volume, ct),
        underlay=_underlay(ct, grid.index_to_world(points), picture.fusion) if ct else None,
        overlay=Overlay(read_labels(version)[box]) if version else None,
        pixel_mm=pixel_mm,
    )


def _mip(
    volume: Volume, factor: float | None, picture: Picture, window: Window, version: Version | None
) -> ByteImage:
    grid = volume_grid(volume)
    geometry = mip_geometry(grid)
    frame = _stored_frame(volume, picture.angle_deg)
    if frame is None:
        (frame,) = rotating_mip(read_volume(volume).values(), grid, [picture.angle_deg])
    pixel_mm = None
    if picture.size is not None:
        longer = max(geometry.rows * geometry.row_mm, geometry.columns * geometry.pixel_mm)
        pixel_mm = longer / picture.size
    return render_mip(
        frame * np.float32(1.0 if factor is None else factor),
        geometry,
        window,
        _palette(volume, None),
        label_frame=project_labels(read_labels(version), grid, picture.angle_deg) if version else None,
        pixel_mm=pixel_mm,
    )


def _stored_frame(volume: Volume, angle_deg: float) -> FloatArray | None:
    """Frame [z, u] in the volume's unit from the stored ones; None when this angle is not among them."""
    header = volume.mip_header
    if header is None or volume.mip is None or angle_deg % 360.0 not in header["angles_deg"]:
        return None
    place = header["angles_deg"].index(angle_deg % 360.0)
    size = header["rows"] * header["columns"]
    content = voxel_cache.read(volume.mip)
    encoded = np.frombuffer(content, np.uint8, size, place * size)
    frames = EncodedFrames(encoded.reshape(header["rows"], header["columns"]), header["scale_max"])
    return frames.decode()


def _values(volume: Volume, factor: float | None, box: Box) -> FloatArray:
    whole = read_volume(volume)
    part = replace(
        whole,
        grid=box_grid(whole.grid, box),
        stored=whole.stored[box],
        slopes=whole.slopes[box[0]],
        intercepts=whole.intercepts[box[0]],
    )
    return part.values(1.0 if factor is None else factor)


def _underlay(ct: Volume, world_mm: npt.NDArray[np.float64], share: float) -> Underlay:
    """The part of the CT that the picture meets; its nearest voxel when the picture meets none of it."""
    grid = volume_grid(ct)
    index = grid.world_to_index(world_mm).reshape(-1, 3)
    low, high = np.floor(index.min(axis=0)) - 1, np.ceil(index.max(axis=0)) + 2
    limits = np.array(grid.shape_zyx[::-1])
    start = np.clip(low, 0, limits - 1).astype(int).tolist()
    stop = np.clip(high, np.array(start) + 1, limits).astype(int).tolist()
    x, y, z = (slice(first, last) for first, last in zip(start, stop, strict=True))
    box = (z, y, x)
    return Underlay(_values(ct, None, box), box_grid(grid, box), share=share)


def _slab(grid: Grid, axis: int, index: int) -> Box:
    z, y, x = (slice(index, index + 1) if axis == k else slice(0, grid.shape_zyx[k]) for k in range(3))
    return z, y, x


def _palette(volume: Volume, ct: Volume | None) -> Palette:
    """No uptake is black on a CT, so that the CT shows through, and white without one."""
    if volume.series.modality == CT:
        return "grey"
    return "hot_iron" if ct is not None else "inverse_grey"


def _pixel_mm(grid: Grid, plane: Plane, size: int | None) -> float | None:
    if size is None:
        return None
    orientation = patient_orientation(grid)
    _, down, across = PLANE_AXES[plane]
    shape, spacing = orientation.turned_shape_zyx, orientation.spacing_xyz_mm[::-1]
    return max(shape[down] * spacing[down], shape[across] * spacing[across]) / size


def _mark(rgb: ByteImage, marks: tuple[str, ...], colour: Colour) -> ByteImage:
    scale = max(1, min(rgb.shape[1] // 220, 3))
    for line, words in enumerate(marks):
        rgb = stamp_text(rgb, words, colour, 3 + line * 10 * scale, 3, scale)
    return stamp_research_use(rgb, colour)
