"""MIP frames as 8-bit numbers that serve every window.

Square-root companding: byte = round(255 * sqrt(value / scale_max)). Steps are fine where the eye
looks (low SUV) and coarse at the bladder; the client undoes it with value = scale_max * (byte/255)^2
and then windows freely.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.checks import AnyArray
from annotations.imaging.volume import FloatArray

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class EncodedFrames:
    """uint8 [..., z, u] and the value (image unit) that byte 255 stands for; negative values are 0."""

    encoded: ByteArray
    scale_max: float

    def decode(self) -> FloatArray:
        """float32; off by at most scale_max * (sqrt(v / scale_max) / 255 + 1 / 510^2) at value v."""
        share = self.encoded.astype(np.float32) / np.float32(255)
        return np.asarray(share * share * np.float32(self.scale_max), dtype=np.float32)


def encode_frames(frames: AnyArray, scale_max: float | None = None) -> EncodedFrames:
    """Compand frames; `scale_max` defaults to their maximum. Values above it are cut to it.

    All-zero frames get scale_max 1. Raises InvalidInput for values that are not finite.
    """
    top = float(frames.max(initial=0.0)) if scale_max is None else float(scale_max)
    if not np.isfinite(top) or top < 0 or np.isnan(frames).any():
        raise InvalidInput("A projection holds values that are not numbers.")
    top = top or 1.0
    share = np.clip(np.asarray(frames, dtype=np.float32) / np.float32(top), 0.0, 1.0)
    return EncodedFrames(np.rint(np.sqrt(share) * 255).astype(np.uint8), top)
