"""The guided semi-automatic method, the lesion table and comparing, by real mouse and keyboard.

What was done is read from the server afterwards: parameters of the stored version, voxels, rows.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from scipy import ndimage

from annotations.imaging.components import number_lesions
from annotations.imaging.geometry import Grid
from annotations.imaging.phantom import make_phantom
from tests.e2e.app import App
from tests.e2e.desk import suv_of
from tests.e2e.reading import ReadingRoom, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEED = 9001
Index = tuple[int, int, int]

PLANS = """
from annotations.models import Project, User
from annotations.reads.services import create_reader_study, lock_plan, routine_design
by = User.objects.get(username="coordinator")
project = Project.objects.get(name="Guided")
masks = {"Guided": [], "Masked": ["others", "release", "arm", "derived", "past_times"], "Limited": []}
for name, masked in masks.items():
    design = routine_design(studies=list(project.studies.all()), start="semi_automatic", seed=1,
        masked=masked, readers=[User.objects.get(username="reader")])
    if name == "Limited":
        design["arms"][0]["tools"] = ["brush", "grow", "seed_gradient", "voi_threshold", "whole_body"]
        design["fallback"] = {"rule": "fixed", "suv": 5.5}
    study = create_reader_study(by=by, project=project, name=name, design=design)
    lock_plan(plan=study.plans.get(), by=by, password="demo-coordinator", meaning="test")
    print("ASSIGNMENT", name, study.plans.get().assignments.get().pk)
"""
VERSION = """
import json
from annotations.models import Version
version = Version.objects.get(pk="{id}")
print("VERSION", json.dumps([version.tool, version.parameters]))
"""


@pytest.fixture(scope="module")
def assignments(app: App, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("phantom")
    app.manage("make_phantom", "--seed", str(SEED), "--out", str(folder))
    app.manage("import_dicom", str(folder / "PT"), str(folder / "CT"), "--project", "Guided")
    said = app.manage("shell", "-c", PLANS)
    return {line.split()[1]: line.split()[2] for line in said.splitlines() if line.startswith("ASSIGNMENT")}


@pytest.fixture(scope="module")
def page(browser: Browser, app: App) -> Iterator[Page]:
    page = sign_in(browser, app, "reader", viewport={"width": 1400, "height": 900})
    page.set_default_timeout(20_000)
    yield page
    page.context.close()


def open_room(page: Page, app: App, assignment: str) -> ReadingRoom:
    script = """async url => {
        const { csrf_token } = await (await fetch('/api/session/')).json();
        const answer = await fetch(url, { method: 'POST', headers: { 'X-CSRFToken': csrf_token } });
        return (await answer.json()).id;
    }"""
    read = page.evaluate(script, f"/api/assignments/{assignment}/open/")
    page.goto(f"{app.url}/reads/{read}")
    room = ReadingRoom(page)
    room.wait_until_ready()
    return room


def quiet_liver() -> Index:
    """The middle of the most even 3 cm of liver-like uptake in the phantom: voxel x, y, z."""
    phantom = make_phantom(SEED, "small", False)
    suv = phantom.pet_suv.astype(np.float64)
    mean, square = ndimage.uniform_filter(suv, 9), ndimage.uniform_filter(suv**2, 9)
    variation = np.sqrt(np.maximum(square - mean**2, 0)) / np.maximum(mean, 1e-6)
    variation[(mean < 3.5) | (mean > 6.5)] = np.inf
    z, y, x = np.unravel_index(int(np.argmin(variation)), suv.shape)
    return int(x), int(y), int(z)


def version_of(app: App, room: ReadingRoom) -> tuple[str, dict[str, Any]]:
    """Tool and parameters of the newest version, from the database."""
    room.wait_until_saved()
    head = room.page.evaluate("window.petreview.versions().head")
    said = app.manage("shell", "-c", VERSION.format(id=head))
    line = next(line for line in said.splitlines() if line.startswith("VERSION "))
    tool, parameters = json.loads(line.removeprefix("VERSION "))
    return tool, parameters


def test_the_method_from_the_sphere_to_the_corrected_lesions(
    page: Page, app: App, assignments: dict[str, str]
) -> None:
    room = open_room(page, app, assignments["Guided"])
    expect(page.get_by_test_id("guide-offer")).to_be_visible()
    page.get_by_test_id("guide-begin").click()

    # The sphere follows the pointer with its numbers; a click places it, an arrow moves it by a voxel.
    liver = quiet_liver()
    room.go_to(liver)
    expect(page.get_by_test_id("guide-voxels")).not_to_have_text("0")
    live = page.get_by_test_id("guide-mean").inner_text()
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_test_id("guide-roi")).to_have_attribute("data-record", "true")
    assert abs(float(page.get_by_test_id("guide-mean").inner_text()) - float(live)) < 0.011
    before = page.evaluate("window.petreview.cursor()")
    room.press("ArrowRight")
    assert page.evaluate("window.petreview.cursor()") == [before[0] + 1, *before[1:]]
    expect(page.get_by_test_id("guide-roi")).to_have_attribute("data-record", "true")
    threshold = page.get_by_test_id("guide-threshold").inner_text()

    # The preview changes nothing; Escape drops it, Enter takes it over.
    room.press("Enter")
    expect(page.get_by_test_id("guide-preview")).to_be_visible()
    assert room.labels() == {}
    room.press("Escape")
    expect(page.get_by_test_id("guide-segment")).to_be_enabled()
    room.press("Enter")
    expect(page.get_by_test_id("guide-preview")).to_be_visible()
    count, ml = re.findall(r"\d[\d,.]*", page.get_by_test_id("guide-preview").inner_text())[:2]
    room.press("Enter")
    expect(page.get_by_test_id("guide-left")).to_be_visible()
    assert len(room.labels()) == int(count)

    tool, parameters = version_of(app, room)
    assert tool == "whole_body"
    (roi,) = parameters["rois"]
    assert roi["organ"] == "liver"
    assert roi["diameter_mm"] == 30
    assert parameters["connectivity"] == 26
    assert parameters["minimum_ml"] == pytest.approx(0.1)
    assert threshold == f"SUV {roi['threshold_suv']:.2f}"
    assert roi["threshold_suv"] == pytest.approx(1.5 * roi["suv_mean"] + 2 * roi["suv_sd"])

    # Voxel by voxel what the rule says, counted here again.
    suv = suv_of(page)
    spacing = (4.07283, 4.07283, 5.0)
    grid = Grid(suv.shape, spacing, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    expected = number_lesions(suv > roi["threshold_suv"], grid, 26, 0.1)
    sizes = sorted(int((expected == n).sum()) for n in np.unique(expected) if n)
    assert sorted(room.labels().values()) == sizes
    voxel_ml = float(np.prod(spacing)) / 1000
    assert float(ml.replace(",", "")) == pytest.approx(sum(sizes) * voxel_ml, abs=0.06)

    # Delete and correct with the same tools.
    largest = max(room.labels(), key=lambda label: room.labels()[label])
    page.get_by_test_id(f"lesion-{largest}").click()
    page.mouse.move(700, 5)
    room.press("Delete")
    page.wait_for_function("n => !(n in window.petreview.labels())", arg=str(largest))
    page.get_by_test_id("guide-done").click()
    expect(page.get_by_test_id("guide")).to_have_count(0)
    room.wait_until_saved()


def test_table_sorts_walks_and_adds_up(page: Page) -> None:
    room = ReadingRoom(page)
    table = page.get_by_test_id("lesion-table")
    rows = table.locator("[data-testid^='lesion-'][data-status='added']")

    def shown(cell: str) -> list[float]:
        texts = rows.locator(f"[data-testid='{cell}']").all_text_contents()
        return [float(text.replace(",", "").replace("+", "")) for text in texts]

    page.get_by_test_id("sort-volumeMl").click()
    assert shown("volume") == sorted(shown("volume"), reverse=True)
    page.get_by_test_id("sort-volumeMl").click()
    assert shown("volume") == sorted(shown("volume"))
    # The read began empty: all of each lesion is gained.
    assert shown("delta") == shown("volume")
    total = float(page.get_by_test_id("total-volumeMl").inner_text().replace(",", ""))
    assert total == pytest.approx(sum(shown("volume")), abs=0.1 * len(room.labels()))
    assert float(room.summary("ttv").replace(",", "")) == total

    # A row brings the planes to its lesion; the arrows walk on in the order of the table.
    rows.nth(0).click()
    first = int((rows.nth(0).get_attribute("data-testid") or "").removeprefix("lesion-"))
    assert room.label_at(tuple(page.evaluate("window.petreview.cursor()"))) == first
    table.focus()
    room.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    second = int((rows.nth(1).get_attribute("data-testid") or "").removeprefix("lesion-"))
    assert room.label_at(tuple(page.evaluate("window.petreview.cursor()"))) == second


def test_compares_with_start_and_earlier_versions_while_editing_goes_on(page: Page) -> None:
    room = ReadingRoom(page)
    page.get_by_test_id("sort-volumeMl").click()
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(700, 5)
    room.press("y")
    counts = page.get_by_test_id("compare-counts")
    expect(counts).to_contain_text(f"{len(room.labels())} only here")

    # Against the accepted method: one lesion was deleted since.
    chosen = page.get_by_test_id("compare-with")
    options = chosen.locator("option").all_inner_texts()
    assert len(options) >= 2
    chosen.select_option(index=len(options) - 1)
    expect(counts).to_contain_text("1 only there")
    deleted = page.locator("[data-testid^='change-'][data-kind='lost']")
    label = (deleted.get_attribute("data-testid") or "").removeprefix("change-")
    assert int(label) not in room.labels()

    # Another deletion is counted at once, on planes and MIP; undo takes it out again.
    page.get_by_test_id("compare-difference").click()
    victim = max(room.labels(), key=lambda one: room.labels()[one])
    page.get_by_test_id(f"lesion-{victim}").click()
    page.mouse.move(700, 5)
    room.press("Delete")
    expect(counts).to_contain_text("2 only there")
    room.press("Control+z")
    expect(counts).to_contain_text("1 only there")
    room.press("y")
    expect(page.get_by_test_id("compare")).to_have_count(0)
    room.wait_until_saved()


def test_a_masked_read_asks_for_nothing_that_is_masked(
    page: Page, app: App, assignments: dict[str, str]
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url.removeprefix(app.url))

    page.on("request", note)
    room = open_room(page, app, assignments["Masked"])
    read = page.url.rstrip("/").rsplit("/", 1)[1]
    assert not [url for url in asked if "comparisons" in url or "disagreement" in url]
    expect(page.get_by_test_id("mode-disagreement")).to_have_count(0)
    page.mouse.move(700, 5)
    room.press("u")
    room.press("y")
    expect(page.get_by_test_id("compare-with")).to_be_visible()
    expect(page.get_by_test_id("compare-counts")).to_be_visible()
    assert not [url for url in asked if "disagreement" in url]
    choices = page.request.get(f"{app.url}/api/reads/{read}/comparisons/").json()
    assert {one["kind"] for one in choices} <= {"start", "earlier"}
    own = {one["version"] for one in choices}
    labels = {match[1] for url in asked if (match := re.match(r"/api/versions/([^/]+)/labels/", url))}
    assert labels <= own
    page.remove_listener("request", note)
    room.press("y")


def test_not_evaluable_is_a_recorded_statement(page: Page, app: App) -> None:
    room = ReadingRoom(page)
    page.mouse.move(700, 5)
    room.press("g")
    page.get_by_test_id("guide-neither").click()
    page.get_by_test_id("guide-reason").select_option("outside_field_of_view")
    page.get_by_test_id("guide-not-evaluable").click()
    expect(page.get_by_test_id("not-evaluable")).to_contain_text("outside the field of view")
    tool, parameters = version_of(app, room)
    assert tool == "not_evaluable"
    assert parameters["reason"] == "outside_field_of_view"
    assert room.labels() == {}
    page.reload()
    room.wait_until_ready()
    expect(page.get_by_test_id("not-evaluable")).to_be_visible()
    room.press("Control+z")
    expect(page.get_by_test_id("not-evaluable")).to_have_count(0)
    room.wait_until_saved()


def test_an_arm_shows_the_tools_and_the_fallback_of_its_plan_alone(
    page: Page, app: App, assignments: dict[str, str]
) -> None:
    room = open_room(page, app, assignments["Limited"])
    page.get_by_test_id("guide-decline").click()
    page.keyboard.press("q")
    for gone in ("sphere", "erase", "merge", "cut", "delete"):
        expect(page.get_by_test_id(f"tool-{gone}")).to_have_count(0)
    page.keyboard.press("q")
    room.go_to(quiet_liver())
    for key in ("o", "Delete"):
        room.press(key)
        expect(page.get_by_test_id("message")).to_contain_text("does not allow this tool")
        room.press("Escape")
        expect(page.get_by_test_id("message")).to_have_count(0)
    assert room.labels() == {}
    # Inside a tool only the methods that the plan leaves are there; keys go round among them.
    page.get_by_test_id("tool-add").click()
    expect(page.locator("[data-testid^='rule-'][aria-pressed]")).to_have_count(1)
    expect(page.get_by_test_id("rule-gradient")).to_have_attribute("aria-pressed", "true")
    room.press("d")
    expect(page.get_by_test_id("rule-gradient")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("q")
    page.get_by_test_id("tool-voi").click()
    expect(page.get_by_test_id("voi-method-flab")).to_have_count(0)
    expect(page.get_by_test_id("voi-method-percent")).to_have_attribute("aria-pressed", "true")
    # Neither liver nor spleen: the threshold is the plan's, not typed.
    page.mouse.move(700, 5)
    room.press("g")
    page.get_by_test_id("guide-neither").click()
    expect(page.get_by_test_id("guide-fallback")).to_contain_text("plan of this study names")
    expect(page.get_by_test_id("guide-fixed")).to_have_count(0)
    page.get_by_test_id("guide-use-fixed").click()
    expect(page.get_by_test_id("guide-preview")).to_be_visible()
    page.get_by_test_id("guide-accept").click()
    page.get_by_test_id("guide-done").click()
    tool, parameters = version_of(app, room)
    assert (tool, parameters["rule"], parameters["threshold_suv"]) == ("whole_body", "fixed", 5.5)


def test_an_edit_that_the_plan_refuses_is_told_and_kept(page: Page, app: App) -> None:
    """An older page may still offer a tool: the server refuses its edit, and nothing drawn is lost."""
    room, before = ReadingRoom(page), ReadingRoom(page).labels()

    def offer(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        route.fulfill(response=answer, json=told | {"tools": [*told["tools"], "sphere"]})

    read = page.url.rstrip("/").rsplit("/", 1)[1]
    page.route(f"**/api/reads/{read}/", offer)
    page.reload()
    room.wait_until_ready()
    room.go_to(quiet_liver())
    room.press("o")
    room.press("Enter")
    expect(page.get_by_test_id("conflict")).to_contain_text("leaves out the tool")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "conflict")
    with page.expect_download() as download:
        page.get_by_test_id("conflict-keep").click()
    (kept,) = json.loads(Path(download.value.path()).read_text())["edits"]
    assert kept["tool"] == "sphere"
    page.unroute(f"**/api/reads/{read}/")
    page.get_by_test_id("conflict-reload").click()
    room.wait_until_ready()
    expect(page.get_by_test_id("set-aside")).to_be_visible()
    room.wait_until_saved()
    assert room.labels() == before
