"""Lesions cut apart, physiological uptake taken out, whole-body segmentation, reshaping: voxel by voxel."""

import numpy as np
import pytest

from annotations.imaging.drawn_cut import CutDoesNotSeparate
from annotations.segmentations.proposals import NothingChanges, NothingFound
from annotations.segmentations.proposals.borders import as_connected_as, main_part
from annotations.segmentations.proposals.parts import LineBesideLesion, NothingToSplit, new_numbers
from annotations.segmentations.proposals.physiological import TumourMarked
from tests.segmentations.hot_scene import GRID, LEFT, LONE, RIGHT, ask, ball, codes, hot_scene, label_map

pytestmark = pytest.mark.django_db
PAIR = ball(*LEFT[:2]) | ball(*RIGHT[:2])
LINE = {"axis": "z", "index": 28, "points": [[24.5, 26], [24.5, 42]]}
ON_LEFT, ON_RIGHT = [19, 34, 28], [30, 34, 28]
COLUMN = np.indices(GRID.shape_zyx)[2]


def pair_scene(**more):
    return hot_scene(labels=label_map(L1=PAIR, **more))


def test_a_split_keeps_the_number_for_the_part_with_the_hottest_voxel():
    proposal, labels = ask(pair_scene(), "split_watershed", label=1, next_label=2, h_fraction=0.1)
    assert labels[28, 34, 30] == 1  # the right ball is hotter
    assert labels[28, 34, 19] == 2
    assert np.array_equal(labels != 0, PAIR)
    assert {part["label"] for part in proposal.report["parts"]} == {1, 2}
    assert sum(part["volume_ml"] for part in proposal.report["parts"]) == pytest.approx(
        np.count_nonzero(PAIR) * 0.012
    )


def test_points_of_the_reader_split_where_there_is_no_valley():
    scene = hot_scene(labels=label_map(L1=ball(*LONE[:2])))
    with pytest.raises(NothingToSplit):
        ask(scene, "split_watershed", label=1, next_label=2)
    _, labels = ask(scene, "split_watershed", label=1, next_label=2, seeds_xyz=[[10, 14, 12], [18, 14, 12]])
    assert {int(labels[12, 14, 10]), int(labels[12, 14, 18])} == {1, 2}


def test_new_numbers_leave_out_255():
    assert new_numbers(254, 3) == [254, 256, 257]
    assert new_numbers(3, 0) == []


def test_parts_keep_the_site_and_the_rule_of_their_lesion():
    from annotations.models import Lesion
    from annotations.segmentations.proposals import Scene
    from tests.builders import model_version

    base = pair_scene()
    volume = base.version.segmentation.volume
    info = {1: {"site": "liver", "boundary_rule": "SUV > 4.00 (fixed)", "name": "large one"}}
    version = model_version(volume, label_map(L1=PAIR), lesion_info=info)
    assert Lesion.objects.filter(version=version, site="liver").exists()
    proposal, _ = ask(Scene(version, base.revision), "cut", label=1, next_label=2, **LINE)
    assert proposal.lesions == [{"label": 2, "site": "liver", "boundary_rule": "SUV > 4.00 (fixed)"}]


def test_a_cut_follows_the_line_exactly():
    _, labels = ask(pair_scene(), "cut", label=1, next_label=2, **LINE)
    assert np.array_equal(labels == 1, PAIR & (COLUMN >= 25))
    assert np.array_equal(labels == 2, PAIR & (COLUMN <= 24))


@pytest.mark.parametrize("axis", ["y", "x"])
def test_a_cut_can_be_drawn_on_any_plane(axis):
    line = {
        "y": {"axis": "y", "index": 34, "points": [[24.5, 22], [24.5, 34]]},
        "x": {"axis": "x", "index": 30, "points": [[34.5, 22], [34.5, 34]]},
    }[axis]
    right = ball(*RIGHT[:2])
    scene = pair_scene() if axis == "y" else hot_scene(labels=label_map(L1=right))
    _, labels = ask(scene, "cut", label=1, next_label=2, **line)
    away = np.indices(GRID.shape_zyx)[2 if axis == "y" else 1]
    edge, cut = (25, PAIR) if axis == "y" else (35, right)
    sides = [np.unique(labels[cut & side]).tolist() for side in (away >= edge, away < edge)]
    assert sorted(sides) == [[1], [2]]


def test_a_cut_that_misses_is_refused():
    scene = pair_scene()
    with pytest.raises(LineBesideLesion):
        ask(scene, "cut", label=1, next_label=2, **LINE | {"index": 5})
    with pytest.raises(CutDoesNotSeparate):
        ask(scene, "cut", label=1, next_label=2, **LINE | {"points": [[2, 26], [2, 42]]})
    ball_only = hot_scene(labels=label_map(L1=ball(*RIGHT[:2])))
    across = LINE | {"points": [[30.5, 26], [30.5, 42]]}
    with pytest.raises(CutDoesNotSeparate):
        ask(ball_only, "cut", label=1, next_label=2, **across, depth_mm=3)


def remove(scene, **parameters):
    return ask(scene, "physiological", **{"label": 1, "class": "kidney", **parameters})


def test_a_whole_lesion_is_taken_out_with_its_class():
    proposal, labels = remove(pair_scene(), boundary="whole")
    assert not labels.any()
    assert proposal.lesions == [{"label": 1, "physiological_class": "kidney"}]
    assert proposal.report["lost_ml"] == pytest.approx(np.count_nonzero(PAIR) * 0.012)
    assert proposal.report["kept_ml"] == 0


@pytest.mark.parametrize("boundary", ["drawn", "watershed"])
def test_a_part_is_taken_out_at_a_boundary_and_the_rest_stays_as_it_was(boundary):
    extra = {"cut": LINE} if boundary == "drawn" else {"keep_xyz": [ON_RIGHT]}
    proposal, labels = remove(pair_scene(), boundary=boundary, at_xyz=ON_LEFT, **extra)
    gone = PAIR & (labels == 0)
    assert labels[28, 34, 30] == 1
    assert labels[28, 34, 19] == 0
    assert not labels[~PAIR].any()
    assert proposal.report["lost_ml"] == pytest.approx(np.count_nonzero(gone) * 0.012)
    assert proposal.report["kept_ml"] == pytest.approx(np.count_nonzero(labels == 1) * 0.012)
    assert proposal.lesions == []
    assert proposal.parameters["class"] == "kidney"
    if boundary == "drawn":
        assert np.array_equal(gone, PAIR & (COLUMN <= 24))


def test_marked_tumour_is_never_taken():
    scene = pair_scene()
    with pytest.raises(TumourMarked):
        remove(scene, boundary="whole", keep_xyz=[ON_RIGHT])
    with pytest.raises(TumourMarked):
        remove(scene, boundary="drawn", at_xyz=ON_LEFT, cut=LINE, keep_xyz=[[22, 34, 28]])
    _, labels = remove(scene, boundary="watershed", at_xyz=ON_LEFT, keep_xyz=[[24, 34, 28], ON_RIGHT])
    assert labels[28, 34, 24] == 1


def test_what_stays_in_two_parts_becomes_two_lesions():
    bar = np.zeros(GRID.shape_zyx, dtype=bool)
    bar[26:31, 30:38, 10:46] = True
    scene = hot_scene(labels=label_map(L1=bar, L7=ball(*LONE[:2])))
    twice = {"axis": "z", "index": 28, "points": [[20.5, 25], [20.5, 43], [34.5, 43], [34.5, 25]]}
    proposal, labels = remove(scene, boundary="drawn", at_xyz=[28, 34, 28], cut=twice)
    assert not labels[28, 34, 21:35].any()
    assert {int(labels[28, 34, 12]), int(labels[28, 34, 44])} == {1, 8}
    assert codes(proposal) == ["falls_apart"]
    assert [said["label"] for said in proposal.lesions] == [8]


def test_a_watershed_without_a_valley_is_refused():
    scene = hot_scene(labels=label_map(L1=ball(*LONE[:2])))
    with pytest.raises(NothingToSplit):
        remove(scene, boundary="watershed", at_xyz=[14, 14, 12])


def whole(scene, **parameters):
    return ask(scene, "whole_body", **{"rule": "fixed", "value": 4.0, "next_label": 1, **parameters})


def test_the_whole_body_is_every_component_above_by_descending_volume():
    scene = hot_scene()
    proposal, labels = whole(scene)
    assert np.array_equal(labels != 0, scene.whole().suv > 4.0)
    sizes = np.bincount(labels.reshape(-1))[1:]
    assert sizes.tolist() == sorted(sizes.tolist(), reverse=True)
    assert proposal.report["lesion_count"] == len(sizes) == 2
    assert proposal.report["volume_ml"] == pytest.approx(np.count_nonzero(labels) * 0.012)
    assert proposal.report["touching_count"] == 0


def test_components_under_the_smallest_volume_are_dropped():
    scene = hot_scene(LONE, ((45, 10, 30), 3.0, 60.0))
    assert whole(scene)[0].report["lesion_count"] == 2
    assert whole(scene, minimum_ml=3.0)[0].report["lesion_count"] == 1


def test_what_is_there_stays_and_what_touches_it_becomes_a_lesion_of_its_own():
    half = ball(*LONE[:2]) & (COLUMN < 14)
    scene = hot_scene(labels=label_map(L1=half))
    proposal, labels = whole(scene, next_label=2)
    assert np.array_equal(labels == 1, half)
    assert np.array_equal(labels > 1, (scene.whole().suv > 4.0) & ~half)
    assert proposal.report["touching_count"] == 1
    assert codes(proposal) == ["touches_lesion"]


def test_numbers_go_on_from_the_next_one_without_255():
    scene = hot_scene(labels=label_map(L253=ball((45, 10, 30), 6.0)))
    assert set(np.unique(whole(scene, next_label=254)[1])) == {0, 253, 254, 256}


def test_the_liver_rule_takes_its_threshold_from_the_roi():
    scene = hot_scene(background=1.0)
    roi = {
        "organ": "liver",
        "centre_xyz_mm": [float(v) for v in GRID.index_to_world((46, 12, 12))],
        "diameter_mm": 20,
    }
    proposal, labels = whole(scene, rule="liver", rois=[roi], value=None)
    (record,) = proposal.parameters["rois"]
    wanted = 1.5 * record["suv_mean"] + 2 * record["suv_sd"]
    assert proposal.parameters["threshold_suv"] == pytest.approx(wanted) == record["threshold_suv"]
    assert np.array_equal(labels != 0, scene.whole().suv > wanted)
    assert "unlike_organ" in codes(proposal)  # SUV 1 is no liver
    assert proposal.lesions[0]["boundary_rule"] == f"SUV > {wanted:.2f} (liver, 1.5 x SUVmean + 2 x SD)"


def test_a_rule_without_its_roi_is_refused_and_so_is_nothing_found():
    with pytest.raises(Exception, match="an ROI in the spleen"):
        whole(hot_scene(), rule="spleen", rois=[], value=None)
    with pytest.raises(NothingFound):
        whole(hot_scene(), value=500.0)


def test_a_piece_that_comes_off_leaves_the_lesion_and_is_said():
    bridge = np.zeros(GRID.shape_zyx, dtype=bool)
    bridge[28, 34, 24:26] = True
    scene = hot_scene(labels=label_map(L1=PAIR | bridge))
    proposal, labels = ask(scene, "shrink", label=1, mm=3)
    assert codes(proposal) == ["piece_dropped"]
    assert (labels == 1)[28, 34, 30]
    assert not (labels == 1)[28, 34, 19]
    assert proposal.report["dropped_ml"] > 1


def test_grown_lesions_stop_at_their_neighbour():
    labels = label_map(L1=ball(*LEFT[:2]), L2=ball(*RIGHT[:2]) & ~ball(*LEFT[:2]))
    _, grown = ask(hot_scene(labels=labels), "grow", label=1, mm=8)
    assert np.array_equal(grown == 2, labels == 2)
    assert np.count_nonzero(grown == 1) > np.count_nonzero(labels == 1)


def test_smoothing_keeps_the_volume_and_filling_the_hole_fills_it():
    hole = label_map(L1=PAIR & ~ball(RIGHT[0], 2.0))
    _, filled = ask(hot_scene(labels=hole), "fill_holes", label=1)
    assert np.array_equal(filled == 1, PAIR)
    rough = ball(*LONE[:2])
    rough[12, 14, 20:24] = True
    proposal, _ = ask(hot_scene(labels=label_map(L1=rough)), "smooth", label=1, mm=4)
    assert proposal.report["volume_ml"] == pytest.approx(proposal.report["volume_ml_before"], rel=0.05)


def test_shrinking_by_nothing_says_so():
    with pytest.raises(NothingChanges):
        ask(pair_scene(), "grow", label=1, mm=0.2)


def test_the_main_part_has_the_hottest_voxel_or_is_the_largest():
    region = np.zeros((1, 1, 9), dtype=bool)
    region[0, 0, [0, 1, 2, 5, 8]] = True
    suv = np.zeros((1, 1, 9), dtype=np.float32)
    suv[0, 0, 5] = 3.0
    assert np.flatnonzero(main_part(region, suv)).tolist() == [5]
    assert np.flatnonzero(main_part(region, None)).tolist() == [0, 1, 2]
    assert np.flatnonzero(main_part(region, suv * np.nan)).tolist() == [0, 1, 2]


def test_a_lesion_in_two_pieces_may_stay_in_two():
    before = np.zeros((1, 1, 12), dtype=bool)
    before[0, 0, [0, 1, 2, 3, 7, 8, 9, 10]] = True
    after = before.copy()
    after[0, 0, [1, 8]] = False
    suv = np.arange(12, dtype=np.float32).reshape(1, 1, 12)
    assert np.flatnonzero(as_connected_as(before, after, suv)).tolist() == [2, 3, 9, 10]
