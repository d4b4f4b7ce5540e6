"""Independent DICOM tools, where the machine has them."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

NO_DCIODVFY = "dciodvfy (Debian package dicom3tools) is not on this machine"
NO_PLASTIMATCH = "plastimatch is not on this machine"


def verify_iod(path: Path) -> list[str]:
    """The errors that dciodvfy finds."""
    if shutil.which("dciodvfy") is None:
        pytest.skip(NO_DCIODVFY)
    run = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]


def plastimatch_masks(rtstruct: Path, images: Path, folder: Path) -> dict[str, np.ndarray]:
    """{ROI name: bool [z, y, x]} as plastimatch rasterises the file on the images' grid."""
    if shutil.which("plastimatch") is None:
        pytest.skip(NO_PLASTIMATCH)
    subprocess.run(
        [
            *("plastimatch", "convert", "--input", str(rtstruct), "--referenced-ct", str(images)),
            *("--output-prefix", str(folder / "masks"), "--prefix-format", "nii.gz"),
        ],
        capture_output=True,
        check=True,
    )
    masks = {}
    for path in (folder / "masks").glob("*.nii.gz"):
        array = sitk.GetArrayFromImage(sitk.ReadImage(path))
        masks[path.name.removesuffix(".nii.gz")] = array != 0
    return masks


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2.0 * float(np.count_nonzero(a & b)) / float(np.count_nonzero(a) + np.count_nonzero(b))
