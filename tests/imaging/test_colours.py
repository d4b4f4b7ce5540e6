import json
from pathlib import Path

import numpy as np
import pytest

from annotations.imaging.colours import (
    DEUTERANOPIA,
    LESION_COLOURS,
    PROTANOPIA,
    choose_colours,
    colour_table,
    lesion_colour,
    to_lab,
    write_colours,
)

FRONTEND_TABLE = Path(__file__).parents[2] / "frontend/src/viewer/lesionColours.json"


def closest(colours, vision=None):
    lab = to_lab(np.array(colours, np.uint8), vision)
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return distance[np.triu_indices(len(colours), 1)].min()


def test_the_browser_has_the_same_table(tmp_path):
    assert [tuple(row) for row in json.loads(FRONTEND_TABLE.read_text())] == list(LESION_COLOURS)
    write_colours(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == FRONTEND_TABLE.read_bytes()


def test_the_table_is_what_its_function_chooses():
    assert choose_colours() == LESION_COLOURS


def test_a_hundred_lesions_stay_apart():
    assert len(set(LESION_COLOURS)) >= 100
    assert closest(LESION_COLOURS[:20]) > 30
    assert closest(LESION_COLOURS[:100]) > 12


@pytest.mark.parametrize("vision", [PROTANOPIA, DEUTERANOPIA])
def test_they_stay_apart_for_colour_blind_readers(vision):
    assert closest(LESION_COLOURS[:10], vision) > 20
    assert closest(LESION_COLOURS[:20], vision) > 12
    assert closest(LESION_COLOURS[:100], vision) > 5  # a just noticeable difference is about 2.3


def test_no_colour_drowns_in_black_or_white():
    lightness = to_lab(np.array(LESION_COLOURS, np.uint8))[:, 0]
    assert lightness.min() >= 38
    assert lightness.max() <= 86


def test_lab_of_known_colours():
    lab = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8))
    assert lab[0] == pytest.approx([100, 0, 0], abs=0.01)
    assert lab[1] == pytest.approx([0, 0, 0], abs=0.01)
    assert lab[2] == pytest.approx([53.24, 80.09, 67.2], abs=0.05)


def test_labels_take_the_colours_in_turn():
    assert lesion_colour(1) == LESION_COLOURS[0]
    assert lesion_colour(121) == LESION_COLOURS[0]
    assert colour_table(2).tolist() == [[0, 0, 0], list(LESION_COLOURS[0]), list(LESION_COLOURS[1])]
    with pytest.raises(ValueError, match="labels start at 1"):
        lesion_colour(0)
