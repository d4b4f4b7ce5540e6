import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.imaging.geometry import GridMismatch, canonical_json
from annotations.imaging.patches import (
    PatchConflict,
    PatchMalformed,
    apply_patch,
    content_digest,
    diff_box,
    diff_labels,
    invert_patch,
    patch_from_bytes,
    patch_to_bytes,
    touched_labels,
)

from .cases import grid

OLD = np.array([[[0, 0, 1, 1], [2, 2, 0, 0]]], np.uint16)


def patch(*runs):
    return np.array(runs, np.uint32).reshape(-1, 4)


def test_a_run_ends_where_place_old_or_new_label_changes():
    new = np.array([[[3, 3, 3, 1], [3, 2, 4, 5]]], np.uint16)
    assert diff_labels(OLD, new).tolist() == [
        [0, 2, 0, 3],
        [2, 1, 1, 3],
        [4, 1, 2, 3],
        [6, 1, 0, 4],
        [7, 1, 0, 5],
    ]


def test_equal_maps_give_no_run():
    empty = diff_labels(OLD, OLD)
    assert (empty.shape, empty.dtype) == ((0, 4), np.uint32)
    assert np.array_equal(apply_patch(OLD, empty), OLD)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.booleans())
def test_a_patch_turns_one_map_into_the_other_and_back(seed, labels, dense):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 7, 3))
    old = rng.integers(0, labels, shape).astype(np.uint16)
    new = np.where(rng.random(shape) < (0.9 if dense else 0.2), rng.integers(0, labels, shape), old)
    new = new.astype(np.uint16)
    found = diff_labels(old, new)
    assert np.array_equal(apply_patch(old, found), new)
    assert np.array_equal(apply_patch(new, invert_patch(found)), old)
    assert np.array_equal(patch_from_bytes(patch_to_bytes(found)), found)
    assert found[:, 1].sum() == (old != new).sum()


def test_the_parent_is_not_changed():
    before = OLD.copy()
    apply_patch(OLD, patch((0, 2, 0, 9)))
    assert np.array_equal(OLD, before)


def test_another_parent_is_a_conflict_and_says_where():
    with pytest.raises(PatchConflict) as refused:
        apply_patch(OLD, patch((0, 2, 0, 9), (2, 2, 3, 9)))
    assert refused.value.code == "patch_conflict"
    assert refused.value.http_status == 409
    assert refused.value.detail == {"voxel": 2, "wanted_label": 3, "found_label": 1}


@pytest.mark.parametrize(
    "runs",
    [
        ((0, 2, 0, 9), (1, 1, 0, 9)),  # overlap
        ((2, 1, 1, 9), (0, 1, 0, 9)),  # out of order
        ((7, 2, 0, 9),),  # past the end
        ((8, 1, 0, 9),),
        ((4294967295, 4294967295, 0, 9),),
        ((0, 0, 0, 9),),  # empty run
        ((0, 1, 0, 65536),),
        ((0, 1, 65536, 1),),
        ((0, 1, 0, 255),),  # reserved
    ],
)
def test_runs_that_fit_no_map_are_refused(runs):
    with pytest.raises(PatchMalformed):
        apply_patch(OLD, patch(*runs))


def test_negative_or_fractional_or_flat_tables_are_refused():
    for table in (np.array([[-1, 1, 0, 1]]), np.array([[0.0, 1, 0, 1]]), np.array([0, 1, 0, 1])):
        with pytest.raises(PatchMalformed):
            apply_patch(OLD, table)
    with pytest.raises(PatchMalformed):
        patch_from_bytes(b"\0" * 15)


def test_maps_of_different_shape_have_no_difference():
    with pytest.raises(GridMismatch):
        diff_labels(OLD, OLD[:, :1])


def test_bytes_are_little_endian():
    assert patch_to_bytes(patch((1, 2, 3, 4))) == struct.pack("<4I", 1, 2, 3, 4)


def test_touched_labels_are_those_with_new_measures():
    assert touched_labels(patch((0, 1, 0, 7), (3, 1, 2, 0))) == {2, 7}


def test_a_view_that_is_not_contiguous_is_patched_in_its_own_order():
    turned = np.ascontiguousarray(OLD).transpose(0, 2, 1)
    new = turned.copy()
    new[0, 1, 1] = 8
    found = diff_labels(turned, new)
    assert found.tolist() == [[3, 1, 2, 8]]
    assert np.array_equal(apply_patch(turned, found), new)


def test_the_digest_is_that_of_bytes_and_grid():
    space = grid((1, 2, 4), (2.0, 2.0, 3.0))
    wanted = hashlib.sha256(struct.pack("<8H", *OLD.ravel()) + canonical_json(space.to_json())).hexdigest()
    assert content_digest(OLD, space) == wanted
    assert content_digest(OLD.astype(">u2").astype(np.uint16), space) == wanted
    assert content_digest(OLD, grid((1, 2, 4), (2.0, 2.0, 3.5))) != wanted
    changed = OLD.copy()
    changed[0, 0, 0] = 1
    assert content_digest(changed, space) != wanted


def test_a_digest_of_other_numbers_is_refused():
    with pytest.raises(InvalidInput):
        content_digest(OLD.astype(np.int32), grid((1, 2, 4)))
    with pytest.raises(GridMismatch):
        content_digest(OLD, grid((1, 4, 2)))


def test_a_change_in_a_box_gives_the_runs_of_the_whole():
    random = np.random.default_rng(5)
    old = random.integers(0, 4, (7, 8, 9)).astype(np.uint16)
    new = old.copy()
    box = np.s_[2:6, 1:7, 3:9]
    new[box] = random.integers(0, 4, new[box].shape)
    assert np.array_equal(diff_box(old, box, new[box]), diff_labels(old, new))
    assert len(diff_box(old, box, old[box])) == 0
    with pytest.raises(GridMismatch):
        diff_box(old, box, new[1:2])
