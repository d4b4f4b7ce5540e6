"""What a person does in the browser, by real mouse and keyboard."""

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.app import App

READY_MS = 120_000


def sign_in(browser: Browser, app: App, username: str, *, password: str = "", **context: Any) -> Page:
    """A browser of its own, signed in by typing. password: of an account that is no demo account."""
    options = {"viewport": {"width": 1200, "height": 760}, "accept_downloads": True, **context}
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(60_000)
    if not password:
        accounts = page.request.get(f"{app.url}/api/session/").json()["accounts"]
        password = next(account["password"] for account in accounts if account["username"] == username)
    page.goto(app.url)
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


class ReadingRoom:
    """The reading room of one page. Positions are voxel indices x, y, z of the PET."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wait_until_ready(self) -> None:
        self.page.wait_for_function("document.documentElement.dataset.viewer === 'ready'", timeout=READY_MS)

    def labels(self) -> dict[int, int]:
        """Voxels of each lesion in this browser."""
        found = self.page.evaluate("window.petreview.labels()")
        return {int(label): int(voxels) for label, voxels in found.items()}

    def label_at(self, index_xyz: tuple[int, int, int]) -> int:
        return int(self.page.evaluate("p => window.petreview.labelAt(...p)", list(index_xyz)))

    def suv_at(self, index_xyz: tuple[int, int, int]) -> float:
        return float(self.page.evaluate("p => window.petreview.petAt(...p)", list(index_xyz)))

    def go_to(self, index_xyz: tuple[int, int, int], pane: str = "axialPet") -> None:
        """Scroll a pane by the wheel until it shows the slice, then point at the voxel."""
        axis = {"axialPet": 2, "axialFused": 2, "coronalPet": 1, "sagittalFused": 0}[pane]
        self._hover(pane)
        for _ in range(600):
            there = self._cursor()[axis]
            if round(there) == index_xyz[axis]:
                break
            self._scroll(pane, index_xyz[axis] - there)
        assert round(self._cursor()[axis]) == index_xyz[axis]
        x, y = self.point_of(index_xyz, pane)
        self.page.mouse.move(x - 3, y - 3)
        self.page.mouse.move(x, y)

    def point_of(self, index_xyz: tuple[int, int, int], pane: str) -> tuple[float, float]:
        script = "([p, pane]) => window.petreview.canvasPointOf(pane, window.petreview.worldOf(...p))"
        x, y = self.page.evaluate(script, [list(index_xyz), pane])
        return float(x), float(y)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def wait_until_saved(self) -> None:
        self.page.wait_for_function(
            "window.petreview.versions().stored && window.petreview.versions().waiting.length === 0",
            timeout=30_000,
        )
        expect(self.page.get_by_test_id("save-state")).to_have_text(re.compile("^Saved$"))

    def summary(self, name: str) -> str:
        return self.page.get_by_test_id(f"summary-{name}").inner_text().split()[0]

    def finish(self, row: int) -> None:
        """Segmentation final, the score, submit."""
        self.page.get_by_test_id("segmentation-final").click()
        self.page.get_by_test_id("confirm-final").click()
        self.page.get_by_test_id(f"score-{row}").click()
        self.page.get_by_test_id("give-score").click()
        expect(self.page.get_by_test_id("score-given")).to_be_visible()
        self.page.get_by_test_id("submit").click()
        self.page.get_by_test_id("confirm-submit").click()
        expect(self.page.get_by_test_id("submitted")).to_be_visible()

    def _hover(self, pane: str) -> None:
        box = self.page.get_by_test_id(f"pane-{pane}").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def _scroll(self, pane: str, steps: float) -> None:
        """One notch; the first one tells which way the wheel goes."""
        before = self._cursor()
        self.page.mouse.wheel(0, -100 if steps * self._direction(pane) < 0 else 100)
        with suppress(Exception):
            self.page.wait_for_function(
                "b => window.petreview.cursor().some((v, i) => v !== b[i])", arg=before, timeout=5_000
            )

    def _direction(self, pane: str) -> int:
        """+1 where a notch down raises the index: measured once a pane."""
        known: dict[str, int] = self.__dict__.setdefault("_directions", {})
        if pane not in known:
            axis = {"axialPet": 2, "axialFused": 2, "coronalPet": 1, "sagittalFused": 0}[pane]
            before = self._cursor()
            self.page.mouse.wheel(0, 100)
            self.page.wait_for_function(
                "b => window.petreview.cursor().some((v, i) => v !== b[i])", arg=before, timeout=10_000
            )
            known[pane] = 1 if self._cursor()[axis] > before[axis] else -1
        return known[pane]

    def _cursor(self) -> list[float]:
        return [float(value) for value in self.page.evaluate("window.petreview.cursor()")]
