"""Time of every proposal method, from request to answer, on a whole-body PET of 326 x 200 x 200 voxels.

    python -m tests.benchmarks.bench_proposals            # 326 x 200 x 200
    python -m tests.benchmarks.bench_proposals large      # 326 x 400 x 400

The request goes through Django with all its middleware (session, permission, JSON), but not over a
socket. "first": nothing is in the byte caches, as after a restart; "next": the best of three more. The
scan is synthetic: 60 balls in noise, every one a lesion of the starting version but the last ten.
"""

import base64
import os
import sys
import time
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petreview.settings_test")

from annotations.imaging.geometry import Grid

SIZES = {"middle": Grid((326, 200, 200), (4.0, 4.0, 3.0)), "large": Grid((326, 400, 400), (2.0, 2.0, 3.0))}
LIMIT_LOCAL_S, LIMIT_WHOLE_BODY_S = 1.0, 2.0


def scan(grid: Grid) -> tuple[Any, Any, list[tuple[int, int, int]]]:
    """(stored integers of 0.002 SUV, label map of 50 lesions, centres x, y, z of all 60 balls)."""
    random = np.random.default_rng(0)
    stored = random.integers(300, 700, grid.shape_zyx, dtype=np.int16)
    labels = np.zeros(grid.shape_zyx, dtype=np.uint16)
    sx, sy, sz = grid.spacing_xyz_mm
    centres = []
    for number in range(60):
        z = 40 + 4 * number
        y, x = (
            int(random.integers(70 / s, n - 70 / s))
            for s, n in zip((sy, sx), grid.shape_zyx[1:], strict=True)
        )
        radius_mm = float(random.uniform(8, 18))
        half = [int(radius_mm / s) + 1 for s in (sz, sy, sx)]
        part = tuple(slice(c - h, c + h + 1) for c, h in zip((z, y, x), half, strict=True))
        dz, dy, dx = (np.arange(-h, h + 1) * s for h, s in zip(half, (sz, sy, sx), strict=True))
        ball = dz[:, None, None] ** 2 + dy[:, None] ** 2 + dx**2 <= radius_mm**2
        stored[part][ball] = 5000
        if number < 50:
            labels[part][ball & (labels[part] == 0)] = number + 1
        labels[z, y, x] = 0  # a hole to fill
        centres.append((x, y, z))
    return stored, labels, centres


def questions(grid: Grid, centres: list[tuple[int, int, int]]) -> dict[str, dict[str, Any]]:
    x, y, z = centres[-1]
    seed, place = [x, y, z], [float(v) for v in grid.index_to_world((x, y, z))]
    cx, cy, cz = centres[25]
    line = {"axis": "z", "index": cz, "points": [[cx + 0.5, cy - 9], [cx + 0.5, cy + 9]]}
    reach = int(30 / grid.spacing_xyz_mm[0])
    outline = [[x + reach * np.cos(a), y + reach * np.sin(a)] for a in np.linspace(0, 2 * np.pi, 120)[:-1]]
    planes = {
        "kind": "planes",
        "axis": "z",
        "polygons": [{"index": i, "points": outline} for i in (z - 9, z, z + 9)],
    }
    sphere = {"kind": "sphere", "centre_xyz_mm": place, "radius_mm": 30}
    background = [float(v) for v in grid.index_to_world((20, 20, 12))]
    roi = {"organ": "liver", "centre_xyz_mm": background, "diameter_mm": 30}
    return {
        "seed_background": {"seed_xyz": seed, "fraction": 0.5, "label": 51, "stop_radius_mm": 60},
        "seed_gradient": {"seed_xyz": seed, "label": 51, "stop_radius_mm": 60},
        "seed_flab": {"seed_xyz": seed, "label": 51, "radius_mm": 30},
        "voi_flab": {"voi": {"add": [sphere]}, "label": 51, "classes": 3},
        "voi_threshold": {"voi": {"add": [planes]}, "label": 51, "rule": {"kind": "percent", "value": 41}},
        "grow": {"label": 26, "mm": 8},
        "shrink": {"label": 26, "mm": 4},
        "smooth": {"label": 26, "mm": 10},
        "fill_holes": {"label": 26},
        "split_watershed": {"label": 26, "next_label": 51, "seeds_xyz": [[cx - 1, cy, cz], [cx + 2, cy, cz]]},
        "cut": {"label": 26, "next_label": 51, **line},
        "physiological": {
            "label": 26, "class": "kidney", "boundary": "drawn", "at_xyz": [cx - 1, cy, cz], "cut": line
        },
        "whole_body": {"rule": "fixed", "value": 4.0, "next_label": 51},
        "whole_body (liver ROI)": {"rule": "liver", "rois": [roi], "next_label": 51},
    }  # fmt: skip


def main() -> int:
    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0)
    grid = SIZES[sys.argv[1] if len(sys.argv) > 1 else "middle"]
    from annotations.store.services import label_cache, voxel_cache

    reader, read, head, centres = _open(grid)
    print(f"grid x, y, z {grid.shape_zyx[::-1]}, {len(centres)} balls", flush=True)
    slow = 0
    for name, parameters in questions(grid, centres).items():
        question = {"version": head, "method": name.split()[0], "parameters": parameters}
        for cache in (label_cache, voxel_cache):  # empty, as after a restart
            cache._items.clear()
            cache._size = 0
        times = [_ask(reader, read, question) for _ in range(4)]
        limit = LIMIT_WHOLE_BODY_S if name.startswith("whole_body") else LIMIT_LOCAL_S
        slow += min(times[1:]) > limit
        print(
            f"{name:26s} first {times[0] * 1000:8.0f} ms   next {min(times[1:]) * 1000:8.0f} ms"
            f"   limit {limit * 1000:5.0f} ms",
            flush=True,
        )
    return 1 if slow else 0


def _open(grid: Grid) -> tuple[Any, Any, str, list[tuple[int, int, int]]]:
    from annotations.accounts.models import Role
    from annotations.segmentations.selectors import head_version
    from tests.builders import make_reader_study, make_suv, make_user, make_volume, model_version
    from tests.reads.scenes import Reader

    stored, labels, centres = scan(grid)
    volume = make_volume(grid, stored=stored)
    make_suv(volume)
    model_version(volume, labels)
    user = make_user("reader", Role.READER)
    plan = make_reader_study(readers=[user], studies=[volume.series.study])
    reader = Reader(user)
    read = reader.open(plan.assignments.get())
    return reader, read, str(head_version(read.segmentation).pk), centres


def _ask(reader: Any, read: Any, question: dict[str, Any]) -> float:
    begin = time.perf_counter()
    answer = reader.post(f"reads/{read.pk}/proposals/", question)
    spent = time.perf_counter() - begin
    assert answer.status_code == 200, answer.json()
    assert base64.b64decode(answer.json()["patch"])
    return spent


if __name__ == "__main__":
    sys.exit(main())
