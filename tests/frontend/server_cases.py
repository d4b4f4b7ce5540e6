"""Cases worked out by the server's own code, for the browser's twins of it (frontend/src/viewer).

    python -m tests.frontend.server_cases

writes them again. `test_server_cases.py` fails when they are out of date; the browser's own tests
fail when it computes something else.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from annotations.imaging.geometry import IDENTITY, Grid, Matrix
from annotations.imaging.measures import measure_lesions
from annotations.imaging.mip import hottest_along_ray, locate_on_mip, mip_geometry, project_labels
from annotations.imaging.patches import diff_labels, patch_to_bytes
from annotations.imaging.region_growing import climb_to_maximum, grow_from_seed
from annotations.imaging.volume import StoredVolume

PATH = Path(__file__).parents[2] / "frontend/src/viewer/testing/serverCases.json"
# A feet-first scan whose slices run backwards, and a plain one; both anisotropic.
FLIPPED: Matrix = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)
# Sagittal slices: columns run to the back, rows to the feet, slices to the left.
SAGITTAL: Matrix = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
GRIDS = (
    Grid((18, 20, 24), (2.0, 2.0, 3.0), (-20.0, -31.5, 100.0), IDENTITY),
    Grid((16, 22, 20), (4.07283, 4.07283, 5.0), (10.0, 20.0, -30.0), FLIPPED),
    Grid((20, 17, 23), (3.0, 2.5, 4.0), (-1.0, 2.0, 3.0), SAGITTAL),
)


def make_cases() -> list[dict[str, Any]]:
    return [make_case(grid, seed) for seed, grid in enumerate(GRIDS)]


def make_case(grid: Grid, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    volume = _image(grid, rng)
    labels = _lesions(volume.values(0.25))
    return case_of(volume, 0.25, labels, rng)


def case_of(
    volume: StoredVolume, factor: float, labels: np.ndarray[Any, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """What the server makes of a PET: factor turns its unit into SUV; labels: uint16 on its grid."""
    grid, suv = volume.grid, volume.values(factor)
    return {
        "grid": grid.to_json(),
        "stored": _base64(volume.stored.astype("<i2")),
        "suv_slopes_f32": (volume.slopes * factor).astype(np.float32).tolist(),
        "suv_intercepts_f32": (volume.intercepts * factor).astype(np.float32).tolist(),
        "suv_sha256": _digest(suv.astype("<f4")),
        "labels": _base64(labels.astype("<u2")),
        "measures": [one.to_json() for one in measure_lesions(labels, suv, grid)],
        "seeds": [_seed(suv, labels, grid, rng, number) for number in range(8)],
        "mip": [_projection(suv, labels, grid, angle) for angle in (0.0, 10.0, 90.0, 180.0, 250.0)],
        "patch": _patch(labels),
    }


def _image(grid: Grid, rng: np.random.Generator) -> StoredVolume:
    noise = ndimage.gaussian_filter(rng.random(grid.shape_zyx), 1.6)
    share = (noise - noise.min()) / np.ptp(noise)
    slopes = rng.uniform(0.0005, 0.002, grid.shape_zyx[0])
    stored = np.rint(share * 20.0 / slopes[:, None, None]).astype(np.int16)
    return StoredVolume(grid, stored, slopes, np.where(slopes > 0.001, 0.125, 0.0), "Bq/mL")


def _lesions(suv: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    found, count = ndimage.label(suv > np.percentile(suv, 92))
    keep = [n for n in range(1, count + 1) if (found == n).sum() >= 5]
    labels = np.zeros(suv.shape, dtype=np.uint16)
    for number, n in enumerate(keep, start=1):
        labels[found == n] = number if number < 3 else number + 300
    return labels


def _seed(
    suv: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], grid: Grid, rng: np.random.Generator, number: int
) -> dict[str, Any]:
    z, y, x = (int(rng.integers(0, n)) for n in grid.shape_zyx)
    top = climb_to_maximum(suv, grid, (z, y, x), 15.0)
    percent = (40.0, 41.0, 50.0, 73.0)[number % 4]
    threshold = top.suv * percent / 100.0
    radius = None if number % 2 else 12.0
    blocked = labels if number >= 4 else None
    region = grow_from_seed(suv, grid, top.index_zyx, threshold, radius, blocked)
    return {
        "seed_xyz": [x, y, z],
        "maximum_xyz": list(top.index_zyx[::-1]),
        "maximum_suv": top.suv,
        "steps": top.steps,
        "percent": percent,
        "threshold_suv": threshold,
        "stop_radius_mm": radius,
        "blocked": blocked is not None,
        "voxel_count": int(region.sum()),
        "voxels_sha256": _digest(np.flatnonzero(region).astype("<i4")),
    }


def _projection(
    suv: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], grid: Grid, angle: float
) -> dict[str, Any]:
    geometry = mip_geometry(grid)
    rows, columns = geometry.rows, geometry.columns
    rays = []
    for row, column in ((rows // 2, columns // 2), (3, columns // 3), (rows - 2, columns // 2 + 2)):
        index = hottest_along_ray(suv, grid, angle, row, column)
        rays.append({"row": row, "column": column, "xyz": list(index[::-1])})
    places = []
    for z, y, x in ((0, 0, 0), (5, 7, 9), tuple(n - 1 for n in grid.shape_zyx)):
        row, column, depth = locate_on_mip(grid, (z, y, x), angle)
        places.append({"xyz": [x, y, z], "row": row, "column": column, "depth_mm": depth})
    frame = project_labels(labels, grid, angle)
    return {
        "angle_deg": angle,
        "rows": rows,
        "columns": columns,
        "rays": rays,
        "places": places,
        "labels": _base64(frame.astype("<u2")),
    }


def _patch(labels: np.ndarray[Any, Any]) -> dict[str, Any]:
    after = labels.copy()
    after[labels == 1] = 0
    after[2:5, 3:6, 4:9] = 77
    return {"base64": base64.b64encode(patch_to_bytes(diff_labels(labels, after))).decode()}


def _base64(array: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _digest(array: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def as_text(cases: list[dict[str, Any]]) -> str:
    return json.dumps(cases, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    PATH.write_text(as_text(make_cases()))
