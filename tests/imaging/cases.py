"""Small hand-made volumes for the imaging tests."""

import numpy as np
from scipy import ndimage

from annotations.imaging.geometry import Grid

# A patient turned by 30 degrees about the long axis, and one stored feet first and mirrored twice.
ROTATED = (
    0.8660254037844387, -0.5, 0.0,
    0.5, 0.8660254037844387, 0.0,
    0.0, 0.0, 1.0,
)  # fmt: skip
PRONE = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)
ANISOTROPIC = (2.0, 3.0, 5.0)
BALL_SPACING = (2.0, 2.0, 3.0)


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


def two_balls(distance, uptake=(8.0, 8.0), noise=0.0):
    """Two blurred balls of 16 mm, `distance` voxels apart along x; the region above SUV 3."""
    shape = (17, 25, 41)
    hot = [ball(shape, (8, 12, 20 + side * distance / 2), 8.0, BALL_SPACING) for side in (-1, 1)]
    clean = (
        1 + sum((u - 1) * h for u, h in zip(uptake, hot, strict=True)) - (hot[0] & hot[1]) * (uptake[1] - 1)
    )
    suv = ndimage.gaussian_filter(clean.astype(float), [s / 2.3548 * 5 / s**2 for s in BALL_SPACING[::-1]])
    suv += noise * np.random.default_rng(0).standard_normal(shape)
    space = grid(shape, BALL_SPACING, (3.0, 4.0, 5.0), ROTATED)
    return suv.astype(np.float32), suv > 3.0, space
