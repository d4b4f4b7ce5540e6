import heapq
import itertools

import numpy as np
import pytest
from scipy import ndimage

from annotations.errors import InvalidInput
from annotations.imaging.watershed import NotInRegion, split_at_seeds, split_region

from .cases import grid, two_balls


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize(("uptake", "distance"), [((8.0, 8.0), 9), ((20.0, 9.0), 10)])
def test_touching_balls_come_apart_at_the_waist(uptake, distance, noise):
    suv, region, space = two_balls(distance, uptake, noise)
    assert ndimage.label(region, np.ones((3, 3, 3)))[1] == 1
    pieces = split_region(region, suv, space)
    assert np.unique(pieces).tolist() == [0, 1, 2]
    assert np.array_equal(pieces != 0, region)
    left, right = pieces[8, 12, 15], pieces[8, 12, 24]
    assert {left, right} == {1, 2}
    assert (pieces[:, :, :19][region[:, :, :19]] == left).mean() > 0.98
    assert (pieces[:, :, 23:][region[:, :, 23:]] == right).mean() > 0.98


def test_one_ball_stays_whole_also_in_noise():
    suv, region, space = two_balls(0, noise=0.3)
    assert np.unique(split_region(region, suv, space)).tolist() == [0, 1]


def test_a_shallow_valley_splits_only_when_the_share_is_small():
    suv, region, space = two_balls(7)
    deep, shallow = split_region(region, suv, space, 0.5), split_region(region, suv, space, 0.02)
    assert (deep.max(), shallow.max()) == (1, 2)


def test_depth_is_judged_relative_to_the_peak():
    for scale in (0.2, 1.0, 30.0):
        suv, region, space = two_balls(9)
        assert split_region(region, suv * np.float32(scale), space).max() == 2


def test_pieces_that_are_too_small_fall_to_their_neighbour():
    suv, region, space = two_balls(9)
    suv[8, 12, 3:6], region[8, 12, 3:12] = 40.0, True  # a hot speck on a stalk
    assert split_region(region, suv, space, smoothing_mm=0.5, minimum_ml=0.0).max() > 2
    assert split_region(region, suv, space, smoothing_mm=0.5).max() == 2
    island = np.zeros_like(region)
    island[2, 2, 2] = True  # touches nothing, so it stays
    pieces = split_region(region | island, suv, space, smoothing_mm=0.5)
    assert pieces[2, 2, 2] == 3


def test_every_island_is_a_piece():
    suv, _, space = two_balls(9)
    islands = np.zeros(space.shape_zyx, bool)
    islands[2:5, 2:5, 2:5] = islands[2:5, 2:5, 20:26] = True
    pieces = split_region(islands, suv, space, minimum_ml=0.0)
    assert (pieces[3, 3, 22], pieces[3, 3, 3]) == (1, 2)


def slow_flood(height, inside, seeds):
    """Flooding by a queue, voxel by voxel: lowest first, first come first served."""
    labels = np.zeros(height.shape, int)
    queue, turn = [], itertools.count()
    for number, seed in enumerate(seeds, start=1):
        labels[seed] = number
        heapq.heappush(queue, (height[seed], next(turn), seed))
    while queue:
        level, _, place = heapq.heappop(queue)
        for step in itertools.product((-1, 0, 1), repeat=3):
            near = tuple(p + s for p, s in zip(place, step, strict=True))
            if not all(0 <= i < n for i, n in zip(near, height.shape, strict=True)):
                continue
            if inside[near] and not labels[near]:
                labels[near] = labels[place]
                heapq.heappush(queue, (max(level, height[near]), next(turn), near))
    return labels


def test_splitting_at_seeds_agrees_with_a_slow_twin():
    random = np.random.default_rng(7)
    suv = ndimage.gaussian_filter(random.random((12, 14, 16)), 1.5).astype(np.float32)
    region = suv > np.quantile(suv, 0.4)
    seeds = [tuple(int(i) for i in np.argwhere(region)[n]) for n in (10, 700, 1200)]
    pieces = split_at_seeds(region, suv, grid(suv.shape), seeds, smoothing_mm=0.0)
    wanted = slow_flood(-suv.astype(float), region, seeds)
    wanted[region & (wanted == 0)] = 4
    assert (pieces == wanted).mean() > 0.995  # the order of equals on a ridge is free
    assert np.array_equal(pieces != 0, region)


def test_pieces_have_the_order_of_the_seeds_and_the_rest_stays_together():
    suv, region, space = two_balls(9)
    region[1, 1, 1] = region[1, 1, 3] = True
    pieces = split_at_seeds(region, suv, space, [(8, 12, 25), (8, 12, 15)])
    assert (pieces[8, 12, 25], pieces[8, 12, 15]) == (1, 2)
    assert pieces[1, 1, 1] == pieces[1, 1, 3] == 3


def test_seeds_beside_the_region_and_empty_regions_are_refused():
    suv, region, space = two_balls(9)
    for seeds in ([(0, 0, 0)], [(8, 12, 15), (8, 12, 15)]):
        with pytest.raises(NotInRegion):
            split_at_seeds(region, suv, space, seeds)
    with pytest.raises(NotInRegion):
        split_region(np.zeros_like(region), suv, space)
    with pytest.raises(InvalidInput):
        split_region(region, suv, space, peak_share=1.0)
