"""One lesion from one point."""

import numpy as np
import pytest

from annotations.imaging.components import label_components
from annotations.imaging.watershed import NotInRegion
from annotations.segmentations.proposals import BadParameter
from annotations.segmentations.proposals.seeds import SeedInLesion
from annotations.segmentations.services import LabelDeleted, LabelReserved
from tests.segmentations.hot_scene import LEFT, LONE, ask, ball, dice, hot_scene, label_map

pytestmark = pytest.mark.django_db
GRADIENT = {"seed_xyz": [14, 14, 12], "label": 1, "stop_radius_mm": 30}


def test_a_gradient_outline_is_the_ball_that_was_drawn():
    proposal, labels = ask(hot_scene(), "seed_gradient", **GRADIENT)
    assert dice(labels == 1, ball(*LONE[:2])) > 0.95
    assert proposal.report["voxel_count"] == np.count_nonzero(labels == 1)
    assert proposal.report["volume_ml"] == pytest.approx(np.count_nonzero(labels == 1) * 0.012)
    assert proposal.report["volume_ml_before"] is None
    assert proposal.tool == "seed_gradient"
    assert proposal.lesions[0]["boundary_rule"].startswith("gradient (edge at SUV ")


def test_an_outline_stops_at_the_border_of_another_lesion():
    labels = label_map(L1=ball(*LONE[:2]) & (np.indices((40, 48, 56))[2] < 14))
    _, drawn = ask(hot_scene(labels=labels), "seed_gradient", **GRADIENT | {"label": 2})
    assert np.array_equal(drawn == 1, labels == 1)
    assert (drawn == 2)[:, :, 14:].any()
    assert label_components(drawn == 2, 26)[1] == 1


def test_an_outline_takes_the_place_of_the_lesions_old_one():
    labels = label_map(L1=ball((14, 14, 12), 3.0), L2=ball(*LEFT[:2]))
    _, drawn = ask(hot_scene(labels=labels), "seed_gradient", **GRADIENT)
    assert dice(drawn == 1, ball(*LONE[:2])) > 0.95
    assert np.array_equal(drawn == 2, labels == 2)


def test_a_point_in_another_lesion_is_refused_with_its_number():
    scene = hot_scene(labels=label_map(L1=ball(*LONE[:2])))
    with pytest.raises(SeedInLesion) as refused:
        ask(scene, "seed_gradient", **GRADIENT | {"label": 2})
    assert refused.value.detail == {"label": 1}


def test_no_uptake_at_the_point_is_said():
    with pytest.raises(NotInRegion):
        ask(hot_scene(background=0.0), "seed_gradient", **GRADIENT | {"seed_xyz": [50, 5, 35]})


def test_numbers_of_lesions_are_new_or_their_own():
    scene = hot_scene(labels=label_map(L4=ball(*LEFT[:2])))
    for label, wanted in ((255, LabelReserved), (3, LabelDeleted)):
        with pytest.raises(wanted):
            ask(scene, "seed_gradient", **GRADIENT | {"label": label})


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"seed_xyz": None}, "seed_xyz"),
        ({"seed_xyz": [14, 14]}, "seed_xyz"),
        ({"seed_xyz": [14, 14, 40]}, "seed_xyz"),
        ({"seed_xyz": [14.5, 14, 12]}, "seed_xyz"),
        ({"seed_xyz": ["14", 14, 12]}, "seed_xyz"),
        ({"stop_radius_mm": 1e9}, "stop_radius_mm"),
        ({"stop_radius_mm": float("nan")}, "stop_radius_mm"),
        ({"stop_radius_mm": True}, "stop_radius_mm"),
        ({"label": 0}, "label"),
        ({"label": 1.5}, "label"),
        ({"label": float("inf")}, "label"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_each_bad_parameter_is_refused_by_name(change, parameter):
    with pytest.raises(BadParameter) as refused:
        ask(hot_scene(), "seed_gradient", **GRADIENT | change)
    assert refused.value.detail["parameter"] == parameter
