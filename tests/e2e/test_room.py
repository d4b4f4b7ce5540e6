"""The reading room: layouts, keys, window, MIP, finish, next case, and every state it was designed for."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.app import App
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
from tests.e2e.reading import ReadingRoom, sign_in
from tests.e2e.test_nothing_lost import open_case, paint

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WHOLE, PET_ONLY, PART_CT, FRAMES, NO_SUV, TWO_SLICES, TILTED = (
    "WHOLE", "PETONLY", "PARTCT", "FRAMES", "NOSUV", "TWOSLICES", "TILTED"
)  # fmt: skip


@pytest.fixture(scope="module")
def cases(app: App, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Assignment of each case. Slices 40 to 140 of the PET keep the module quick."""
    folder = tmp_path_factory.mktemp("cases")
    phantom = make_phantom(app, folder / "made")
    few, ct = slice(40, 140), slice(50, 175)
    made = [
        variant(phantom, folder, WHOLE, pt=few, ct=ct),
        variant(phantom, folder, PET_ONLY, pt=few, ct=None),
        variant(phantom, folder, PART_CT, pt=few, ct=slice(50, 90)),
        variant(phantom, folder, FRAMES, pt=few, ct=ct, change_ct=other_frame),
        variant(phantom, folder, NO_SUV, pt=few, ct=None, change_pt=without_weight),
        variant(phantom, folder, TWO_SLICES, pt=slice(90, 92), ct=None),
        variant(phantom, folder, TILTED, pt=few, ct=None, change_pt=tilted),
    ]
    import_cases(app, made, "Room")
    rows = lock_study(app, "Room", ask_site=True)
    return {path.name: rows[study_uid(path.name)] for path in made}


@pytest.fixture(scope="module")
def reader(browser: Browser, app: App) -> Page:
    return sign_in(browser, app, "reader", viewport={"width": 1400, "height": 900})


def shown(page: Page) -> set[str]:
    """Panes that stand on the screen."""
    return set(
        page.evaluate(
            "[...document.querySelectorAll('[data-pane]')]"
            ".filter(e => getComputedStyle(e).visibility === 'visible').map(e => e.dataset.pane)"
        )
    )


def note(page: Page, pane: str) -> str:
    return page.get_by_test_id(f"pane-{pane}").inner_text()


def point_at(page: Page, pane: str, dx: float = 0, dy: float = 0) -> None:
    box = page.get_by_test_id(f"pane-{pane}").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)


def test_layouts_and_one_pane_large_and_back_at_the_same_zoom(
    reader: Page, app: App, cases: dict[str, str]
) -> None:
    room = open_case(reader, app, cases[WHOLE])
    planes = {"axialFused", "coronalPet", "axialPet", "sagittalFused"}
    assert shown(reader) == {"mip", *planes}
    room.press("l")
    assert shown(reader) == planes
    room.press("l")
    assert shown(reader) == {"mip", "axialFused", "axialPet"}
    room.press("l")
    scale = "window.petreview.canvasPointOf('axialPet', window.petreview.worldOf(80, 64, 50))"
    first = reader.evaluate(scale)
    point_at(reader, "axialPet", 30, 20)
    reader.mouse.down(button="right")
    point_at(reader, "axialPet", 30, -60)
    reader.mouse.up(button="right")
    zoomed = reader.evaluate(scale)
    assert zoomed != first
    reader.mouse.dblclick(*centre(reader, "axialPet"))
    assert shown(reader) == {"axialPet"}
    reader.mouse.dblclick(*centre(reader, "axialPet"))
    assert shown(reader) == {"mip", *planes}
    assert reader.evaluate(scale) == zoomed
    room.press("r")
    reader.wait_for_function(
        f"JSON.stringify({scale}) === {json.dumps(json.dumps(first, separators=(',', ':')))}"
    )


def centre(page: Page, pane: str) -> tuple[float, float]:
    box = page.get_by_test_id(f"pane-{pane}").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_windows_fusion_and_ct_by_keys_are_told_on_every_pane(reader: Page) -> None:
    room = ReadingRoom(reader)
    for key, text in {
        "1": "SUV 0–3",
        "5": "SUV 0–15",
        "8": "SUV 0–50",
        "9": "SUV 0–8",
        "0": "SUV 0–15",
    }.items():
        room.press(key)
        for pane in ("mip", "axialFused", "coronalPet", "axialPet", "sagittalFused"):
            assert text in note(reader, pane)
    room.press("Shift+Digit2")
    assert "CT 1500/-600" in note(reader, "axialFused")
    room.press("Shift+Digit1")
    assert "CT 400/40 · 50:50" in note(reader, "axialFused")
    room.press(".")
    assert "60:40" in note(reader, "sagittalFused")
    room.press(",")
    room.press("c")
    assert "CT alone" in note(reader, "axialFused")
    room.press("c")
    # Dragging with the window tool changes SUV bounds in small steps.
    room.press("w")
    point_at(reader, "axialPet")
    reader.mouse.down()
    point_at(reader, "axialPet", 0, 40)
    reader.mouse.up()
    assert reader.evaluate("window.petreview.window().upper") == pytest.approx(
        15 * 2.718281828 ** (0.006 * 40), rel=1e-6
    )
    room.press("0")
    room.press("x")


def test_the_mip_plays_turns_and_takes_all_planes_along(reader: Page) -> None:
    room = ReadingRoom(reader)
    assert "MIP 0°" in note(reader, "mip")
    point_at(reader, "mip")
    reader.mouse.wheel(0, 100)
    assert "MIP 10°" in note(reader, "mip")
    room.press("ArrowLeft")
    assert "MIP 0°" in note(reader, "mip")
    room.press("j")
    expect(reader.get_by_test_id("mip-play")).to_contain_text("stop")
    reader.wait_for_function("!document.querySelector('[data-pane=mip]').innerText.includes('MIP 0°')")
    room.press("j")
    while "MIP 0°" not in note(reader, "mip"):
        room.press("ArrowRight")
    before = reader.evaluate("window.petreview.cursor()")
    x, y = reader.evaluate("window.petreview.canvasPointOf('mip', window.petreview.worldOf(80, 70, 60))")
    reader.mouse.click(x, y)
    after = reader.evaluate("window.petreview.cursor()")
    assert after != before
    assert abs(after[0] - 80) <= 1
    assert abs(after[2] - 60) <= 1


def test_space_hides_what_lies_over_the_images_and_f_fills(reader: Page) -> None:
    room = ReadingRoom(reader)
    point_at(reader, "coronalPet", 5, 5)

    def picture() -> bytes:
        reader.wait_for_timeout(0)
        reader.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return reader.get_by_test_id("pane-coronalPet").screenshot()

    seen = picture()
    reader.keyboard.down(" ")
    assert picture() != seen
    reader.keyboard.up(" ")
    assert picture() == seen
    expect(reader.get_by_test_id("readout")).to_have_text(re.compile(r"SUV \d+\.\d\d · .*mm"))
    room.press("f")
    room.press("f")


def test_every_key_of_the_table_does_something_and_every_control_has_a_name(reader: Page) -> None:
    room = ReadingRoom(reader)
    room.press("?")
    dialog = reader.get_by_role("dialog")
    expect(dialog).to_contain_text("Keys and mouse")
    expect(dialog).to_contain_text("SUV up to twice the threshold")
    room.press("Escape")
    nameless = reader.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, select, textarea, canvas, [role]')]
            .filter(e => e.checkVisibility() && !e.closest('[aria-hidden=true]'))
            .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.title ||
                e.innerText?.trim() || e.labels?.length))
            .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert [one for one in nameless if 'role="status"' not in one and "<input" not in one] == []
    # F6 brings the focus round the regions, and it is seen.
    for _ in range(4):
        room.press("F6")
        outline = reader.evaluate(
            "(s => s.outlineStyle + s.boxShadow)(getComputedStyle(document.activeElement))"
        )
        assert "solid" in outline or "auto" in outline or "rgb" in outline, outline
    reader.evaluate("document.activeElement.blur()")


def test_a_pause_covers_the_images_and_the_clock_knows(reader: Page, app: App) -> None:
    room = ReadingRoom(reader)
    room.press("Shift+P")
    expect(reader.get_by_test_id("paused")).to_be_visible()
    upper = reader.evaluate("window.petreview.window().upper")
    room.press("1")
    assert reader.evaluate("window.petreview.window().upper") == upper
    reader.get_by_test_id("go-on").click()
    expect(reader.get_by_test_id("paused")).to_have_count(0)
    read = reader.url.rsplit("/", 1)[1]
    reader.reload()
    room.wait_until_ready()
    said = app.manage(
        "shell",
        "-c",
        f"from annotations.models import Event; print([e.kind for e in Event.objects.filter(read='{read}')"
        ".order_by('page_load', 'sequence') if e.kind in ('pause_begin', 'pause_end', 'page_closed')])",
    )
    assert said.splitlines()[-1].count("'pause_begin', 'pause_end'") == 1
    assert "'page_closed'" in said


def test_states_without_or_with_half_a_ct_and_without_suv(
    reader: Page, app: App, cases: dict[str, str]
) -> None:
    open_case(reader, app, cases[PET_ONLY])
    assert "Axial PET, colour" in note(reader, "axialFused")
    expect(reader.get_by_test_id("tool-ct")).to_be_disabled()
    room = open_case(reader, app, cases[PART_CT])
    expect(reader.get_by_test_id("ct-gap").first).to_contain_text("CT does not reach here: it covers")
    room.go_to((64, 64, 10), "axialFused")
    expect(reader.get_by_test_id("pane-axialFused").get_by_test_id("ct-gap")).to_have_count(0)
    open_case(reader, app, cases[FRAMES])
    # A CT of another frame of reference is not enrolled with the PET: nothing is fused.
    assert "Axial PET, colour" in note(reader, "axialFused")
    room = open_case(reader, app, cases[NO_SUV])
    expect(reader.get_by_text("No valid SUV: shown in Bq/mL")).to_be_visible()
    assert "Bq/mL" in note(reader, "axialPet")
    room = open_case(reader, app, cases[TWO_SLICES])
    assert "/2" in note(reader, "axialPet")
    paint(room, 3)
    room.wait_until_saved()
    room = open_case(reader, app, cases[TILTED])
    paint(room, 3)
    room.wait_until_saved()


def test_a_ct_that_fails_does_not_stop_the_pet_and_a_pet_that_fails_says_so(
    reader: Page, app: App, cases: dict[str, str]
) -> None:
    case = open_case(reader, app, cases[WHOLE])
    address = reader.url
    read = reader.request.get(f"{app.url}/api/reads/{address.rsplit('/', 1)[1]}/").json()

    def fail(route: Route) -> None:
        route.abort()

    reader.route(f"**/api/volumes/{read['ct_volume']}/**", fail)
    reader.reload()
    case.wait_until_ready()
    expect(reader.get_by_test_id("ct-problem").first).to_contain_text("PET goes on without it")
    paint(case, 2)
    case.wait_until_saved()
    reader.route(f"**/api/volumes/{read['pet_volume']}/**", fail)
    reader.reload()
    expect(reader.get_by_test_id("problem")).to_contain_text("The case could not be opened")
    reader.unroute_all()
    reader.get_by_role("button", name="Try again").click()
    case.wait_until_ready()
    expect(reader.get_by_test_id("problem")).to_have_count(0)


def test_final_says_what_is_missing_and_the_next_case_is_one_key_away(
    reader: Page, app: App, cases: dict[str, str]
) -> None:
    room = open_case(reader, app, cases[PET_ONLY])
    paint(room, 2)
    room.wait_until_saved()
    label = next(iter(room.labels()))
    # The next case's images are fetched while this one is read; nothing is opened by it.
    reader.wait_for_function("window.petreview.ahead().length === 2")
    opened = app.manage("shell", "-c", "from annotations.models import Read; print(Read.objects.count())")
    reader.get_by_test_id("segmentation-final").click()
    missing = reader.get_by_test_id("final-missing")
    expect(missing).to_contain_text(f"No site is given for lesion {label}")
    reader.get_by_test_id("confirm-final").click()
    expect(reader.get_by_test_id("submit")).to_be_visible()
    room.press("Enter")
    room.press("n")
    expect(reader.get_by_test_id("submitted")).to_have_count(0)
    reader.get_by_test_id("submit").click()
    reader.get_by_test_id("confirm-submit").click()
    expect(reader.get_by_test_id("submitted")).to_be_visible()
    again = app.manage("shell", "-c", "from annotations.models import Read; print(Read.objects.count())")
    assert again == opened
    fetched: list[str] = []
    reader.on("request", lambda request: fetched.append(request.url))
    before = reader.url
    room.press("n")
    reader.wait_for_url(lambda url: url != before and "/reads/" in url)
    room.wait_until_ready()
    read: dict[str, Any] = reader.request.get(f"{app.url}/api/reads/{reader.url.rsplit('/', 1)[1]}/").json()
    assert not [url for url in fetched if url.endswith(f"/volumes/{read['pet_volume']}/voxels/")]
    assert not [url for url in fetched if url.endswith(f"/volumes/{read['pet_volume']}/mip/")]


def test_without_webgl_delete_seed_and_finish_work(browser: Browser, app: App, cases: dict[str, str]) -> None:
    page = sign_in(browser, app, "reader")
    page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); }"
    )
    room = open_case(page, app, cases[TILTED])
    hot = page.evaluate(
        """() => { let best = [0, 0, 0], most = 0; const [nx, ny, nz] = window.petreview.shape();
            for (let z = 5; z < nz - 5; z += 2) for (let y = 20; y < ny - 20; y += 2)
                for (let x = 20; x < nx - 20; x += 2) {
                    const v = window.petreview.petAt(x, y, z);
                    if (v > most) { most = v; best = [x, y, z]; }
                }
            return best; }"""
    )
    before = room.labels()
    room.go_to(tuple(hot), "axialPet")
    room.press("a")
    page.wait_for_function("window.petreview.preview()?.voxels > 0")
    room.press("Enter")
    (added,) = set(room.labels()) - set(before)
    room.wait_until_saved()
    room.press("x")
    room.press("Delete")
    assert added not in room.labels()
    room.wait_until_saved()
    page.get_by_test_id("segmentation-final").click()
    page.get_by_test_id("confirm-final").click()
    expect(page.get_by_test_id("submit")).to_be_enabled()
