"""Speed of the imaging and DICOM rooms beside their peers, in one run.

    python -m tests.benchmarks.bench_imaging            # all
    python -m tests.benchmarks.bench_imaging targets    # those with a target; exit code 1 when one is missed
    python -m tests.benchmarks.bench_imaging mip flab   # some

Prints one line a measurement: best of the repeats, the peer's time and the ratio. Volumes are
synthetic and made from a fixed seed. Slow peers are run on a part and scaled; the line says so.
"""

import sys
from typing import Any

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from annotations.imaging.body import outline_body
from annotations.imaging.components import label_components, number_lesions
from annotations.imaging.flab import segment_flab
from annotations.imaging.geometry import Grid
from annotations.imaging.measures import measure_lesions
from annotations.imaging.mip import project_labels, rotating_mip
from annotations.imaging.patches import apply_patch, content_digest, diff_labels
from annotations.imaging.region_growing import grow_percent_of_maximum
from annotations.imaging.rendering import render_plane
from tests.benchmarks import bench_dicom, timing
from tests.benchmarks.timing import best_of, report

LARGE = Grid((326, 400, 400), (2.0, 2.0, 3.0))
MIDDLE = Grid((326, 200, 200), (4.0, 4.0, 3.0))


def lesions_and_suv(grid: Grid, count: int = 60) -> tuple[Any, Any]:
    """Balls of 6-26 mm radius in noise; label map and SUV."""
    random = np.random.default_rng(0)
    suv = random.random(grid.shape_zyx, dtype=np.float32)
    labels = np.zeros(grid.shape_zyx, np.uint16)
    for number in range(1, count + 1):
        radius = int(random.integers(3, 14))
        z, y, x = (int(random.integers(0, n - 2 * radius)) for n in grid.shape_zyx)
        axis = (np.arange(2 * radius + 1) - radius) ** 2
        ball = axis[:, None, None] + axis[:, None] + axis <= radius**2
        part = (slice(z, z + 2 * radius + 1), slice(y, y + 2 * radius + 1), slice(x, x + 2 * radius + 1))
        inside = ball[tuple(slice(0, n) for n in labels[part].shape)]
        labels[part][inside] = number
        suv[part][inside] += 8
    return labels, suv


def components() -> None:
    labels, _ = lesions_and_suv(LARGE)
    mask = labels > 0
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    structure = np.ones((3, 3, 3))
    ours = best_of(lambda: label_components(mask))
    report(
        "components 326x400x400", ours, best_of(lambda: ndimage.label(mask, structure)), "scipy.ndimage.label"
    )
    report("", ours, best_of(lambda: sitk.ConnectedComponent(image, True)), "SimpleITK.ConnectedComponent")


def measures() -> None:
    labels, suv = lesions_and_suv(LARGE)
    mask = labels > 0

    def both() -> None:
        measure_lesions(number_lesions(mask, LARGE), suv, LARGE)

    def scipy_basics() -> None:
        numbers, count = ndimage.label(mask, np.ones((3, 3, 3)))
        index = np.arange(1, count + 1)
        ndimage.maximum(suv, numbers, index)
        ndimage.mean(suv, numbers, index)
        ndimage.standard_deviation(suv, numbers, index)

    ours = best_of(both)
    report(
        "components + all measures of 60 lesions, 326x400x400",
        ours,
        best_of(scipy_basics, 1),
        "scipy label, max, mean, SD (no peak)",
        target="< 1 s",
        met=ours < 1.0,
    )


def mip() -> None:
    random = np.random.default_rng(0)
    values = random.random(MIDDLE.shape_zyx, dtype=np.float32)
    angles = list(range(0, 360, 10))
    ours = best_of(lambda: rotating_mip(values, MIDDLE, angles))

    def rotate(angle: int) -> Any:
        return ndimage.rotate(values, angle, axes=(1, 2), reshape=False, order=1).max(axis=1)

    peer = 12 * best_of(lambda: [rotate(a) for a in (10, 50, 80)], 1)
    report(
        "36 MIP angles of 326x200x200",
        ours,
        peer,
        "scipy.ndimage.rotate (3 x 12)",
        target="< 1 s and >= 40x",
        met=ours < 1.0 and peer >= 40 * ours,
    )
    labels, _ = lesions_and_suv(MIDDLE)
    report("label projection of 60 lesions, one angle", best_of(lambda: project_labels(labels, MIDDLE, 35)))


def edits() -> None:
    labels, suv = lesions_and_suv(LARGE)
    new = labels.copy()
    new[100:140, 100:200, 100:200] = 7
    patch = diff_labels(labels, new)
    report("difference of two label maps, 326x400x400", best_of(lambda: diff_labels(labels, new)))
    report(f"apply a patch of {len(patch)} runs", best_of(lambda: apply_patch(labels, patch)))
    report("content digest", best_of(lambda: content_digest(labels, LARGE)))
    z, y, x = (int(i) for i in np.argwhere(labels == 9)[0])
    report(
        "add a lesion (climb and grow 41 %)",
        best_of(lambda: grow_percent_of_maximum(suv, LARGE, (z, y, x), 41)),
    )
    report("axial slice as picture", best_of(lambda: render_plane(suv, LARGE, "axial", 100)))
    report("coronal slice as picture", best_of(lambda: render_plane(suv, LARGE, "coronal", 100)))


def body() -> None:
    suv = np.zeros(LARGE.shape_zyx, np.float32)
    suv[:, 100:300, 80:320] = 1
    report("body outline, 326x400x400", best_of(lambda: outline_body(suv, LARGE), 1))


def flab() -> None:
    random = np.random.default_rng(0)
    axis = (np.arange(33) - 16.0) ** 2
    ball = axis[:, None, None] + axis[:, None] + axis <= 9**2
    suv = (ndimage.gaussian_filter(1 + 3.0 * ball, 1.3) + 0.1 * random.standard_normal(ball.shape)).astype(
        np.float32
    )
    grid = Grid(ball.shape, (2.0, 2.0, 2.0))
    voi = np.ones(ball.shape, dtype=np.bool_)
    ours = best_of(lambda: segment_flab(suv, grid, voi))
    report("FLAB on 33 x 33 x 33, 30 iterations", ours, target="< 0.5 s", met=ours < 0.5)


def rtstruct() -> None:
    labels, _ = lesions_and_suv(bench_dicom.ROI_GRID, 50)
    bench_dicom.rtstruct(labels)


WITH_TARGET = (measures, mip, rtstruct, flab, bench_dicom.sts, bench_dicom.deidentify)
ALL = {f.__name__: f for f in (components, edits, body, *WITH_TARGET)}

if __name__ == "__main__":
    names = sys.argv[1:] or list(ALL)
    for name in [f.__name__ for f in WITH_TARGET] if names == ["targets"] else names:
        ALL[name]()
    sys.exit(1 if timing.missed else 0)
