"""Pictures of the reading room's states for the docs, of phantoms only.

python -m tests.e2e.take_screenshots [folder, default docs/images/reading-room]
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.e2e.app import ROOT, App, running_app
from tests.e2e.cases import (
    import_cases,
    lock_study,
    make_phantom,
    other_frame,
    study_uid,
    tilted,
    variant,
    without_weight,
)
from tests.e2e.get_browser import CHROMIUM_FLAGS, system_chromium
from tests.e2e.reading import ReadingRoom, sign_in
from tests.e2e.test_nothing_lost import open_case, paint


class Camera:
    def __init__(self, app: App, browser: Browser, folder: Path, cases: dict[str, str]) -> None:
        self.app, self.browser, self.folder, self.cases = app, browser, folder, cases

    def open(self, case: str, **context: object) -> ReadingRoom:
        page = sign_in(
            self.browser, self.app, "reader", **{"viewport": {"width": 1400, "height": 900}, **context}
        )
        return open_case(page, self.app, self.cases[case])

    def take(self, room: ReadingRoom, name: str) -> None:
        room.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        room.page.screenshot(path=self.folder / f"{name}.png")
        print(f"{name}.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as work,
        running_app(Path(work) / "home", "--without-demo-data") as app,
        sync_playwright() as playwright,
    ):
        cases = prepare(app, Path(work))
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=CHROMIUM_FLAGS)
        camera = Camera(app, browser, folder, cases)
        for picture in (layouts, states, nothing_lost, sizes, finishing, failing):
            picture(camera)
        browser.close()


def prepare(app: App, work: Path) -> dict[str, str]:
    phantom = make_phantom(app, work / "made")
    made = [
        variant(phantom, work, "WHOLE"),
        variant(phantom, work, "PETONLY", ct=None),
        variant(phantom, work, "PARTCT", ct=slice(0, 110)),
        variant(phantom, work, "FRAMES", change_ct=other_frame),
        variant(phantom, work, "NOSUV", ct=None, change_pt=without_weight),
        variant(phantom, work, "TWOSLICES", pt=slice(90, 92), ct=None),
        variant(phantom, work, "TILTED", ct=None, change_pt=tilted),
    ]
    import_cases(app, made, "Pictures")
    rows = lock_study(app, "Pictures")
    return {path.name: rows[study_uid(path.name)] for path in made}


def seed(room: ReadingRoom, *places: tuple[int, int, int]) -> None:
    for place in places:
        room.go_to(place)
        room.press("a")
        room.page.wait_for_function("window.petreview.preview()?.voxels > 0")
        room.press("Enter")
    room.press("x")
    room.wait_until_saved()


def layouts(camera: Camera) -> None:
    room = camera.open("WHOLE")
    page = room.page
    place = hottest(page, 40, 90)
    room.go_to(place)
    room.press("a")
    page.wait_for_function("window.petreview.preview()?.voxels > 0")
    camera.take(room, "preview")
    room.press("Escape")
    seed(room, place, hottest(page, 100, 150))
    camera.take(room, "review")
    room.press("l")
    camera.take(room, "quad")
    room.press("l")
    camera.take(room, "mip-first")
    room.press("l")
    room.press("v")
    camera.take(room, "one-up")
    room.press("v")
    room.press("c")
    camera.take(room, "ct-alone")
    room.press("c")
    room.press("?")
    camera.take(room, "keys")
    room.press("Escape")
    room.press("Shift+P")
    camera.take(room, "paused")
    page.context.close()


def states(camera: Camera) -> None:
    for case, name in {
        "PETONLY": "pet-without-ct",
        "PARTCT": "ct-of-a-part",
        "FRAMES": "other-frame",
        "NOSUV": "no-suv",
        "TWOSLICES": "two-slices",
        "TILTED": "tilted",
    }.items():
        room = camera.open(case)
        if case == "PARTCT":
            room.go_to((64, 64, 150), "axialFused")
        camera.take(room, name)
        room.page.context.close()


def nothing_lost(camera: Camera) -> None:
    room = camera.open("TILTED")
    page = room.page
    page.context.set_offline(True)
    paint(room, 1)
    expect(page.get_by_test_id("kept-here")).to_be_visible()
    camera.take(room, "offline")
    page.context.set_offline(False)
    room.wait_until_saved()
    tab = page.context.new_page()
    tab.goto(page.url)
    other = ReadingRoom(tab)
    other.wait_until_ready()
    camera.take(other, "second-tab")
    tab.close()
    page.context.clear_cookies()
    paint(room, 3)
    expect(page.get_by_test_id("signed-out")).to_be_visible()
    camera.take(room, "signed-out")
    page.context.close()


def sizes(camera: Camera) -> None:
    for width, height in ((1280, 720), (3840, 2160)):
        room = camera.open("WHOLE", viewport={"width": width, "height": height})
        camera.take(room, f"{width}x{height}")
        room.page.context.close()
    room = without_webgl(camera)
    camera.take(room, "without-webgl")
    room.page.context.close()


def without_webgl(camera: Camera) -> ReadingRoom:
    page = sign_in(camera.browser, camera.app, "reader", viewport={"width": 1400, "height": 900})
    page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); }"
    )
    return open_case(page, camera.app, camera.cases["WHOLE"])


def finishing(camera: Camera) -> None:
    room = camera.open("PETONLY")
    page = room.page
    paint(room, 2)
    room.wait_until_saved()
    page.get_by_test_id("segmentation-final").click()
    camera.take(room, "final")
    page.get_by_test_id("confirm-final").click()
    page.get_by_test_id("submit").click()
    camera.take(room, "submit")
    page.get_by_test_id("confirm-submit").click()
    expect(page.get_by_test_id("submitted")).to_be_visible()
    camera.take(room, "submitted")
    page.context.close()


def failing(camera: Camera) -> None:
    room = camera.open("WHOLE")
    page = room.page
    read = page.request.get(f"{camera.app.url}/api/reads/{page.url.rsplit('/', 1)[1]}/").json()
    fail: Callable[[Route], None] = lambda route: route.abort()  # noqa: E731  # a handler of one line
    page.route(f"**/api/volumes/{read['ct_volume']}/**", fail)
    page.reload()
    room.wait_until_ready()
    camera.take(room, "ct-failed")
    page.route(f"**/api/volumes/{read['pet_volume']}/**", fail)
    page.reload()
    expect(page.get_by_test_id("problem")).to_be_visible()
    camera.take(room, "everything-failed")
    page.context.close()


def hottest(page: Page, low: int, high: int) -> tuple[int, int, int]:
    """The voxel of the largest value between two slices."""
    script = """([low, high]) => {
        const [nx, ny] = window.petreview.shape();
        let best = [0, 0, 0], most = 0;
        for (let z = low; z < high; z += 2) for (let y = 10; y < ny - 10; y++)
            for (let x = 10; x < nx - 10; x++) {
                const value = window.petreview.petAt(x, y, z);
                if (value > most) { most = value; best = [x, y, z]; }
            }
        return best;
    }"""
    x, y, z = page.evaluate(script, [low, high])
    return int(x), int(y), int(z)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images/reading-room")
