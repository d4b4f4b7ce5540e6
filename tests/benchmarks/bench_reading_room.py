"""How long the reading room lets a reader wait, in a real Chromium with software rendering.

    python -m tests.benchmarks.bench_reading_room [--size small|full|largest] [--opens 5] [--edits 0]

Prints, as medians over several openings of one phantom: click to first MIP, to all PET planes, to CT and
the longest stall while the CT comes; delete, a step of the seed's threshold and the projection of labels,
script and frame apart; seeds that the server computes; a save until the server acknowledged it; resident
memory of the tab, of web server and worker; and with --edits N what N edits take of the store. "largest" is
PET 326x400x400 with CT 600x512x512 of noise about a hot ball: what the memory is measured on.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.e2e.app import App, running_app
from tests.e2e.get_browser import CHROMIUM_FLAGS, system_chromium
from tests.e2e.reading import ReadingRoom, sign_in

PLAN = """
from annotations.models import Project, User
from annotations.reads.services import create_reader_study, lock_plan, routine_design
by = User.objects.get(username="coordinator")
project = Project.objects.get(name="Benchmark")
design = routine_design(studies=list(project.studies.all()), start="empty", seed=1,
    readers=[User.objects.get(username="reader")])
study = create_reader_study(by=by, project=project, name="Benchmark", design=design)
lock_plan(plan=study.plans.get(), by=by, password="demo-coordinator", meaning="benchmark")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=["small", "full", "largest"], default="small")
    parser.add_argument("--opens", type=int, default=5)
    parser.add_argument("--edits", type=int, default=0, help="brush strokes to measure the store by")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "home", "--without-demo-data") as app,
        sync_playwright() as playwright,
    ):
        make_case(app, Path(folder) / "phantom", chosen.size)
        app.manage("shell", "-c", PLAN)
        profile = str(Path(folder) / "profile")
        flags = [*CHROMIUM_FLAGS, f"--crash-dumps-dir={profile}"]
        chromium = playwright.chromium.launch(executable_path=system_chromium(), args=flags)
        page = sign_in(chromium, app, "reader", viewport={"width": 1400, "height": 900})
        page.add_init_script(WATCH)
        result = {"size": chosen.size, **measure_openings(page, chosen.opens), **stalls_of(page)}
        result |= measure_edits(page) | measure_proposals(page) | measure_saves(page)
        if chosen.edits:
            result |= measure_store(page, app, chosen.edits)
        print(json.dumps({**result, **tab_memory(profile), **memory_of(app)}, indent=2))


LARGEST = """
import numpy as np
from annotations.imaging.geometry import Grid
from annotations.models import Project
from annotations.studies.models import Patient, Series, Study, Volume
from tests.builders import add_volume, make_suv, make_volume
rng = np.random.default_rng(1)
def ball(shape, height, noise):
    z, y, x = np.ogrid[tuple(slice(0, n) for n in shape)]
    inside = sum(((axis - n / 2) / 8.0) ** 2 for axis, n in zip((z, y, x), shape)) < 1
    body = sum(((axis - n / 2) / (n * 0.32)) ** 2 for axis, n in zip((y, x), shape[1:])) < 1
    values = (rng.integers(0, noise, size=shape, dtype=np.int16) * body).astype(np.int16)
    values[inside] = height
    return values
pet = Grid((326, 400, 400), (2.04, 2.04, 3.0), (-407.0, -407.0, -970.0))
ct = Grid((600, 512, 512), (1.6, 1.6, 1.63), (-408.8, -408.8, -970.0))
project = Project.objects.create(name="Benchmark", is_synthetic=True)
volume = make_volume(pet, project=project, stored=ball(pet.shape_zyx, 8000, 1000))
make_suv(volume, 0.001)
add_volume(volume.series.study, ct, modality="CT", stored=ball(ct.shape_zyx, 1000, 200))
"""


def make_case(app: App, folder: Path, size: str) -> None:
    if size == "largest":
        app.manage("shell", "-c", LARGEST, timeout=900)
        return
    app.manage("make_phantom", "--seed", "9001", "--size", size, "--out", str(folder), timeout=900)
    app.manage("import_dicom", str(folder / "PT"), str(folder / "CT"), "--project", "Benchmark", timeout=900)


def measure_openings(page: Page, count: int) -> dict[str, float]:
    """Medians in ms since the room was opened; the browser's cache is warm after the first one."""
    page.get_by_role("button", name="Open case").first.click()
    room, marks = ReadingRoom(page), []
    for _ in range(count):
        room.wait_until_ready()
        marks.append(page.evaluate("window.petreview.marks()"))
        page.reload()
    room.wait_until_ready()
    names = {"mip": "first_mip_ms", "pet": "all_pet_planes_ms", "ready": "with_ct_ms"}
    # The largest case has no MIP.
    names = {mark: name for mark, name in names.items() if mark in marks[0]}
    first = {f"cold_{name}": marks[0][mark] for mark, name in names.items()}
    return first | {
        name: statistics.median(m[mark] for m in marks[1:] or marks) for mark, name in names.items()
    }


def measure_saves(page: Page, count: int = 10) -> dict[str, float]:
    """A stroke of the brush until the server has it, ms, and the label projection on the MIP."""
    room, times = ReadingRoom(page), []
    room.press("b")
    box = page.get_by_test_id("pane-axialPet").bounding_box()
    assert box is not None
    for number in range(count):
        before = page.evaluate("window.petreview.versions().head")
        page.mouse.click(box["x"] + box["width"] / 2 - 60 + 12 * number, box["y"] + box["height"] / 2)
        started = time.monotonic()
        page.wait_for_function(
            "b => { const v = window.petreview.versions(); return v.head !== b && v.stored }", arg=before
        )
        times.append((time.monotonic() - started) * 1000)
    return {
        "save_acknowledged_ms": statistics.median(times),
        "label_projection_ms": page.evaluate("window.petreview.marks().projection"),
    }


# Time in our own code (the event's listeners and the frame callbacks that follow) apart from the time until
# the second frame after it stands on the screen, which software rendering makes long.
PROBE = """
async ([target, kind, init, settled]) => {
    const element = target ? document.querySelector(target) : window;
    const Kind = kind.startsWith('key') ? KeyboardEvent : kind === 'wheel' ? WheelEvent : PointerEvent;
    const real = window.requestAnimationFrame;
    let script = 0;
    window.requestAnimationFrame = call => real(at => {
        const from = performance.now(); call(at); script += performance.now() - from;
    });
    const from = performance.now();
    element.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...init }));
    script += performance.now() - from;
    const frame = () => new Promise(done => real(done));
    await frame(); await frame();
    while (settled && !new Function('return ' + settled)()) await frame();
    window.requestAnimationFrame = real;
    return [script, performance.now() - from];
}
"""


def probe(page: Page, target: str, kind: str, init: dict[str, Any], settled: str = "") -> tuple[float, float]:
    script, frame = page.evaluate(PROBE, [target, kind, init, settled])
    return script, frame


def measure_edits(page: Page, count: int = 8) -> dict[str, float]:
    """Medians in ms: delete to repaint, a step of the seed's threshold, script and frame apart."""
    room, deletes, steps = ReadingRoom(page), [], []
    hot = page.evaluate(HOTTEST)
    room.press("x")
    for _ in range(count):
        room.go_to(tuple(hot), "axialPet")
        room.press("a")
        page.wait_for_function("window.petreview.preview()?.voxels > 0")
        x, y = room.point_of(tuple(hot), "axialPet")
        wheel = {"ctrlKey": True, "deltaY": 100, "clientX": x, "clientY": y}
        steps.append(probe(page, "[data-pane=axialPet] canvas[aria-label]", "wheel", wheel))
        room.press("Enter")
        page.wait_for_function("window.petreview.preview() === null")
        deletes.append(probe(page, "", "keydown", {"key": "Delete"}))
        room.wait_until_saved()
        room.press("Escape")
    found = {}
    for name, rows in (("delete", deletes), ("seed_step", steps)):
        found[f"{name}_script_ms"] = statistics.median(script for script, _ in rows)
        found[f"{name}_frame_ms"] = statistics.median(frame for _, frame in rows)
    return found


HOTTEST = """() => {
    const [nx, ny, nz] = window.petreview.shape();
    let best = [0, 0, 0], most = 0;
    for (let z = 5; z < nz - 5; z += 3) for (let y = 20; y < ny - 20; y += 3)
        for (let x = 20; x < nx - 20; x += 3) {
            const value = window.petreview.petAt(x, y, z);
            if (value > most) { most = value; best = [x, y, z]; }
        }
    return best;
}"""

# Seconds of the server for a seed, asked as the room asks: the answer's whole way, without drawing it.
ASK = """
async ([read, method, parameters]) => {
    const { csrf_token } = await (await fetch('/api/session/')).json();
    const { head } = await (await fetch(`/api/reads/${read}/`)).json();
    const asked = { ...parameters, label: head.next_label };
    const body = JSON.stringify({ version: head.id, method, parameters: asked });
    const headers = { 'X-CSRFToken': csrf_token, 'Content-Type': 'application/json' };
    const from = performance.now();
    const answer = await fetch(`/api/reads/${read}/proposals/`, { method: 'POST', headers, body });
    await answer.text();
    return [answer.status, performance.now() - from];
}
"""


def measure_proposals(page: Page) -> dict[str, float]:
    """ms of a gradient seed and of FLAB in a sphere of 30 mm about the hottest voxel, from the server."""
    read = page.url.rstrip("/").rsplit("/", 1)[1]
    hot = page.evaluate(HOTTEST)
    questions = {
        "gradient": ("seed_gradient", {"seed_xyz": hot, "stop_radius_mm": 60}),
        "flab": ("seed_flab", {"seed_xyz": hot, "radius_mm": 30}),
    }
    found = {}
    for name, (method, parameters) in questions.items():
        asked = [page.evaluate(ASK, [read, method, parameters]) for _ in range(3)]
        if all(status == 200 for status, _ in asked):
            found[f"{name}_ms"] = statistics.median(ms for _, ms in asked)
    return found


# Stalls between the first PET planes and the CT: tasks of the main thread, and gaps between frames.
WATCH = """
window.stalls = { task: 0, frame: 0 };
const coming = () => document.documentElement.dataset.viewer === 'pet';
new PerformanceObserver(list => list.getEntries().forEach(one => {
    if (coming()) stalls.task = Math.max(stalls.task, one.duration);
})).observe({ entryTypes: ['longtask'] });
let last = 0;
(function tick(now) {
    if (last && coming()) stalls.frame = Math.max(stalls.frame, now - last);
    last = now;
    requestAnimationFrame(tick);
})(0);
"""


def stalls_of(page: Page) -> dict[str, float]:
    found = page.evaluate("window.stalls")
    return {"ct_longest_task_ms": found["task"], "ct_longest_frame_ms": found["frame"]}


def tab_memory(mark: str) -> dict[str, float]:
    """Resident MB, now and at most, of the largest renderer and of the GPU process.

    mark: on the command line of the browser that is meant.
    """
    found: dict[str, float] = {}
    rows = processes()
    ours = {pid for pid, (_, command, _) in rows.items() if mark in command}
    while grown := {pid for pid, (parent, _, _) in rows.items() if parent in ours} - ours:
        ours |= grown
    for pid in ours:
        _, command, status = rows[pid]
        kind = next((kind for kind in ("renderer", "gpu") if f"--type={kind}" in command), None)
        for name, key in (("VmRSS", ""), ("VmHWM", "_peak")) if kind else ():
            entry = f"{kind}{key}_mb"
            found[entry] = max(found.get(entry, 0.0), int(status.get(name, "0").split()[0]) / 1024)
    return found


def processes() -> dict[int, tuple[int, str, dict[str, str]]]:
    """Parent, command line and status of every process."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            status = dict(row.split(":\t", 1) for row in (folder / "status").read_text().splitlines())
        except (OSError, ValueError):
            continue
        found[int(folder.name)] = (int(status["PPid"]), command, status)
    return found


def measure_store(page: Page, app: App, edits: int) -> dict[str, float]:
    """MB of the store that edits of a brush take, a new place each."""
    before = store_bytes(app)
    measure_saves(page, count=edits)
    return {"edits": edits, "store_mb_of_the_edits": (store_bytes(app) - before) / 1e6}


def store_bytes(app: App) -> int:
    return sum(path.stat().st_size for path in (app.home / "store").rglob("*") if path.is_file())


def memory_of(app: App) -> dict[str, float]:
    """Resident memory in MB of each process of the app, the largest of its kind."""
    found: dict[str, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"PETREVIEW_HOME={app.home}".encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            command = (folder / "cmdline").read_bytes().decode()
            pages = int((folder / "statm").read_text().split()[1])
        except OSError:
            continue
        kind = "web" if "uvicorn" in command else "worker" if "worker" in command else "supervisor"
        found[f"{kind}_mb"] = max(found.get(f"{kind}_mb", 0.0), pages * 4096 / 2**20)
    return found


if __name__ == "__main__":
    main()
