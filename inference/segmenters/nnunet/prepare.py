"""PET and CT brought to one grid and cut to the body: what the network is given."""

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from annotations.dicom.nifti_write import to_image
from annotations.imaging.body import outline_body
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray

AIR_HU = -1000.0
MARGIN_MM = 8.0
Slices = tuple[slice, slice, slice]


@dataclass(frozen=True)
class PreparedCase:
    """channels: float32 [c, z, y, x], the part `window` of the PET grid. body: bool on the PET grid."""

    channels: FloatArray
    grid: Grid
    window: Slices
    body: BoolArray

    def paste(self, part: FloatArray) -> FloatArray:
        """Array of the window put back on the PET grid, 0 elsewhere."""
        whole = np.zeros(self.grid.shape_zyx, dtype=np.float32)
        whole[self.window] = part
        return whole


def prepare_case(
    pet_suv: FloatArray,
    pet_grid: Grid,
    ct_hu: FloatArray | None,
    ct_grid: Grid | None,
    crop_to_body: bool,
) -> PreparedCase:
    """Stack PET (SUV) and, if given, CT (HU, resampled) on the PET grid.

    crop_to_body: keep the bounding box of the body (8 mm margin) alone; outside it there is nothing to
    find and much to compute. Raises NoBody where the PET shows none.
    """
    body = outline_body(pet_suv, pet_grid)
    window = _body_window(body, pet_grid) if crop_to_body else (slice(None), slice(None), slice(None))
    channels = [np.ascontiguousarray(pet_suv[window], dtype=np.float32)]
    if ct_hu is not None and ct_grid is not None:
        channels.append(resample_to(ct_hu, ct_grid, _sub_grid(pet_grid, window), AIR_HU))
    return PreparedCase(np.stack(channels), pet_grid, window, body)


def _body_window(body: BoolArray, grid: Grid) -> Slices:
    window = []
    for axis, spacing in enumerate(reversed(grid.spacing_xyz_mm)):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero(body.any(axis=others))
        margin = int(np.ceil(MARGIN_MM / spacing))
        window.append(slice(max(0, int(filled[0]) - margin), int(filled[-1]) + 1 + margin))
    return window[0], window[1], window[2]


def _sub_grid(grid: Grid, window: Slices) -> Grid:
    sizes = [len(range(n)[part]) for n, part in zip(grid.shape_zyx, window, strict=True)]
    first = [part.start or 0 for part in reversed(window)]
    x, y, z = (float(v) for v in grid.index_to_world(first))
    return Grid((sizes[0], sizes[1], sizes[2]), grid.spacing_xyz_mm, (x, y, z), grid.direction)


def resample_to(image: FloatArray, source: Grid, target: Grid, outside: float) -> FloatArray:
    """Linear interpolation of `image` onto `target`; `outside` where the source does not reach."""
    z, y, x = target.shape_zyx
    resampled = sitk.Resample(
        to_image(np.ascontiguousarray(image, dtype=np.float32), source),
        (x, y, z),
        sitk.Transform(3, sitk.sitkIdentity),  # type: ignore[no-untyped-call]
        sitk.sitkLinear,
        target.origin_xyz_mm,
        target.spacing_xyz_mm,
        target.direction,
        outside,
    )
    return np.asarray(sitk.GetArrayFromImage(resampled), dtype=np.float32)
