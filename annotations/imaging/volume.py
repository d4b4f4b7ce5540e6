"""A volume as stored: integers with a factor for each slice, so that server and browser compute
the same float32 values from the same bytes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.imaging.geometry import Grid

StoredArray = npt.NDArray[np.int16] | npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float32]
LabelArray = npt.NDArray[np.uint16]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StoredVolume:
    """Stored integers [z, y, x] with `value = stored * slope[z] + intercept[z]` in `unit`.

    slopes, intercepts: float64, one for each slice. unit: "SUVbw" | "Bq/mL" | "HU" | another DICOM
    unit. For PET the factors here give the series' own unit (usually Bq/mL); SUV is that times the
    factor of a SUV revision.
    """

    grid: Grid
    stored: StoredArray
    slopes: npt.NDArray[np.float64]
    intercepts: npt.NDArray[np.float64]
    unit: str

    def values(self, factor: float = 1.0) -> FloatArray:
        """float32 [z, y, x]: (stored * slope + intercept) * factor.

        The factor goes into slope and intercept in float64, each is rounded once to float32, and
        product and sum are float32. The browser does the same, so both get the same numbers.
        """
        slope = (self.slopes * factor).astype(np.float32)[:, None, None]
        intercept = (self.intercepts * factor).astype(np.float32)[:, None, None]
        return self.stored.astype(np.float32) * slope + intercept
