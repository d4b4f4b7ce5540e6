"""A reader study from the first page of its design to its export, by real mouse and keyboard.

Crossover, AI against semi-automatic: two readers read the three cases of the first period, the wash-out keeps
the second one closed, the coordinator follows it live, locks the data and takes the tables home. Set
PETREVIEW_PICTURES to a folder to get a picture of each page.
"""

import csv
import io
import json
import os
import re
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.app import App
from tests.e2e.cases import import_cases, make_phantom, variant
from tests.e2e.reading import ReadingRoom, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]
CASES = 3
NAME = "Crossover of three"
SECOND = ("second-reader", "demo-second-reader")
PARTS = ("paused_s", "hidden_s", "loading_s", "computing_s", "idle_s", "active_s")
STEPS_MS = 90_000

# The AI result is the truth and one lesion that is none, under a number of its own: 6 x 6 x 4 voxels.
FALSE = 900
PREPARE = """
import json
import numpy as np, SimpleITK
from annotations.accounts.services import create_user
from annotations.models import Project
from annotations.segmentations.services import create_segmentation
truth = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage({truth!r})).astype(np.uint16)
create_user(by=None, username={reader!r}, password={password!r}, roles=["reader"], is_demo=True)
found = truth.copy()
empty = np.argwhere(~(truth > 0).any(axis=(1, 2))).ravel()
z = int(empty[len(empty) // 2])
found[z - 2:z + 2, 60:66, 60:66] = np.where(found[z - 2:z + 2, 60:66, 60:66] > 0,
    found[z - 2:z + 2, 60:66, 60:66], {false})
made = dict(suv_revision=None, tool="import", source="model", is_synthetic=True)
for study in Project.objects.get(name={name!r}).studies.all():
    volume = study.series.get(modality="PT").volumes.get()
    made["suv_revision"] = volume.suv_revisions.order_by("-number").first()
    create_segmentation(volume=volume, title="Truth", labels=truth, producer_kind="reference",
        producer_name="phantom", **made)
    create_segmentation(volume=volume, title="Prepared", labels=found, producer_kind="model",
        producer_name="prepared", producer_fingerprint="a" * 64, **made)
sizes = np.bincount(truth.ravel())[1:]
z, y, x = (int(v) for v in np.median(np.argwhere(truth == int(sizes.argmax()) + 1), axis=0))
print("MADE", json.dumps({{"false_xyz": [62, 62, int(empty[len(empty) // 2])], "lesion_xyz": [x, y, z],
    "lesions": int((sizes > 0).sum())}}))
"""


@pytest.fixture(scope="module")
def made(app: App, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Three phantoms, PET alone, each with its truth and an AI result; a second reader."""
    folder = tmp_path_factory.mktemp("phantom")
    phantom = make_phantom(app, folder / "made")
    import_cases(app, [variant(phantom, folder, f"CROSS{n}", ct=None) for n in range(CASES)], NAME)
    script = PREPARE.format(
        truth=str(phantom / "truth.nii.gz"), reader=SECOND[0], password=SECOND[1], false=FALSE, name=NAME
    )
    said = app.manage("shell", "-c", script)
    line = next(line for line in said.splitlines() if line.startswith("MADE "))
    found: dict[str, Any] = json.loads(line.removeprefix("MADE "))
    return found


def test_a_reader_study_from_its_design_to_its_export(
    browser: Browser, app: App, made: dict[str, Any], tmp_path: Path
) -> None:
    coordinator = sign_in(browser, app, "coordinator", viewport={"width": 1400, "height": 900})
    design(coordinator, app)
    study = lock(coordinator)
    follow(coordinator)

    first = sign_in(browser, app, "reader")
    reads = [read_next(first, app, made)]
    # The dashboard hears of it by itself: this page was not loaded again.
    expect(coordinator.get_by_text("1 / 12", exact=True)).to_be_visible(timeout=STEPS_MS)
    later_cases_are_closed(first, app)
    first, room = leave_and_come_back(first.context, first, app, made)
    reads += [finish(room, made), read_next(first, app, made)]
    the_wash_out_holds(first, app)
    first.context.close()

    second = sign_in(browser, app, SECOND[0], password=SECOND[1])
    reads += [read_next(second, app, made) for _ in range(CASES)]
    the_wash_out_holds(second, app)
    second.context.close()
    assert {read["arm"] for read in reads} == {"ai", "semi"}

    expect(coordinator.get_by_text("6 / 12", exact=True)).to_be_visible(timeout=STEPS_MS)
    assert coordinator.evaluate("window.neverLoadedAgain") is True
    picture(coordinator, "progress")
    results_are_closed(coordinator, app, study)
    lock_data(coordinator)
    results(coordinator)
    one_read(coordinator, reads[0])
    audit(coordinator)
    analysis(coordinator)
    check_export(export(coordinator, tmp_path), app, reads, made)


def design(page: Page, app: App) -> None:
    page.goto(f"{app.url}/reader-studies")
    page.get_by_role("link", name="New reader study").first.click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Project").select_option(label=NAME)
    page.get_by_role("button", name="Design it").click()
    page.get_by_role("button", name="AI against semi-automatic, crossover").click()
    page.get_by_label("Model release", exact=True).select_option(label="a version chosen for each case")
    page.get_by_role("button", name=f"Add all {CASES}").click()
    for row in page.get_by_role("table", name="Cases", exact=True).locator("tbody tr").all():
        choose(row.get_by_label("Reference"), "Truth")
        choose(row.get_by_label("Start: AI result, corrected"), "Prepared")
    page.get_by_label(re.compile("^reader")).check()
    page.get_by_label(re.compile(f"^{SECOND[0]}")).check()
    page.get_by_label("Seed", exact=True).fill("5")
    for masked in ("results of other readers", "their own past times", "name of the model release"):
        page.get_by_label(masked).check()
    page.get_by_label("the derived row, after their own score").check()
    expect(page.get_by_test_id("read-count")).to_have_text(re.compile(r"^12\s"))
    expect(page.get_by_text("stored", exact=True)).to_be_visible()
    # Half of the cases begin with each arm for each reader; 12 rows in the preview.
    rows = page.get_by_role("table", name="Allocation", exact=True).locator("tbody tr")
    expect(rows).to_have_count(12)
    expect(page.get_by_test_id("plan-problems").locator("[data-severity=error]")).to_have_count(0)
    page.mouse.wheel(0, -10_000)
    picture(page, "design")


def choose(select: Any, title: str) -> None:
    """The option that begins with a version's title."""
    option = select.locator("option", has_text=re.compile(f"^{title}"))
    select.select_option(value=option.get_attribute("value"))


def lock(page: Page) -> str:
    page.get_by_role("button", name="Lock the plan").click()
    sign(page, "I approve this plan", "Sign")
    expect(page.get_by_role("heading", name="Signature")).to_be_visible()
    picture(page, "locked")
    return page.url.split("/reader-studies/")[1].split("/")[0]


def sign(page: Page, meaning: str, button: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Meaning of the signature").fill(meaning)
    dialog.get_by_label(re.compile("password", re.I)).fill("demo-coordinator")
    dialog.get_by_role("button", name=re.compile(button, re.I)).last.click()
    expect(dialog).to_have_count(0)


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name=name).click()


def follow(page: Page) -> None:
    tab(page, "Progress")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    expect(page.get_by_text("0 / 12", exact=True)).to_be_visible()
    page.evaluate("window.neverLoadedAgain = true")


def open_next(page: Page, app: App, action: str = "Open case") -> ReadingRoom:
    page.goto(f"{app.url}/worklist")
    page.get_by_role("button", name=action).click()
    room = ReadingRoom(page)
    room.wait_until_ready()
    return room


def edit(room: ReadingRoom, made: dict[str, Any]) -> None:
    """The false lesion is deleted, or where there is nothing yet the largest lesion is grown."""
    before = room.labels()
    if before:
        assert FALSE in before
        room.go_to(tuple(made["false_xyz"]))
        room.press("Delete")
        assert set(room.labels()) == set(before) - {FALSE}
    else:
        room.press("Escape")
        room.go_to(tuple(made["lesion_xyz"]))
        room.press("a")
        room.page.wait_for_function("window.petreview.preview()?.voxels > 0")
        room.press("Enter")
        room.page.wait_for_function("Object.keys(window.petreview.labels()).length === 1")
    room.wait_until_saved()


def read_next(page: Page, app: App, made: dict[str, Any]) -> dict[str, Any]:
    room = open_next(page, app)
    edit(room, made)
    return finish(room, made)


def finish(room: ReadingRoom, made: dict[str, Any]) -> dict[str, Any]:
    """Submits, and says what this read has to be in the export. An AI start is scored, row 3."""
    page = room.page
    labels = room.labels()
    is_ai = len(labels) > 1
    page.get_by_test_id("segmentation-final").click()
    page.get_by_test_id("confirm-final").click()
    if is_ai:
        page.get_by_test_id("score-3").click()
        page.get_by_test_id("give-score").click()
        expect(page.get_by_test_id("score-given")).to_be_visible()
    page.get_by_test_id("submit").click()
    page.get_by_test_id("confirm-submit").click()
    expect(page.get_by_test_id("submitted")).to_be_visible()
    read = page.url.rstrip("/").rsplit("/", 1)[1]
    return {"read": read, "arm": "ai" if is_ai else "semi", "lesions": len(labels)}


def leave_and_come_back(
    context: BrowserContext, page: Page, app: App, made: dict[str, Any]
) -> tuple[Page, ReadingRoom]:
    """The page is closed in the middle of a read; opened again it goes on at the last edit."""
    room = open_next(page, app)
    edit(room, made)
    left, url = room.labels(), page.url
    page.close()
    page = context.new_page()
    page.set_default_timeout(60_000)
    room = open_next(page, app, "Continue")
    assert page.url == url
    assert room.labels() == left
    return page, room


def worklist(page: Page, app: App) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = page.request.get(f"{app.url}/api/worklist/").json()
    return answer


def refusal(page: Page, assignment: str) -> dict[str, Any]:
    """What the server says to a reader who asks for a case without the worklist."""
    answer: dict[str, Any] = page.evaluate(
        """async id => {
            const { csrf_token } = await (await fetch('/api/session/')).json();
            const given = { method: 'POST', headers: { 'X-CSRFToken': csrf_token } };
            const answer = await fetch(`/api/assignments/${id}/open/`, given);
            return { status: answer.status, said: await answer.text() };
        }""",
        assignment,
    )
    return answer


def later_cases_are_closed(page: Page, app: App) -> None:
    page.goto(f"{app.url}/worklist")
    later = page.get_by_role("row").filter(has_text="later")
    expect(later).to_have_count(4)
    url = page.url
    later.first.click()
    assert page.url == url
    assert later.first.get_attribute("data-open") is None
    item = next(item for item in worklist(page, app) if item["state"] == "later")
    refused = refusal(page, item["assignment"])
    assert refused["status"] == 409
    assert "not_next" in refused["said"]


def the_wash_out_holds(page: Page, app: App) -> None:
    """28 days from the submit of the same case by the same reader."""
    page.goto(f"{app.url}/worklist")
    expect(page.get_by_text("No case is ready yet")).to_be_visible()
    picture(page, "worklist")
    rows = worklist(page, app)
    following = next(row for row in rows if row["state"] == "washout")
    assert [row["state"] for row in rows].count("submitted") == CASES
    # When a read was submitted is one of the past times that this plan hides; the end of the wash-out is not.
    # It is told to the day by whose beginning it is over: the minute would name the earlier read.
    assert {row["submitted_at"] for row in rows} == {None}
    told = datetime.fromisoformat(following["opens_at"])
    assert told in {day_after(at + timedelta(days=28)) for at in submit_times(app)}
    refused = refusal(page, following["assignment"])
    assert refused["status"] == 409
    assert "washout" in refused["said"]


def day_after(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def submit_times(app: App) -> set[datetime]:
    with closing(sqlite3.connect(app.home / "petreview.sqlite3")) as database:
        rows = database.execute("select submitted_at from annotations_read where submitted_at is not null")
        return {datetime.fromisoformat(at).replace(tzinfo=UTC) for (at,) in rows}


def results_are_closed(page: Page, app: App, study: str) -> None:
    tab(page, "Results")
    expect(page.get_by_text("Results by arm are closed")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Start", exact=True)).to_have_count(0)
    rows = page.request.get(f"{app.url}/api/reader-studies/{study}/").json()["reads"]
    assert len(rows) == 12
    hidden = ("arm", "active_s", "row", "derived_row")
    assert all(row[key] is None for row in rows for key in hidden), rows[0]


def lock_data(page: Page) -> None:
    tab(page, "Progress")
    page.get_by_role("button", name="Lock the data").click()
    expect(page.get_by_role("dialog")).to_contain_text("6 of 12 reads are submitted")
    sign(page, "Reading is complete", "Lock the data")
    expect(page.get_by_text("The data were locked", exact=False)).to_be_visible()


def results(page: Page) -> None:
    tab(page, "Results")
    expect(page.get_by_text("6 / 12", exact=True)).to_be_visible()
    expect(page.get_by_role("columnheader", name="Start", exact=True)).to_be_visible()
    picture(page, "results")


def one_read(page: Page, read: dict[str, Any]) -> None:
    url = page.url
    page.locator(f"tr[data-row$='{read['read']}']").click()
    line = page.get_by_role("img", name="Timeline")
    expect(line.locator("[data-part=active]").first).to_be_attached()
    expect(line.locator("[data-edit]")).to_have_count(1)
    expect(page.get_by_text(re.compile("^Wall .* min = active"))).to_be_visible()
    expect(page.get_by_role("table", name="Audit")).to_contain_text("submitted")
    # After the data lock nothing can be opened again.
    expect(page.get_by_role("button", name="Open again")).to_have_count(0)
    picture(page, "read")
    page.goto(url)


def audit(page: Page) -> None:
    tab(page, "Audit")
    table = page.get_by_role("table", name="Audit")
    expect(table).to_contain_text("data locked")
    expect(table).to_contain_text("coordinator")
    long = table.locator("details").first
    long.locator("summary").click()
    expect(long).to_contain_text('"washout_days":28')
    long.locator("summary").click()
    picture(page, "audit")


def analysis(page: Page) -> None:
    tab(page, "Analysis")
    page.get_by_role("button", name="Compute the analysis").click()
    expect(page.locator("[data-figure] svg").first).to_be_visible(timeout=STEPS_MS)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    picture(page, "analysis")


def export(page: Page, folder: Path) -> dict[str, bytes]:
    """The files of an export that the worker made."""
    tab(page, "Exports")
    page.get_by_role("button", name="Make the export").click()
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=STEPS_MS)
    picture(page, "exports")
    with page.expect_download() as download:
        link.click()
    path = folder / "export.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_export(
    files: dict[str, bytes], app: App, reads: list[dict[str, Any]], made: dict[str, Any]
) -> None:
    """Rows of what was read and what was not; times as the database has them; rows by the voxels."""
    name = next(name for name in files if name.endswith("reads_long.csv"))
    rows = list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))
    assert len(rows) == 12
    assert {row["period"] for row in rows if row["state"] == "not_opened"} == {"2"}
    submitted = {row["read"].replace("-", ""): row for row in rows if row["state"] == "submitted"}
    assert {read["read"].replace("-", "") for read in reads} == set(submitted)
    stored = stored_times(app)
    for read in reads:
        row = submitted[read["read"].replace("-", "")]
        assert (row["arm"], int(row["lesion_count"])) == (read["arm"], read["lesions"])
        for key, value in stored[read["read"].replace("-", "")].items():
            assert float(row[key]) == pytest.approx(value, abs=1e-6), key
        assert float(row["wall_s"]) == pytest.approx(sum(float(row[part]) for part in PARTS), abs=1e-3)
        assert 0 < float(row["active_s"]) <= float(row["wall_s"])
        assert row["action_count"] == "1"
        if read["arm"] == "ai":
            # By Table 1 one false positive and nothing else is row 3.
            assert (row["score_row"], row["derived_row"]) == ("3", "3")
            counts = [row[key] for key in ("missing", "false_positive", "partial", "lesions_deleted")]
            assert counts == ["0", "1", "0", "1"]
            assert int(row["lesion_count"]) == made["lesions"]
        else:
            assert (row["score_row"], row["derived_row"]) == ("", "")


def stored_times(app: App) -> dict[str, dict[str, float]]:
    """Of each read by its id without hyphens, seconds."""
    names = ("wall_s", *PARTS)
    with closing(sqlite3.connect(app.home / "petreview.sqlite3")) as database:
        columns = ", ".join(names)
        rows = database.execute(f"select read_id, {columns} from annotations_readingtime").fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("PETREVIEW_PICTURES")
    if folder is None:
        return
    expect(page.get_by_text("The data are locked. The results are open.")).to_have_count(0, timeout=20_000)
    sizes = page.viewport_size
    for width, height in ((1280, 720), (1400, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=f"{folder}/{name}-{width}.png")
    page.screenshot(path=f"{folder}/{name}-whole.png", full_page=True)
    if sizes is not None:
        page.set_viewport_size(sizes)
