"""Small masks on disk, as NIfTI and as SEG."""

from datetime import datetime
from pathlib import Path

import numpy as np

from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.nifti_write import write_nifti
from annotations.dicom.seg_write import write_seg
from annotations.imaging.geometry import Grid
from tests.dicom import make

LINE = Grid((1, 1, 12), (10.0, 10.0, 10.0))
BOX = Grid((9, 16, 14), (2.0, 3.0, 4.0), (-10.0, 5.0, 30.0))
ROTATED = make.rotated()


def line(text: str) -> np.ndarray:
    """'##..' as a mask on LINE; a voxel is 1 mL."""
    return np.array([[[letter == "#" for letter in text.ljust(12, ".")]]])


def boxes(grid: Grid, *corners: tuple[int, int, int, int]) -> np.ndarray:
    """Cubes of (z, y, x, edge)."""
    mask = np.zeros(grid.shape_zyx, np.bool_)
    for z, y, x, edge in corners:
        mask[z : z + edge, y : y + edge, x : x + edge] = True
    return mask


def save_nifti(folder: Path, name: str, mask: np.ndarray, grid: Grid) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.nii.gz"
    path.write_bytes(write_nifti(mask.astype(np.uint16), grid))
    return path


def save_seg(folder: Path, name: str, mask: np.ndarray, grid: Grid, kind: str = "BINARY") -> Path:
    """Empty planes are left out, as highdicom does."""
    folder.mkdir(exist_ok=True)
    source = SourceSeries(grid, make.pet_slices(grid, make.random_stored(grid)))
    info = DerivedInfo(Producer("manual", "Reader 1"), datetime(2026, 1, 2), "0.1.0", identity=name)
    data = write_seg(mask.astype(np.uint16), source, [LesionInfo(1, "L1")], info, kind)
    path = folder / f"{name}.dcm"
    path.write_bytes(data)
    return path
