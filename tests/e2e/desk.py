"""A read of one phantom for tests of the tools: what the browser shows and what the server has of it."""

import base64
import json
import sqlite3
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page
from scipy import ndimage

from tests.e2e.app import App
from tests.e2e.reading import ReadingRoom

SPACING_ZYX = (5.0, 4.07283, 4.07283)
VOXEL_ML = float(np.prod(SPACING_ZYX)) / 1000
CUBE = np.ones((3, 3, 3))
Index = tuple[int, int, int]
Labels = npt.NDArray[np.uint16]

# Of phantom 9001: a large node beside the left kidney, a bone lesion, a quiet place.
NODE: Index = (84, 65, 60)
BONE: Index = (61, 80, 112)
QUIET: Index = (64, 64, 100)


class Desk(ReadingRoom):
    """The reading room, and what the server has of it."""

    def __init__(self, page: Page, app: App) -> None:
        super().__init__(page)
        self.app = app

    def wait_until_saved(self) -> None:
        """A hundred edits on a busy machine take their time."""
        self.page.wait_for_function("window.petreview.versions().stored", timeout=120_000)

    def head(self) -> dict[str, Any]:
        """The newest version as the server has it."""
        self.wait_until_saved()
        version = self.page.evaluate("window.petreview.versions().head")
        answer: dict[str, Any] = self.page.request.get(f"{self.app.url}/api/versions/{version}/").json()
        return answer

    def stored(self) -> Labels:
        """The label map of the newest version, [z, y, x], from the server."""
        octets = self.page.evaluate(
            """async id => {
                const answer = await fetch(`/api/versions/${id}/labels/`);
                const bytes = new Uint8Array(await answer.arrayBuffer());
                let text = '';
                for (let i = 0; i < bytes.length; i += 32768)
                    text += String.fromCharCode(...bytes.subarray(i, i + 32768));
                return btoa(text);
            }""",
            self.head()["id"],
        )
        x, y, z = self.page.evaluate("window.petreview.shape()")
        return np.frombuffer(base64.b64decode(octets), dtype="<u2").reshape(z, y, x)

    def mask(self, label: int) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.stored() == label
        assert int(found.sum()) == self.labels().get(label, 0)
        return found

    def lesion(self, label: int) -> dict[str, Any]:
        return next(one for one in self.head()["lesions"] if one["label"] == label)

    def parameters(self) -> dict[str, Any]:
        """Tool and parameters of the newest version, from its row in the database."""
        with closing(sqlite3.connect(self.app.home / "petreview.sqlite3")) as database:
            row = database.execute(
                "select tool, parameters from annotations_version where id = ?",
                [self.head()["id"].replace("-", "")],
            ).fetchone()
        return {"tool": row[0], **json.loads(row[1])}

    def go_to(self, index_xyz: Index, pane: str = "axialPet") -> None:
        """The wheel in one go, then the pointer on the voxel."""
        self._hover(pane)
        steps = round(index_xyz[2] - self._cursor()[2])
        assert pane == "axialPet"
        if steps:
            self.page.mouse.wheel(0, -100 * steps)
            self.page.wait_for_function(
                "z => Math.round(window.petreview.cursor()[2]) === z", arg=index_xyz[2]
            )
        x, y = self.point_of(index_xyz, pane)
        self.page.mouse.move(x - 3, y - 3)
        self.page.mouse.move(x, y)

    def suv(self, centre: Index, reach: int) -> npt.NDArray[np.float64]:
        """SUV of a cube round a voxel in a map of the whole image; NaN beyond it."""
        (x, y, z), r = centre, reach
        values = self.page.evaluate(
            """([x, y, z, r]) => {
                const found = [];
                for (let k = z - r; k <= z + r; k++) for (let j = y - r; j <= y + r; j++)
                    for (let i = x - r; i <= x + r; i++) found.push(window.petreview.petAt(i, j, k));
                return found;
            }""",
            [x, y, z, r],
        )
        nx, ny, nz = self.page.evaluate("window.petreview.shape()")
        image = np.full((nz, ny, nx), np.nan)
        side = 2 * r + 1
        image[z - r : z + r + 1, y - r : y + r + 1, x - r : x + r + 1] = np.reshape(
            values, (side, side, side)
        )
        return image

    def preview(self) -> dict[str, Any]:
        """What Enter would do, once it is known."""
        self.page.wait_for_function(
            "(() => { const p = window.petreview.preview();"
            " return p && !p.busy && (p.problem || Object.keys(p.facts).length > 0); })()"
        )
        found: dict[str, Any] = self.page.evaluate("window.petreview.preview()")
        return found

    def accept(self) -> dict[str, Any]:
        """Enter, and the stored version."""
        assert self.preview()["problem"] is None, self.preview()
        before = self.page.evaluate("window.petreview.versions().head")
        self.press("Enter")
        self.page.wait_for_function("b => window.petreview.versions().head !== b", arg=before)
        return self.head()

    def wheel(self, notches: int) -> None:
        """Ctrl + wheel: up is positive."""
        self.page.keyboard.down("Control")
        for _ in range(abs(notches)):
            self.page.mouse.wheel(0, -100 if notches > 0 else 100)
        self.page.keyboard.up("Control")

    def drag(self, points: list[Index], pane: str = "axialPet") -> None:
        for n, index in enumerate(points):
            x, y = self.point_of(index, pane)
            self.page.mouse.move(x, y, steps=1 if n == 0 else 4)
            if n == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def click(self, index: Index, pane: str = "axialPet") -> None:
        self.page.mouse.click(*self.point_of(index, pane))

    def value(self, test_id: str, number: float) -> None:
        """Types a number and gives the keys back to the room."""
        box = self.page.get_by_test_id(test_id)
        box.fill(str(number))
        box.press("Enter")

    def choose(self, test_id: str) -> None:
        self.page.get_by_test_id(test_id).click()

    def sphere(self, centre: Index, radius_mm: float, new: bool = False) -> int:
        """A lesion to work on. Gives its number."""
        before = set(self.labels())
        self.press("Escape")
        self.choose("tool-sphere")
        self.value("sphere-radius", radius_mm)
        self.choose("sphere-new" if new else "sphere-joins")
        self.go_to(centre)
        self.press("o")
        self.accept()
        return max(set(self.labels()) - before)

    def hot_node(self, suv: float = 4.0) -> int:
        """The node as a lesion above a SUV. Gives its number."""
        before = set(self.labels())
        self.press("Escape")
        self.choose("tool-add")
        self.choose("rule-fixed")
        self.value("threshold-fixed", suv)
        self.go_to(NODE)
        self.press("a")
        self.accept()
        return max(set(self.labels()) - before)

    def clear(self) -> None:
        """Back to nothing: every lesion deleted, tools and settings as they were."""
        self.press("Escape")
        self.press("x")
        for label in sorted(self.labels()):
            self.page.get_by_test_id(f"lesion-{label}").click()
            self.page.mouse.move(5, 5)
            self.press("Delete")
            self.page.wait_for_function("n => !(n in window.petreview.labels())", arg=label)


def ball(
    centre: tuple[float, float, float], radius_mm: float, shape: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    """Voxels whose centres lie within a radius, counted here again."""
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    away = (
        ((z - centre[2]) * SPACING_ZYX[0]) ** 2
        + ((y - centre[1]) * SPACING_ZYX[1]) ** 2
        + ((x - centre[0]) * SPACING_ZYX[2]) ** 2
    )
    found: npt.NDArray[np.bool_] = away <= (radius_mm + 1e-6) ** 2
    return found


def piece_with(mask: npt.NDArray[np.bool_], at: Index) -> npt.NDArray[np.bool_]:
    pieces, _ = ndimage.label(mask, CUBE)
    found: npt.NDArray[np.bool_] = pieces == pieces[at[::-1]]
    return found


def place(mask: npt.NDArray[np.bool_]) -> Index:
    """The voxel of a mask farthest from its border."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1, 1:-1]
    z, y, x = np.unravel_index(int(depth.argmax()), mask.shape)
    return int(x), int(y), int(z)


def suv_of(page: Page) -> np.ndarray[Any, Any]:
    """The PET as the browser holds it, [z, y, x]."""
    x, y, z = page.evaluate("window.petreview.shape()")
    script = """([x, y, z]) => {
        const values = new Float32Array(x * y * z);
        let n = 0;
        for (let k = 0; k < z; k++) for (let j = 0; j < y; j++) for (let i = 0; i < x; i++)
            values[n++] = window.petreview.petAt(i, j, k);
        const bytes = new Uint8Array(values.buffer);
        let text = '';
        for (let i = 0; i < bytes.length; i += 32768)
            text += String.fromCharCode(...bytes.subarray(i, i + 32768));
        return btoa(text);
    }"""
    octets = base64.b64decode(page.evaluate(script, [x, y, z]))
    return np.frombuffer(octets, dtype="<f4").reshape(z, y, x)
