"""Rules that every method of the table obeys."""

import contextlib

import numpy as np
import pytest

from annotations.errors import PetreviewError
from annotations.imaging.components import label_components
from annotations.segmentations.proposals import METHODS, BadParameter, NothingChanges, UnknownMethod
from annotations.segmentations.rois import NoSuv
from tests.builders import make_suv
from tests.segmentations.hot_scene import GRID, LEFT, LONE, RIGHT, ask, ball, hot_scene, label_map, scene_of

pytestmark = pytest.mark.django_db
PLACE = GRID.index_to_world(LONE[0])
BOX = {"add": [{"kind": "box", "from_xyz": [4, 4, 5], "to_xyz": [24, 24, 19]}]}
SPHERE = {"add": [{"kind": "sphere", "centre_xyz_mm": [float(v) for v in PLACE], "radius_mm": 22}]}
LINE = {"axis": "z", "index": 28, "points": [[24.5, 26], [24.5, 42]]}
# Lesion 1: both touching balls; lesion 2: part of the lone one, so that methods there meet a border.
PAIR = ball(*LEFT[:2]) | ball(*RIGHT[:2])
HALF = ball(*LONE[:2]) & (np.indices(GRID.shape_zyx)[2] < 11)

QUESTIONS = {
    "seed_background": {"seed_xyz": [16, 14, 12], "fraction": 0.5, "label": 3, "stop_radius_mm": 30},
    "seed_gradient": {"seed_xyz": [16, 14, 12], "label": 3, "stop_radius_mm": 30},
    "seed_flab": {"seed_xyz": [16, 14, 12], "label": 3, "radius_mm": 24},
    "voi_flab": {"voi": SPHERE, "label": 3, "classes": 3},
    "voi_threshold": {"voi": BOX, "label": 3, "rule": {"kind": "percent", "value": 41}},
    "grow": {"label": 2, "mm": 4},
    "shrink": {"label": 1, "mm": 3},
    "smooth": {"label": 1, "mm": 3},
    "fill_holes": {"label": 1},
    "split_watershed": {"label": 1, "next_label": 3, "h_fraction": 0.1},
    "cut": {"label": 1, "next_label": 3, **LINE},
    "physiological": {
        "label": 1,
        "class": "kidney",
        "boundary": "drawn",
        "at_xyz": [20, 34, 28],
        "cut": LINE,
    },
    "whole_body": {"rule": "fixed", "value": 4.0, "rois": [], "next_label": 3},
}


def scene():
    pair = PAIR & ~ball(RIGHT[0], 2.0)  # a hole to fill
    return hot_scene(labels=label_map(L1=pair, L2=HALF))


def test_every_method_has_a_question_here_and_says_what_it_does():
    assert set(QUESTIONS) == set(METHODS)
    assert all(method.__doc__ for method in METHODS.values())


@pytest.mark.parametrize("method", QUESTIONS)
def test_the_same_question_gives_the_same_octets(method):
    one = scene()
    first, again = ask(one, method, **QUESTIONS[method])[0], ask(one, method, **QUESTIONS[method])[0]
    assert (first.patch, first.parameters, first.report) == (again.patch, again.parameters, again.report)
    assert first.tool == method


@pytest.mark.parametrize("method", QUESTIONS)
def test_no_other_lesion_loses_or_gains_a_voxel(method):
    one = scene()
    _, labels = ask(one, method, **QUESTIONS[method])
    asked_for = QUESTIONS[method].get("label")
    for label in {1, 2} - {asked_for}:
        assert np.array_equal(labels == label, one.labels == label)


@pytest.mark.parametrize("method", QUESTIONS)
def test_every_label_stays_in_one_piece_and_new_numbers_are_new(method):
    one = scene()
    proposal, labels = ask(one, method, **QUESTIONS[method])
    for label in np.unique(labels[labels != 0]):
        assert label_components(labels == label, 26)[1] == 1
    assert set(np.unique(labels)) - {0, 1, 2} <= set(range(3, 10))
    assert {said["label"] for said in proposal.lesions} <= set(range(1, 10))


@pytest.mark.parametrize("method", QUESTIONS)
def test_an_unknown_parameter_is_refused_by_name(method):
    with pytest.raises(BadParameter) as refused:
        ask(scene(), method, **QUESTIONS[method], surprise=1)
    assert refused.value.detail["parameter"] == "surprise"


@pytest.mark.parametrize("method", QUESTIONS)
def test_each_missing_parameter_is_refused_by_its_name(method):
    for name in set(QUESTIONS[method]) - {"h_fraction", "classes", "rois", "cut"}:
        left = {key: value for key, value in QUESTIONS[method].items() if key != name}
        with pytest.raises(BadParameter) as refused:
            ask(scene(), method, **left)
        assert refused.value.detail["parameter"] == name


@pytest.mark.parametrize("method", QUESTIONS)
@pytest.mark.parametrize("rubbish", [None, "x", [], {}, float("nan"), -1, 1e300, True, [[1]], {"kind": 7}])
def test_rubbish_never_gets_further_than_a_named_refusal(method, rubbish):
    one = scene()
    for name in QUESTIONS[method]:
        with contextlib.suppress(PetreviewError):
            ask(one, method, **QUESTIONS[method] | {name: rubbish})


def test_an_unknown_method_is_refused():
    with pytest.raises(UnknownMethod):
        ask(scene(), "explode")


def test_methods_that_need_suv_say_so_without_it():
    one = scene()
    blind = scene_of(one.version, make_suv(one.version.segmentation.volume, None))
    for method in (
        "seed_background",
        "seed_gradient",
        "seed_flab",
        "voi_flab",
        "whole_body",
        "split_watershed",
    ):
        with pytest.raises(NoSuv):
            ask(blind, method, **QUESTIONS[method])
    for method in ("grow", "shrink", "smooth", "fill_holes", "cut"):
        ask(blind, method, **QUESTIONS[method])


def test_a_method_that_changes_nothing_says_so():
    with pytest.raises(NothingChanges):
        ask(hot_scene(labels=label_map(L1=ball(*LONE[:2]))), "fill_holes", label=1)
