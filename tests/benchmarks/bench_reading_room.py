"""How long the reading room lets a reader wait, in a real Chromium with software rendering.

    python -m tests.benchmarks.bench_reading_room [--size small|full] [--opens 5]

Prints, as medians over several openings of one phantom: click to first MIP, to all PET planes, to CT;
then the time of a save until the server acknowledged it, and the memory of web server and worker.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.app import App, running_app
from tests.e2e.get_browser import CHROMIUM_FLAGS, system_chromium
from tests.e2e.reading import ReadingRoom, sign_in

PLAN = """
from annotations.models import Project, User
from annotations.reads.services import create_reader_study, lock_plan
by = User.objects.get(username="coordinator")
project = Project.objects.get(name="Benchmark")
study = create_reader_study(by=by, project=project, name="Benchmark", studies=list(project.studies.all()),
    readers=[User.objects.get(username="reader")], start="empty", seed=1)
lock_plan(plan=study.plans.get(), by=by, password="demo-coordinator", meaning="benchmark")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--opens", type=int, default=5)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "home", "--without-demo-data") as app,
        sync_playwright() as playwright,
    ):
        phantom = Path(folder) / "phantom"
        app.manage(
            "make_phantom", "--seed", "9001", "--size", chosen.size, "--out", str(phantom), timeout=900
        )
        app.manage("import_dicom", str(phantom / "PT"), str(phantom / "CT"), "--project", "Benchmark")
        app.manage("shell", "-c", PLAN)
        chromium = playwright.chromium.launch(executable_path=system_chromium(), args=CHROMIUM_FLAGS)
        page = sign_in(chromium, app, "reader", viewport={"width": 1400, "height": 900})
        result = {"size": chosen.size, **measure_openings(page, chosen.opens), **measure_saves(page)}
        print(json.dumps({**result, **memory_of(app)}, indent=2))


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
