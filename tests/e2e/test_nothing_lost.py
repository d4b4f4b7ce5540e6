"""What was drawn is never lost: offline, a killed server, a second tab, another place, a crash, a sign-out.

Whether something is stored is read from the server; where it lies in the meantime is read from the screen.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.app import ROOT, App, wait_until_up
from tests.e2e.cases import import_cases, lock_study, make_phantom, variant
from tests.e2e.get_browser import CHROMIUM_FLAGS, system_chromium
from tests.e2e.reading import ReadingRoom, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CASES = 6


@pytest.fixture(scope="module")
def assignments(app: App, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """One case a test, PET alone."""
    folder = tmp_path_factory.mktemp("phantom")
    phantom = make_phantom(app, folder / "made")
    made = [variant(phantom, folder, f"LOST{n}", ct=None) for n in range(CASES)]
    import_cases(app, made, "Lost")
    return list(lock_study(app, "Lost").values())


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    """A reader's own browser; closed afterwards, or later tests would find the read open elsewhere."""
    signed_in = sign_in(browser, app, "reader")
    yield signed_in
    signed_in.context.close()


def open_case(page: Page, app: App, assignment: str) -> ReadingRoom:
    opened = page.evaluate(
        """async id => {
            const { csrf_token } = await (await fetch('/api/session/')).json();
            const given = { method: 'POST', headers: { 'X-CSRFToken': csrf_token } };
            const answer = await fetch(`/api/assignments/${id}/open/`, given);
            return (await answer.json()).id;
        }""",
        assignment,
    )
    page.goto(f"{app.url}/reads/{opened}")
    room = ReadingRoom(page)
    room.wait_until_ready()
    return room


def paint(room: ReadingRoom, number: int) -> None:
    """A dot of the brush, each at a place of its own: a new lesion."""
    page, before = room.page, len(room.labels())
    room.press("b")
    box = page.get_by_test_id("pane-axialPet").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60 + 40 * number, box["y"] + 80)
    page.wait_for_function("n => Object.keys(window.petreview.labels()).length === n", arg=before + 1)


def waiting(room: ReadingRoom) -> int:
    return len(room.page.evaluate("window.petreview.versions().waiting"))


def stored_head(room: ReadingRoom, app: App) -> dict:
    read = room.page.url.rstrip("/").rsplit("/", 1)[1]
    answer: dict = room.page.request.get(f"{app.url}/api/reads/{read}/").json()
    return answer["head"]


def lesions_on_server(room: ReadingRoom, app: App) -> int:
    return sum(lesion["status"] != "deleted" for lesion in stored_head(room, app)["lesions"])


def test_edits_drawn_offline_wait_in_the_browser_and_are_sent(
    page: Page, app: App, assignments: list[str]
) -> None:
    room = open_case(page, app, assignments[0])
    paint(room, 0)
    room.wait_until_saved()
    page.context.set_offline(True)
    paint(room, 1)
    paint(room, 2)
    expect(page.get_by_test_id("kept-here")).to_contain_text("2 edits are kept in this browser")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "local")
    assert waiting(room) == 2
    page.context.set_offline(False)
    room.wait_until_saved()
    expect(page.get_by_test_id("kept-here")).to_have_count(0)
    assert lesions_on_server(room, app) == 3
    assert stored_head(room, app)["id"] == page.evaluate("window.petreview.versions().head")


def test_a_second_tab_is_told_at_once_and_may_look_only(page: Page, app: App, assignments: list[str]) -> None:
    room = open_case(page, app, assignments[1])
    paint(room, 0)
    room.wait_until_saved()
    second = page.context.new_page()
    second.goto(page.url)
    other = ReadingRoom(second)
    other.wait_until_ready()
    expect(second.get_by_test_id("edited-elsewhere")).to_contain_text("another tab")
    second.keyboard.press("b")
    box = second.get_by_test_id("pane-axialPet").bounding_box()
    assert box is not None
    second.mouse.click(box["x"] + 200, box["y"] + 80)
    expect(second.get_by_test_id("message")).to_contain_text("edited elsewhere")
    assert len(other.labels()) == 1
    # Taken over: now the first tab looks on and nothing of it is lost.
    second.get_by_test_id("edit-here").click()
    expect(page.get_by_test_id("edited-elsewhere")).to_contain_text("another tab")
    expect(second.get_by_test_id("edited-elsewhere")).to_have_count(0)
    other.wait_until_ready()
    paint(other, 1)
    other.wait_until_saved()
    assert lesions_on_server(other, app) == 2
    # The first tab gets the read back, with the newest state, when the second one leaves.
    second.close()
    expect(page.get_by_test_id("edited-elsewhere")).to_have_count(0, timeout=20_000)
    page.wait_for_function("window.petreview && Object.keys(window.petreview.labels()).length === 2")


def test_another_place_is_told_and_a_stale_edit_is_kept_as_a_file(
    page: Page, browser: Browser, app: App, assignments: list[str]
) -> None:
    here = page
    room = open_case(here, app, assignments[2])
    # The server knows of this place from its first poll on: only then is the other one the later.
    here.wait_for_event("response", lambda answer: answer.url.endswith("/events/") and answer.ok)
    there = sign_in(browser, app, "reader")
    there.goto(here.url)
    far = ReadingRoom(there)
    far.wait_until_ready()
    expect(there.get_by_test_id("edited-elsewhere")).to_contain_text("another place", timeout=15_000)
    expect(here.get_by_test_id("message")).to_contain_text("another place", timeout=15_000)
    here.context.set_offline(True)
    paint(room, 0)
    there.get_by_test_id("edit-here").click()
    expect(there.get_by_test_id("edited-elsewhere")).to_have_count(0)
    far.wait_until_ready()
    paint(far, 1)
    far.wait_until_saved()
    # The first place comes back: what it drew does not fit any more, is not sent and not lost.
    here.context.set_offline(False)
    expect(here.get_by_test_id("conflict")).to_contain_text("One edit of this tab", timeout=40_000)
    with here.expect_download() as download:
        here.get_by_test_id("conflict-keep").click()
    kept = json.loads(Path(download.value.path()).read_text())
    assert len(kept["edits"]) == 1
    here.get_by_test_id("conflict-reload").click()
    room.wait_until_ready()
    expect(here.get_by_test_id("set-aside")).to_be_visible()
    assert lesions_on_server(room, app) == 1
    assert room.labels() == far.labels()
    there.context.close()


def test_a_session_that_ends_in_mid_read_asks_to_sign_in_and_goes_on(
    page: Page, app: App, assignments: list[str]
) -> None:
    room = open_case(page, app, assignments[3])
    page.context.clear_cookies()
    paint(room, 0)
    expect(page.get_by_test_id("signed-out")).to_contain_text("One edit is kept in this browser")
    assert len(room.labels()) == 1
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("User name")).to_have_value("reader")
    dialog.get_by_label("Password").fill("demo-coordinator")
    dialog.get_by_label("User name").fill("coordinator")
    page.get_by_test_id("sign-in-again").click()
    expect(dialog.get_by_role("alert")).to_contain_text("belongs to someone else")
    assert waiting(room) == 1
    dialog.get_by_label("User name").fill("reader")
    dialog.get_by_label("Password").fill("demo-reader")
    page.get_by_test_id("sign-in-again").click()
    expect(page.get_by_test_id("signed-out")).to_have_count(0)
    room.wait_until_saved()
    assert lesions_on_server(room, app) == 1


def test_a_browser_without_storage_says_that_edits_live_in_memory_only(
    page: Page, app: App, assignments: list[str]
) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    room = open_case(page, app, assignments[4])
    expect(page.get_by_test_id("memory-only")).to_contain_text("keeps nothing on its disk")
    page.context.set_offline(True)
    paint(room, 0)
    expect(page.get_by_test_id("save-state")).to_have_text(re.compile("In memory only"))
    expect(page.get_by_test_id("kept-here")).to_contain_text("lives in this page only")
    page.context.set_offline(False)
    room.wait_until_saved()
    assert lesions_on_server(room, app) == 1


@contextmanager
def crashing_browser(folder: Path) -> Iterator[Page]:
    """A Chromium whose profile survives it."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=system_chromium(),
            args=CHROMIUM_FLAGS,
            viewport={"width": 1200, "height": 760},
        )
        yield context.pages[0]
        context.close()


CRASH = """
import sys
sys.path.insert(0, {root!r})
from tests.e2e.test_nothing_lost import crash_part
crash_part(*sys.argv[1:])
"""


def crash_part(step: str, profile: str, url: str, assignment: str) -> None:
    """Draws offline and is killed, or comes back. A process of its own: Playwright dies with it."""
    app = App(url, Path(profile), {}, None)  # type: ignore[arg-type]  # only its address is used
    with crashing_browser(Path(profile)) as page:
        page.set_default_timeout(60_000)
        if step == "crash":
            page.goto(url)
            page.get_by_label("User name").fill("reader")
            page.get_by_label("Password").fill("demo-reader")
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            room = open_case(page, app, assignment)
            paint(room, 0)
            room.wait_until_saved()
            page.context.set_offline(True)
            paint(room, 1)
            expect(page.get_by_test_id("kept-here")).to_be_visible()
            print(json.dumps({"url": page.url, "labels": room.labels()}), flush=True)
            for pid in browser_pids(profile):
                os.kill(pid, signal.SIGKILL)
            os._exit(0)
        page.goto(url)
        # A browser writes its cookies to disk every half minute: after a crash it may be signed out.
        user_name, sign_out = page.get_by_label("User name"), page.get_by_role("button", name="Sign out")
        expect(user_name.or_(sign_out)).to_be_visible(timeout=30_000)
        if user_name.is_visible():
            user_name.fill("reader")
            page.get_by_label("Password").fill("demo-reader")
            page.get_by_role("button", name="Sign in", exact=True).click()
            expect(sign_out).to_be_visible()
        room = open_case(page, app, assignment)
        room.wait_until_saved()
        expect(page.get_by_test_id("edited-elsewhere")).to_have_count(0)
        found = {"url": page.url, "labels": room.labels(), "stored": lesions_on_server(room, app)}
        print(json.dumps(found), flush=True)


def browser_pids(profile: str) -> list[int]:
    """Every process of the browser that was started with this profile."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in command:
            found.append(int(folder.name))
    return found


def test_a_crash_of_the_browser_comes_back_to_the_last_edit(
    app: App, assignments: list[str], tmp_path: Path
) -> None:
    def part(step: str) -> dict:
        script = CRASH.format(root=str(ROOT))
        said = subprocess.run(
            [sys.executable, "-c", script, step, str(tmp_path), app.url, assignments[5]],
            capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
        )  # fmt: skip
        assert said.stdout, said.stderr[-3000:]
        answer: dict = json.loads(said.stdout.splitlines()[-1])
        return answer

    drawn = part("crash")
    back = part("back")
    assert len(drawn["labels"]) == 2
    assert back["labels"] == drawn["labels"]
    assert back["stored"] == 2


def test_a_server_that_is_killed_and_started_again_gets_what_was_drawn_meanwhile(
    page: Page, app: App, assignments: list[str]
) -> None:
    """The last of the module: it starts the server anew."""
    room = open_case(page, app, assignments[0])
    before = len(room.labels())
    kill(app)
    paint(room, 4)
    expect(page.get_by_test_id("kept-here")).to_contain_text("kept in this browser")
    port = app.url.rsplit(":", 1)[1]
    app.process = subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", port, "--without-demo-data"],
        cwd=ROOT, env=app.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    wait_until_up(app, 60)
    room.wait_until_saved()
    assert lesions_on_server(room, app) == before + 1


def kill(app: App) -> None:
    """The supervisor and what it has started, without a farewell."""
    group = [app.process.pid, *descendants(app.process.pid)]
    for pid in group:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    app.process.wait(10)
    if app.process.stdout:
        app.process.stdout.close()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in group) and time.monotonic() < deadline:
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found
