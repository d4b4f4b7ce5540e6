"""Label map to NIfTI (uint16, gzip) with the PET's geometry."""

import tempfile
from pathlib import Path
from typing import Any

import SimpleITK as sitk

from annotations.imaging.geometry import Grid
from annotations.imaging.volume import FloatArray, LabelArray


def to_image(array: LabelArray | FloatArray, grid: Grid) -> Any:
    """A SimpleITK image of [z, y, x] with the grid's spacing, origin and direction (LPS)."""
    image: Any = sitk.GetImageFromArray(array)
    image.SetSpacing(grid.spacing_xyz_mm)
    image.SetOrigin(grid.origin_xyz_mm)
    image.SetDirection(grid.direction)
    return image


def write_nifti(array: LabelArray | FloatArray, grid: Grid, description: str = "RESEARCH USE ONLY") -> bytes:
    """A .nii.gz file. description: at most 79 characters (the header's `descrip`)."""
    image = to_image(array, grid)
    image.SetMetaData("ITK_FileNotes", description[:79])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.nii.gz"
        sitk.WriteImage(image, str(path), useCompression=True)
        return path.read_bytes()
