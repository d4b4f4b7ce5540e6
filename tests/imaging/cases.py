"""Small hand-made volumes for the imaging tests."""

import numpy as np

from annotations.imaging.geometry import Grid

# A patient turned by 30 degrees about the long axis, and one stored feet first and mirrored twice.
ROTATED = (
    0.8660254037844387, -0.5, 0.0,
    0.5, 0.8660254037844387, 0.0,
    0.0, 0.0, 1.0,
)  # fmt: skip
PRONE = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)
ANISOTROPIC = (2.0, 3.0, 5.0)


def grid(shape_zyx, spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0), direction=None):
    return Grid(shape_zyx, spacing, origin, direction) if direction else Grid(shape_zyx, spacing, origin)


def ball(shape_zyx, centre_zyx, radius_mm, spacing_xyz=(1.0, 1.0, 1.0)):
    """bool: voxel centres within a radius of a (fractional) voxel index."""
    squares = [
        ((np.arange(n) - c) * s) ** 2
        for n, c, s in zip(shape_zyx, centre_zyx, spacing_xyz[::-1], strict=True)
    ]
    return squares[0][:, None, None] + squares[1][:, None] + squares[2] <= radius_mm**2


def blobs(seed, shape_zyx=(20, 24, 28), count=12, radius=(1, 4)):
    """A random mask of balls, some touching."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape_zyx, dtype=bool)
    for _ in range(count):
        mask |= ball(shape_zyx, [rng.integers(0, n) for n in shape_zyx], rng.uniform(*radius))
    return mask
