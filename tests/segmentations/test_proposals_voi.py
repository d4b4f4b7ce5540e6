"""Outlines in a drawn volume of interest, and the two other seeds."""

import numpy as np
import pytest

from annotations.imaging.flab import FlabFailed
from annotations.imaging.region_growing import climb_to_maximum, grow_from_seed
from annotations.imaging.thresholds import UndefinedThreshold
from annotations.segmentations.proposals import BadParameter, NothingFound, RegionTooLarge
from tests.segmentations.hot_scene import (
    GRID,
    LEFT,
    LONE,
    RIGHT,
    ask,
    ball,
    codes,
    dice,
    hot_scene,
    label_map,
)

pytestmark = pytest.mark.django_db
CENTRE = [float(v) for v in GRID.index_to_world(LONE[0])]
SPHERE = {"add": [{"kind": "sphere", "centre_xyz_mm": CENTRE, "radius_mm": 22}]}
BOTH = {"add": [{"kind": "box", "from_xyz": [0, 0, 0], "to_xyz": [55, 47, 39]}]}


def test_a_background_adapted_seed_finds_the_ball_from_a_point_beside_it():
    # Half way up, the edge of a blurred ball lies s^2 / R inside it: a little lower is nearer to the truth.
    seed = {"seed_xyz": [19, 14, 12], "fraction": 0.42, "label": 1, "stop_radius_mm": 40}
    proposal, labels = ask(hot_scene(), "seed_background", **seed)
    assert dice(labels == 1, ball(*LONE[:2])) > 0.95
    assert proposal.report["background_suv"] == pytest.approx(1.0, abs=0.01)
    threshold = proposal.report["threshold_suv"]
    assert threshold == pytest.approx(1 + 0.42 * (proposal.report["maximum_suv"] - 1), abs=0.01)
    assert proposal.lesions[0]["boundary_rule"].startswith(f"SUV > {threshold:.2f} (42 % from 1.00 to ")


def test_it_is_the_region_of_the_whole_image_whatever_the_box():
    scene = hot_scene()
    seed = {"seed_xyz": [19, 14, 12], "fraction": 0.4, "label": 1, "stop_radius_mm": 20}
    proposal, labels = ask(scene, "seed_background", **seed)
    suv = scene.whole().suv
    top = climb_to_maximum(suv, GRID, (12, 14, 19), 15.0)
    assert proposal.parameters["maximum_xyz"] == list(top.index_zyx[::-1])
    wanted = grow_from_seed(suv, GRID, top.index_zyx, proposal.parameters["threshold_suv"], 20.0)
    assert np.array_equal(labels == 1, wanted)


def test_the_stopping_radius_holds_a_leak():
    seed = {"seed_xyz": [19, 34, 28], "fraction": 0.2, "label": 1}
    _, wide = ask(hot_scene(), "seed_background", **seed, stop_radius_mm=60)
    _, near = ask(hot_scene(), "seed_background", **seed, stop_radius_mm=11)
    assert (wide == 1)[28, 34, 33]
    assert not (near == 1)[28, 34, 33]


def test_a_seed_without_contrast_is_refused():
    with pytest.raises(UndefinedThreshold):
        ask(
            hot_scene(((14, 14, 12), 3.0, 1.0)),
            "seed_background",
            seed_xyz=[40, 10, 20],
            fraction=0.5,
            label=1,
            stop_radius_mm=20,
        )


@pytest.mark.parametrize("method", ["seed_flab", "voi_flab"])
def test_flab_finds_the_ball_from_a_seed_and_in_a_voi(method):
    where = {"seed_xyz": [14, 14, 12], "radius_mm": 22} if method == "seed_flab" else {"voi": SPHERE}
    proposal, labels = ask(hot_scene(), method, label=1, **where)
    assert dice(labels == 1, ball(*LONE[:2])) > 0.93
    background, tumour = proposal.parameters["means"]
    assert 1.0 <= background < 2.0  # with what spills out of the ball
    assert tumour == pytest.approx(LONE[2], rel=0.25)
    assert proposal.parameters["initial_means_given"] is proposal.parameters["initial_sds_given"] is False
    assert len(proposal.parameters["initial_means"]) == len(proposal.parameters["initial_sds"]) == 2
    assert proposal.lesions == [{"label": 1, "boundary_rule": "FLAB, 2 classes"}]


def test_flab_runs_again_with_other_initial_values_and_keeps_them():
    given = {"means": [1, 6, 12], "sds": [0.5, 2, 1]}
    proposal, _ = ask(hot_scene(), "voi_flab", voi=SPHERE, label=1, classes=3, initial=given)
    assert proposal.parameters["initial_means"] == [1, 6, 12]
    assert proposal.parameters["initial_sds"] == [0.5, 2, 1]
    assert proposal.parameters["initial_means_given"] is proposal.parameters["initial_sds_given"] is True
    assert proposal.parameters["classes"] == 3
    assert len(proposal.parameters["means"]) == 3


def test_stochastic_flab_is_the_same_for_the_same_seed_and_says_which():
    asked = {"voi": SPHERE, "label": 1, "stochastic": True}
    first, again = (ask(hot_scene(), "voi_flab", **asked, random_seed=5)[0] for _ in range(2))
    assert first.patch == again.patch
    assert first.parameters["random_seed"] == 5
    assert (
        ask(hot_scene(), "voi_flab", **asked, random_seed=6)[0].parameters["means"]
        != first.parameters["means"]
    )
    assert ask(hot_scene(), "voi_flab", voi=SPHERE, label=1)[0].parameters["random_seed"] is None


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"classes": 4}, "classes"),
        ({"initial": {"means": [1]}}, "initial.means"),
        ({"initial": {"means": [3, 1]}}, "initial.means"),
        ({"initial": {"sds": [0, 1]}}, "initial.sds"),
        ({"initial": {"colour": 1}}, "initial.colour"),
        ({"voi": {"add": [{"kind": "cone"}]}}, "voi.add.0.kind"),
        (
            {"voi": {"add": [{"kind": "sphere", "centre_xyz_mm": [0, 0], "radius_mm": 2}]}},
            "voi.add.0.centre_xyz_mm",
        ),
        (
            {"voi": {"add": [{"kind": "box", "from_xyz": [0, 0, 0], "to_xyz": [99, 0, 0]}]}},
            "voi.add.0.to_xyz",
        ),
        ({"voi": {"add": [{"kind": "planes", "axis": "z", "polygons": []}]}}, "voi.add.0.polygons"),
    ],
)
def test_each_bad_setting_is_refused_by_its_place(change, parameter):
    with pytest.raises(BadParameter) as refused:
        ask(hot_scene(), "voi_flab", **{"voi": SPHERE, "label": 1} | change)
    assert refused.value.detail["parameter"] == parameter


def test_flab_without_contrast_says_so():
    flat = {"add": [{"kind": "box", "from_xyz": [44, 2, 30], "to_xyz": [52, 8, 36]}]}
    with pytest.raises(FlabFailed):
        ask(hot_scene(((14, 14, 12), 3.0, 1.0)), "voi_flab", voi=flat, label=1)


def test_flab_refuses_a_voi_that_would_take_long(monkeypatch):
    monkeypatch.setattr("annotations.segmentations.proposals.flab.MOST_VOXELS", 1000)
    with pytest.raises(RegionTooLarge):
        ask(hot_scene(), "voi_flab", voi=SPHERE, label=1)


def test_a_fixed_threshold_in_a_voi_is_strict_and_exact():
    scene = hot_scene()
    _, labels = ask(scene, "voi_threshold", voi=SPHERE, label=1, rule={"kind": "fixed", "value": 4.0})
    _, sphere = scene_sphere(scene)
    assert np.array_equal(labels == 1, sphere & (scene.whole().suv > 4.0))


def scene_sphere(scene):
    z, y, x = np.indices(GRID.shape_zyx)
    places = GRID.index_to_world(np.stack([x, y, z], axis=-1))
    return scene, ((places - CENTRE) ** 2).sum(axis=-1) <= 22.0**2


def test_percent_and_background_rules_by_hand():
    scene = hot_scene()
    top = float(scene.whole().suv[scene_sphere(scene)[1]].max())
    percent, _ = ask(scene, "voi_threshold", voi=SPHERE, label=1, rule={"kind": "percent", "value": 41})
    assert percent.parameters["threshold_suv"] == pytest.approx(0.41 * top)
    assert percent.lesions[0]["boundary_rule"] == f"SUV > {0.41 * top:.2f} (41 % of {top:.2f}, in a VOI)"
    adapted, _ = ask(scene, "voi_threshold", voi=SPHERE, label=1, rule={"kind": "background", "value": 0.5})
    low = adapted.parameters["background_suv"]
    assert low == pytest.approx(1.3, abs=0.4)
    assert adapted.parameters["threshold_suv"] == pytest.approx(low + 0.5 * (top - low))


def test_of_several_pieces_the_hottest_is_the_lesion_and_the_rest_is_said():
    proposal, labels = ask(
        hot_scene(), "voi_threshold", voi=BOTH, label=1, rule={"kind": "fixed", "value": 6.0}
    )
    assert (labels == 1)[28, 34, 30]
    assert not (labels == 1)[12, 14, 14]
    assert codes(proposal) == ["other_parts"]


def test_other_lesions_are_no_part_of_a_voi():
    labels = label_map(L4=ball(*RIGHT[:2]) | ball(*LEFT[:2]))
    scene = hot_scene(labels=labels)
    _, drawn = ask(scene, "voi_threshold", voi=BOTH, label=5, rule={"kind": "percent", "value": 50})
    assert np.array_equal(drawn == 4, labels == 4)
    assert (drawn == 5)[12, 14, 14]  # the maximum is that of the free voxels


def test_nothing_above_is_said_with_the_threshold():
    with pytest.raises(NothingFound) as refused:
        ask(hot_scene(), "voi_threshold", voi=SPHERE, label=1, rule={"kind": "fixed", "value": 900})
    assert refused.value.detail == {"suv": 900.0}


def test_drawn_planes_and_subtracted_shapes_make_a_voi():
    corners = [[8, 8], [20, 8], [20, 20], [8, 20]]
    voi = {
        "add": [
            {"kind": "planes", "axis": "z", "polygons": [{"index": i, "points": corners} for i in (9, 15)]}
        ],
        "subtract": [{"kind": "box", "from_xyz": [14, 0, 0], "to_xyz": [55, 47, 39]}],
    }
    proposal, labels = ask(hot_scene(), "voi_threshold", voi=voi, label=1, rule={"kind": "fixed", "value": 4})
    z, _, x = np.nonzero(labels == 1)
    assert (z.min(), z.max(), x.max()) == (9, 15, 13)
    assert proposal.parameters["voi"] == voi
