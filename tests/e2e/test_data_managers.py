"""What data managers do by mouse and keyboard beside importing, and what nobody else is shown."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.app import App
from tests.e2e.reading import sign_in
from tests.pipeline.test_run import processes_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROJECT = "Key table"


@pytest.fixture(scope="module", autouse=True)
def study(app: App, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("phantom")
    app.manage("make_phantom", "--seed", "4", "--out", str(folder))
    app.manage("import_dicom", str(folder / "PT"), "--project", PROJECT)
    project, manager = f"Project.objects.get(name='{PROJECT}')", "User.objects.get(username='manager')"
    in_database(app, f"{project}.data_managers.add({manager})")


def in_database(app: App, expression: str) -> Any:
    models = "from annotations.models import *; from inference.models import Worker"
    code = f"import json; {models}; print(json.dumps({expression}, default=str))"
    return json.loads(app.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def open_study(page: Page, app: App) -> None:
    page.goto(f"{app.url}/studies")
    page.get_by_text("PT-0001").first.click()
    expect(page.get_by_role("heading", name="SUV record")).to_be_visible()


def test_a_tag_is_corrected_with_its_reason(browser: Browser, app: App) -> None:
    page = sign_in(browser, app, "manager", viewport={"width": 1280, "height": 720})
    open_study(page, app)
    page.get_by_role("button", name="Correct a tag").press("Enter")
    dialog = page.get_by_role("dialog")
    weight = dialog.get_by_label("Weight, kg")
    before = float(weight.input_value())
    save = dialog.get_by_role("button", name="Save as a new revision")
    weight.fill("nonsense")
    expect(dialog.get_by_text("A number above zero.")).to_be_visible()
    weight.fill(str(before / 2))
    expect(dialog.get_by_text("× 0.500")).to_be_visible()
    expect(save).to_be_disabled()  # no reason yet
    dialog.get_by_label("Reason").fill("The weight was entered in pounds.")
    save.click()
    expect(page.get_by_text("History: 2 revisions")).to_be_visible()
    page.get_by_text("History: 2 revisions").click()
    expect(page.get_by_text("The weight was entered in pounds.")).to_be_visible()
    fields = "'id', 'factor', 'reason', 'record__corrections', 'created_by__username'"
    first, second = in_database(app, f"list(SuvRevision.objects.order_by('number').values({fields}))")
    expect(page.get_by_role("img", name="Maximum intensity projection")).to_have_attribute(
        "src",
        re.compile(second["id"]),  # not the picture of the first from the browser's cache
    )
    assert second["factor"] == pytest.approx(first["factor"] / 2, rel=1e-9)
    assert second["reason"] == "The weight was entered in pounds."
    assert second["record__corrections"] == {"weight_kg": before / 2}
    assert second["created_by__username"] == "manager"


def test_the_key_table_is_shown_on_request_and_each_look_is_recorded(browser: Browser, app: App) -> None:
    page = sign_in(browser, app, "manager", viewport={"width": 1280, "height": 720})
    page.goto(f"{app.url}/import")
    page.get_by_label("Project").last.select_option(label=PROJECT)
    page.get_by_role("button", name="Open the key table").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Every look at this table is recorded")).to_be_visible()
    looks = "AuditRecord.objects.filter(action='patient_keys_viewed').count()"
    assert in_database(app, looks) == 0
    dialog.get_by_role("button", name="Show names and numbers").press("Enter")
    source = in_database(app, "PatientKey.objects.get().source_patient_id")
    expect(dialog.get_by_role("cell", name=source, exact=True)).to_be_visible()
    page.keyboard.type("nobody")
    expect(dialog.get_by_text("0 of 1 patient")).to_be_visible()
    page.keyboard.press("Escape")  # empties the search, then closes
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert source not in page.content()
    assert in_database(app, looks) == 1


def test_others_are_shown_neither(browser: Browser, app: App) -> None:
    page = sign_in(browser, app, "coordinator")
    open_study(page, app)
    expect(page.get_by_text("Inputs", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Correct a tag")).to_have_count(0)
    page.goto(f"{app.url}/import")
    expect(page.get_by_role("button", name="Open the key table")).to_have_count(0)


def test_a_page_says_when_no_worker_runs_and_when_one_does_again(browser: Browser, app: App) -> None:
    page = sign_in(browser, app, "manager")
    open_study(page, app)
    notice = page.get_by_text("No worker is running: AI results and imports will wait.")
    expect(notice).to_have_count(0)
    workers = [pid for pid, line in processes_of(Path(app.home)).items() if "manage.py worker" in line]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        in_database(app, "Worker.objects.all().delete()")
        expect(notice).to_be_visible(timeout=30_000)
        page.goto(f"{app.url}/import")
        expect(notice).to_be_visible()
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    expect(notice).to_have_count(0, timeout=60_000)
