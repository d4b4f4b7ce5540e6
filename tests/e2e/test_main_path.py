"""The whole path on a phantom, by real mouse and keyboard: DICOM in, AI, review, score, time, export."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from playwright.sync_api import Browser, Page, expect

from tests.e2e.app import App
from tests.e2e.reading import ReadingRoom, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEED = 9011
RELEASE = "demo-phantom-64cu"
Index = tuple[int, int, int]


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory, app: App) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    app.manage("make_phantom", "--seed", str(SEED), "--out", str(folder))
    return folder


def labels_of(app: App, version: str, folder: Path) -> np.ndarray:
    """The label map of a version as its own export gives it: [z, y, x]."""
    path = folder / f"{version}.nii.gz"
    app.manage("export_version", version, "--format", "nifti", "--out", str(path))
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path))).astype(np.uint16)


def read_of(page: Page, app: App) -> dict[str, Any]:
    """The read on the reader's screen, as the API gives it to this reader."""
    read = page.url.rstrip("/").rsplit("/", 1)[1]
    answer: dict[str, Any] = page.request.get(f"{app.url}/api/reads/{read}/").json()
    return answer


def import_by_dragging_in(page: Page, folder: Path) -> None:
    page.goto(page.url.rsplit("/", 1)[0] + "/import")
    page.get_by_role("button", name="New project").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Main path")
    dialog.get_by_label("prefix").fill("PT")
    dialog.get_by_role("button").last.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files or a zip").click()
    files = sorted((folder / "PT").iterdir()) + sorted((folder / "CT").iterdir())
    chooser.value.set_files([str(path) for path in files])
    expect(page.get_by_text("1 study", exact=False).first).to_be_visible(timeout=120_000)


def test_the_whole_path_from_dicom_to_csv(browser: Browser, app: App, phantom: Path, tmp_path: Path) -> None:
    app.manage("register_release", RELEASE, "inference/demo_model")

    # A data manager imports the phantom and starts the AI segmentation.
    manager = sign_in(browser, app, "manager")
    import_by_dragging_in(manager, phantom)
    manager.goto(f"{app.url}/studies")
    manager.get_by_text("PT-0001").first.click()
    manager.get_by_role("button", name="Segment", exact=True).click()
    manager.get_by_role("dialog").get_by_role("button", name=re.compile("Segment|Start")).click()
    expect(manager.get_by_text(re.compile("queued|running|waiting", re.I)).first).to_be_visible()

    # A coordinator designs and locks the reader study while the job runs.
    coordinator = sign_in(browser, app, "coordinator")
    design_and_lock(coordinator, app)

    # The reader waits for the segmentation, then opens the case.
    reader = sign_in(browser, app, "reader")
    expect(reader.get_by_text("PT-0001").first).to_be_visible()
    reader.get_by_role("button", name="Open case").first.click(timeout=300_000)
    room = ReadingRoom(reader)
    room.wait_until_ready()

    ai = labels_of(app, read_of(reader, app)["start_version"], tmp_path)
    truth = sitk.GetArrayFromImage(sitk.ReadImage(str(phantom / "truth.nii.gz")))
    assert room.labels() == {int(n): int((ai == n).sum()) for n in np.unique(ai) if n}

    victim = delete_a_false_lesion(room, ai, truth)
    add_a_missed_lesion(room, ai, truth, victim)
    before = paint_undo_and_redo(room)

    # Reload: everything is found again.
    reader.reload()
    room.wait_until_ready()
    assert room.labels() == before

    ttv_shown = room.summary("ttv")
    room.finish(row=3)

    # The coordinator locks the data; the CSV holds what was done, and its numbers are right.
    lock_data(coordinator)
    coordinator.get_by_role("link", name="Results", exact=True).click()
    with coordinator.expect_download() as download:
        coordinator.get_by_role("link", name="Scores (CSV)").click()
    (row,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    final = labels_of(app, read_of(reader, app)["head"]["id"], tmp_path)
    check_row(row, ai, final, ttv_shown)


def delete_a_false_lesion(room: ReadingRoom, ai: np.ndarray, truth: np.ndarray) -> int:
    """The false positive with the most voxels, else the smallest lesion there is."""
    sizes = room.labels()
    false = [n for n in sizes if not truth[ai == n].any()]
    victim = max(false, key=lambda n: sizes[n]) if false else min(sizes, key=lambda n: sizes[n])
    room.go_to(any_voxel_of(ai == victim))
    room.press("Delete")
    assert room.labels() == {n: size for n, size in sizes.items() if n != victim}
    room.wait_until_saved()
    return victim


def add_a_missed_lesion(room: ReadingRoom, ai: np.ndarray, truth: np.ndarray, deleted: int) -> None:
    """The largest missed lesion, else the one just deleted, grown from a seed with another threshold."""
    page, before = room.page, room.labels()
    missed = [n for n in np.unique(truth) if n and not ai[truth == n].any()]
    target = truth == max(missed, key=lambda n: (truth == n).sum()) if missed else ai == deleted
    room.go_to(any_voxel_of(target))
    room.press("a")
    expect(page.get_by_test_id("add-popover")).to_be_visible()
    first = page.evaluate("window.petreview.preview()")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("t => window.petreview.preview().thresholdSuv !== t", arg=first["thresholdSuv"])
    grown = page.evaluate("window.petreview.preview().voxels")
    room.press("Enter")
    (added,) = set(room.labels()) - set(before)
    assert room.labels() == {**before, added: grown}
    assert added not in np.unique(ai)
    room.wait_until_saved()


def paint_undo_and_redo(room: ReadingRoom) -> dict[int, int]:
    """A brush stroke away from every lesion is a new lesion; undo takes it back, redo gives it again."""
    page, before = room.page, room.labels()
    count = "n => Object.keys(window.petreview.labels()).length === n"
    room.press("b")
    box = page.get_by_test_id("pane-axialPet").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    page.mouse.move(x - 20, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=4)
    page.mouse.up()
    page.wait_for_function(count, arg=len(before) + 1)
    painted = room.labels()
    room.press("Control+z")
    page.wait_for_function(count, arg=len(before))
    assert room.labels() == before
    room.press("Control+y")
    page.wait_for_function(count, arg=len(before) + 1)
    assert room.labels() == painted
    room.press("Control+z")
    room.wait_until_saved()
    assert room.labels() == before
    return before


def any_voxel_of(mask: np.ndarray) -> Index:
    """The voxel of a mask that is farthest from its border, x, y, z."""
    depth = sitk.GetArrayFromImage(
        sitk.SignedMaurerDistanceMap(sitk.GetImageFromArray(mask.astype(np.uint8)), insideIsPositive=True)
    )
    z, y, x = np.unravel_index(np.argmax(depth), mask.shape)
    return int(x), int(y), int(z)


def design_and_lock(page: Page, app: App) -> None:
    page.goto(f"{app.url}/reader-studies/routine")
    page.get_by_role("textbox", name="Name", exact=True).fill("Main path study")
    page.get_by_role("row", name="PT-0001").click()
    page.get_by_label("reader", exact=True).check()
    page.get_by_label("Model release", exact=True).select_option(label=RELEASE)
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("button", name="Lock the plan").click()
    sign(page, "I approve this plan", "Sign and lock")
    expect(page.get_by_text("plan 1, locked")).to_be_visible()


def lock_data(page: Page) -> None:
    page.get_by_role("link", name="Progress", exact=True).click()
    page.get_by_role("button", name="Lock the data").click()
    sign(page, "Reading is complete", "Lock the data")
    expect(page.get_by_text(re.compile("^data locked"))).to_be_visible()


def sign(page: Page, meaning: str, button: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(re.compile("mean", re.I)).fill(meaning)
    dialog.get_by_label(re.compile("password", re.I)).fill("demo-coordinator")
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_be_hidden()


def check_row(row: dict[str, str], ai: np.ndarray, final: np.ndarray, ttv_shown: str) -> None:
    """Every number that can be counted from the two label maps, counted here again."""
    voxel_ml = 4.07283 * 4.07283 * 5.0 / 1000
    before, after = set(np.unique(ai)) - {0}, set(np.unique(final)) - {0}
    assert row["state"] == "submitted"
    assert row["score_row"] == "3"
    assert int(row["lesion_count"]) == len(after)
    assert int(row["lesions_deleted"]) >= len(before - after)
    assert int(row["lesions_added"]) == len(after - before)
    assert float(row["ttv_ml"]) == pytest.approx((final > 0).sum() * voxel_ml, rel=1e-6)
    assert float(row["ttv_ml"]) == pytest.approx(float(ttv_shown), abs=0.06)
    assert float(row["start_ttv_ml"]) == pytest.approx((ai > 0).sum() * voxel_ml, rel=1e-6)
    parts = ("paused_s", "hidden_s", "loading_s", "computing_s", "idle_s", "active_s")
    assert float(row["wall_s"]) == pytest.approx(sum(float(row[part]) for part in parts), abs=1e-3)
    assert 0 < float(row["active_s"]) <= float(row["wall_s"])
    assert int(row["action_count"]) == 6  # delete, add, brush, undo, redo, undo
