"""One running app and one browser for each module of browser tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.app import App, running_app
from tests.e2e.get_browser import CHROMIUM_FLAGS, system_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole session: Playwright's event loop would be running in every later Django test."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=system_chromium(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A newcomer's app without the demo's phantoms: each module imports what it needs."""
    home: Path = tmp_path_factory.mktemp("home")
    with running_app(home, "--without-demo-data") as running:
        yield running
