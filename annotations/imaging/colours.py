"""Lesion colours: one table for server and browser, apart for many lesions and for colour-blind eyes.

`choose_colours` makes the table: each next colour is the candidate farthest from all earlier ones.
The distance of two colours is their CIELAB distance with normal vision or, where that is smaller,
2.5 times the one with simulated protanopia or deuteranopia (Vienot, Brettel & Mollon, Color Res Appl
1999;24:243): a dichromat has one dimension less, and the factor shares the room out. Candidates are
neither near black nor near white, so they stand out on dark slices and on the inverse grey MIP. The
table is kept as data so that a colour never changes with a library; a test makes it again.
"""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

Colour = tuple[int, int, int]
FloatTable = npt.NDArray[np.float64]
COLOUR_COUNT = 120
DICHROMAT_WEIGHT = 2.5
FIRST_COLOUR = (230, 25, 60)
# Linear RGB to linear RGB as seen without long-wave (protan) or middle-wave (deutan) cones.
PROTANOPIA = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE_XYZ = RGB_TO_XYZ.sum(axis=1)

_TABLE = (
    "e11e3c 00f0d2 6900ff f0d200 0f5aa5 ff87ff f0b487 00691e 964b69 87e15a f07800 3c5af0 "
    "ff1e96 00a5c3 f0c3ff a50096 ff8796 96a55a 69b4ff 9669d2 d20fff a56900 ff785a b4694b "
    "ffb44b b4004b a5e1a5 963cd2 e169b4 f03ce1 00d22d 3ca578 78a50f 69e1e1 b41e00 963c87 "
    "00d278 ff4b78 6987f0 d2e13c b4e178 5a783c b496e1 f04bc3 b43c2d c378ff c34b5a d2783c "
    "0f5ac3 5a3cff 0078ff ffa500 0078b4 961ee1 c33c78 69d2b4 d278a5 0fe1ff 875a2d b44bc3 "
    "c3b42d f096e1 c32d96 5aa53c f06996 f0a5d2 3c6900 ffa596 d2b45a ffa5b4 78f000 69d269 "
    "78871e 0f785a a500c3 ff5a5a 785ae1 c36969 ff0ff0 d20069 b45ab4 4bc3ff a5d21e ff9669 "
    "5a5ab4 2dc3d2 69f096 ff5aa5 c300b4 0096e1 873ca5 009687 d25a1e a5874b 00b478 3cd2a5 "
    "ff0f69 6987c3 e1964b e17869 96a52d a569a5 b43c87 e1d287 f01ea5 2d872d b478d2 4b5a96 "
    "c35a78 b45a96 960fff 1ec3b4 c30fe1 2d8700 4bd287 00874b c30078 7869a5 ff6987 965aff"
)
LESION_COLOURS: tuple[Colour, ...] = tuple(
    (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)) for code in _TABLE.split()
)


def lesion_colour(label: int) -> Colour:
    """(r, g, b) 0-255 of a label from 1 on; the table starts again after COLOUR_COUNT labels."""
    if label < 1:
        raise ValueError("labels start at 1")
    return LESION_COLOURS[(label - 1) % len(LESION_COLOURS)]


def colour_table(highest_label: int) -> npt.NDArray[np.uint8]:
    """uint8 [highest_label + 1, 3]; row 0 (background) is black."""
    rows = [(0, 0, 0), *(lesion_colour(label) for label in range(1, highest_label + 1))]
    return np.array(rows, dtype=np.uint8)


def write_colours(path: Path) -> None:
    """Write the table as the JSON that the browser imports: [[r, g, b], ...], index = label - 1."""
    rows = ",\n".join(f"  {json.dumps(list(colour))}" for colour in LESION_COLOURS)
    path.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


def choose_colours(count: int = COLOUR_COUNT) -> tuple[Colour, ...]:
    candidates = _candidates()
    normal = to_lab(candidates)
    dichromat = [DICHROMAT_WEIGHT * to_lab(candidates, vision) for vision in (PROTANOPIA, DEUTERANOPIA)]
    seen = [normal, *dichromat]
    chosen = [int(np.argmin(np.abs(candidates.astype(int) - FIRST_COLOUR).sum(axis=1)))]
    nearest = np.full(len(candidates), np.inf)
    while len(chosen) < count:
        distance = np.min([np.linalg.norm(lab - lab[chosen[-1]], axis=1) for lab in seen], axis=0)
        nearest = np.minimum(nearest, np.round(distance, 6))
        chosen.append(int(np.argmax(nearest)))
    return tuple((int(r), int(g), int(b)) for r, g, b in candidates[chosen])


def to_lab(rgb: npt.NDArray[np.uint8], vision: FloatTable | None = None) -> FloatTable:
    """CIELAB (D65) [n, 3] of sRGB colours, as seen with a `vision` matrix."""
    share = rgb.astype(np.float64) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    if vision is not None:
        linear = np.clip(linear @ vision.T, 0.0, 1.0)
    xyz = linear @ RGB_TO_XYZ.T / WHITE_XYZ
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root.T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _candidates() -> npt.NDArray[np.uint8]:
    """A grid of saturated colours of medium lightness: L* 38-86, chroma at least 35."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = to_lab(grid)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    return grid[(lab[:, 0] >= 38) & (lab[:, 0] <= 86) & (chroma >= 35)]
