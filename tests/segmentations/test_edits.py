import dataclasses
import io
import threading
import uuid

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.accounts.models import Role
from annotations.errors import InvalidInput
from annotations.imaging.geometry import GridMismatch
from annotations.imaging.patches import PatchConflict, patch_to_bytes
from annotations.models import Version
from annotations.segmentations.measures import measure_all, measures_of
from annotations.segmentations.selectors import head_version
from annotations.segmentations.services import (
    BadPatch,
    LabelDeleted,
    LabelReserved,
    StaleParent,
    VersionConflict,
    insert_version,
    prepare_lineage,
    save_edit,
    verify_chain,
)
from annotations.segmentations.voxels import read_labels
from tests.builders import SMALL, boxes, make_edit, make_suv, make_user, make_volume, model_version
from tests.registry import triggers

L1, L2 = np.s_[2:4, 2:5, 2:5], np.s_[9:12, 13:16, 18:20]


@pytest.fixture
def lineage(db):
    """A reader's lineage on a model version with lesions 1 and 2."""
    return open_lineage()


def open_lineage():
    volume = make_volume()
    revision = make_suv(volume)
    start = model_version(volume, boxes(SMALL, L1=L1, L2=L2))
    prepared = prepare_lineage(
        volume=volume,
        start=start,
        title="Case 1",
        author=make_user(f"reader-{uuid.uuid4().hex[:8]}", Role.READER),
        suv_revision=revision,
        is_synthetic=True,
    )
    return insert_version(prepared)


def save(parent: Version, labels=None, edit=None, **more) -> Version:
    version, _ = try_save(parent, edit or make_edit(parent, labels, **more))
    return version


def try_save(first: Version, edit):
    return save_edit(
        segmentation=first.segmentation,
        edit=edit,
        author=first.author,
        suv_revision=first.segmentation.volume.suv_revisions.get(),
        guard=lambda: None,
    )


def statuses(version: Version) -> dict[int, str]:
    return dict(version.lesions.values_list("label", "status"))


def test_a_lineage_keeps_labels_numbers_sources_and_measures_of_its_start(lineage):
    assert lineage.parent.producer_kind == "model"
    assert lineage.labels_id == lineage.parent.labels_id
    assert statuses(lineage) == {1: "kept", 2: "kept"}
    assert lineage.measure_sets.get().lesions == lineage.parent.measure_sets.get().lesions


def test_delete_add_and_grow_are_told_apart(lineage):
    labels = boxes(SMALL, L2=np.s_[9:12, 13:16, 17:20], L3=np.s_[0:2, 0:2, 0:2])
    version = save(lineage, labels)
    assert np.array_equal(read_labels(version), labels)
    assert list(version.lesions.values_list("label", "status", "source")) == [
        (1, "deleted", "model"),
        (2, "edited", "model"),
        (3, "added", "reader"),
    ]
    assert version.measure_sets.get().summary["lesion_count"] == 2
    assert version.measure_sets.get().summary["ttv_ml"] == pytest.approx((27 + 8) * 0.08)
    assert version.next_label == 4


def test_a_deleted_lesion_keeps_its_last_measures(lineage):
    version = save(lineage, boxes(SMALL, L2=L2))
    assert version.measure_sets.get().lesions["1"] == lineage.measure_sets.get().lesions["1"]


def test_going_back_to_the_start_is_kept_again(lineage):
    grown = save(lineage, boxes(SMALL, L1=np.s_[2:4, 2:5, 2:6], L2=L2))
    back = save(grown, boxes(SMALL, L1=L1, L2=L2), tool="undo")
    assert statuses(back) == {1: "kept", 2: "kept"}
    assert back.labels_id == lineage.labels_id


def test_an_added_lesion_from_a_seed_is_semi_automatic(lineage):
    labels = boxes(SMALL, L1=L1, L2=L2, L3=np.s_[0:1, 0:1, 0:1])
    rule = [{"label": 3, "boundary_rule": "SUV > 4.0", "name": "new"}]
    lesion = save(lineage, labels, tool="add_seed", lesions=rule).lesions.get(label=3)
    assert (lesion.source, lesion.boundary_rule, lesion.name) == ("semi_automatic", "SUV > 4.0", "new")


def test_words_alone_make_a_version_of_the_same_label_map(lineage):
    version = save(lineage, boxes(SMALL, L1=L1, L2=L2), lesions=[{"label": 2, "comment": "liver edge"}])
    assert version.labels_id == lineage.labels_id
    assert version.version_digest != lineage.version_digest
    later = save(version, boxes(SMALL, L1=L1))
    assert later.lesions.get(label=2).comment == "liver edge"


def test_words_on_a_lesion_that_is_not_there_are_refused(lineage):
    with pytest.raises(InvalidInput):
        save(lineage, boxes(SMALL, L1=L1, L2=L2), lesions=[{"label": 9, "comment": "?"}])


def test_the_same_edit_again_gives_the_stored_version(lineage):
    edit = make_edit(lineage, boxes(SMALL, L1=L1))
    first, made = try_save(lineage, edit)
    again, made_again = try_save(lineage, edit)
    assert (made, made_again) == (True, False)
    assert again == first


def test_the_same_edit_again_after_others_is_still_known(lineage):
    edit = make_edit(lineage, boxes(SMALL, L1=L1))
    first = save(lineage, edit=edit)
    save(first, boxes(SMALL))
    assert try_save(lineage, edit) == (first, False)


def test_the_same_id_with_other_content_is_a_conflict(lineage):
    edit = make_edit(lineage, boxes(SMALL, L1=L1))
    save(lineage, edit=edit)
    with pytest.raises(VersionConflict):
        try_save(lineage, dataclasses.replace(edit, tool="erase"))


def test_an_id_of_another_lineage_is_a_conflict(lineage):
    other = open_lineage()
    with pytest.raises(VersionConflict):
        save(lineage, boxes(SMALL, L1=L1), id=other.pk)


def test_a_stale_parent_is_named_with_the_head(lineage):
    head = save(lineage, boxes(SMALL, L1=L1))
    with pytest.raises(StaleParent) as refused:
        save(lineage, boxes(SMALL, L2=L2))
    assert refused.value.detail["head"] == str(head.pk)


def test_a_patch_on_another_state_is_refused(lineage):
    patch = patch_to_bytes(np.array([[0, 1, 7, 0]], dtype=np.uint32))
    with pytest.raises(PatchConflict):
        save(lineage, edit=dataclasses.replace(make_edit(lineage, boxes(SMALL)), patch=patch))


@pytest.mark.parametrize(
    ("runs", "error"),
    [
        ([[0, 1, 0, 255]], LabelReserved),
        ([[0, 0, 0, 3]], BadPatch),
        ([[3839, 2, 0, 3]], BadPatch),
        ([[5, 3, 0, 3], [6, 1, 0, 3]], BadPatch),
        ([[0, 1, 0, 70000]], BadPatch),
    ],
)
def test_runs_that_cannot_be_are_refused(lineage, runs, error):
    edit = dataclasses.replace(
        make_edit(lineage, boxes(SMALL)), patch=patch_to_bytes(np.array(runs, dtype=np.uint32))
    )
    with pytest.raises(error):
        save(lineage, edit=edit)
    assert head_version(lineage.segmentation) == lineage


def test_a_torn_patch_is_refused(lineage):
    with pytest.raises(BadPatch):
        save(lineage, boxes(SMALL), patch=b"\0" * 15)


def test_another_grid_is_refused(lineage):
    with pytest.raises(GridMismatch):
        save(lineage, boxes(SMALL), grid_digest="0" * 64)


def test_a_deleted_number_is_not_used_for_another_lesion(lineage):
    deleted = save(lineage, boxes(SMALL, L2=L2))
    with pytest.raises(LabelDeleted):
        save(deleted, boxes(SMALL, L1=np.s_[0:1, 0:1, 0:1], L2=L2))


def test_a_number_below_the_next_that_nobody_holds_is_refused(db):
    volume = make_volume()
    make_suv(volume)
    start = model_version(volume, boxes(SMALL, L5=L1))
    start.author = make_user("solo", Role.READER)
    with pytest.raises(LabelDeleted):
        save(start, boxes(SMALL, L5=L1, L3=L2))


def test_restore_gives_the_old_number_and_words_back(lineage):
    named = save(lineage, boxes(SMALL, L1=L1, L2=L2), lesions=[{"label": 1, "name": "Node"}])
    deleted = save(named, boxes(SMALL, L2=L2))
    restored = save(deleted, boxes(SMALL, L1=L1, L2=L2), tool="restore")
    assert statuses(restored) == {1: "kept", 2: "kept"}
    assert restored.lesions.get(label=1).name == "Node"


def test_a_lesion_comes_back_only_where_it_was(lineage):
    shifted = save(save(lineage, boxes(SMALL, L1=np.s_[2:4, 2:5, 3:6], L2=L2)), boxes(SMALL, L2=L2))
    with pytest.raises(LabelDeleted):
        save(shifted, boxes(SMALL, L1=L1, L2=L2), tool="restore")


def test_a_lesion_deleted_before_the_read_began_can_come_back(lineage):
    deleted = save(lineage, boxes(SMALL, L2=L2))
    second = insert_version(
        prepare_lineage(
            volume=lineage.segmentation.volume,
            start=deleted,
            title="Second reading",
            author=lineage.author,
            suv_revision=lineage.segmentation.volume.suv_revisions.get(),
            is_synthetic=True,
        )
    )
    assert statuses(second) == {1: "deleted", 2: "kept"}
    assert statuses(save(second, boxes(SMALL, L1=L1, L2=L2), tool="restore")) == {1: "added", 2: "kept"}


def test_the_chain_of_a_lineage_holds_and_shows_a_change(lineage):
    save(save(lineage, boxes(SMALL, L1=L1)), boxes(SMALL))
    assert verify_chain(lineage.segmentation) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER " + _trigger_on("annotations_lesion", "update"))
        cursor.execute(
            "UPDATE annotations_lesion SET comment = 'forged' WHERE version_id = %s", [_key(lineage)]
        )
    assert [fault.code for fault in verify_chain(lineage.segmentation)] == ["version_changed"]


def _trigger_on(table: str, operation: str) -> str:
    name = next(
        n for n, rule in triggers.names() if rule.table == table and rule.operation.lower() == operation
    )
    return name if connection.vendor == "sqlite" else f"{name} ON {table}"


def _key(version: Version):
    return version.pk.hex if connection.vendor == "sqlite" else version.pk


corners = st.tuples(*(st.integers(0, size - 2) for size in SMALL.shape_zyx))
sizes = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
strokes = st.lists(st.tuples(corners, sizes, st.integers(0, 99)), min_size=1, max_size=3)


@pytest.mark.django_db
@given(st.lists(strokes, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_any_run_of_edits_gives_the_measures_of_its_label_map(edits):
    """Whatever was drawn, what was carried over equals what a fresh measurement gives."""
    head = open_lineage()
    volume = head.segmentation.volume
    for edit in edits:
        labels = read_labels(head).copy()
        live = [label for label, status in statuses(head).items() if status != "deleted"]
        choices = [0, head.next_label, *live]
        for corner, size, choice in edit:
            place = tuple(slice(i, i + n) for i, n in zip(corner, size, strict=True))
            labels[place] = choices[choice % len(choices)]
        head = save(head, labels)
    fresh = measure_all(labels, volume, volume.suv_revisions.get())
    stored = measures_of(head, volume.suv_revisions.get())
    assert {label: stored.lesions[label] for label in stored.live} == fresh.lesions
    assert stored.summary_json() == fresh.summary_json()
    assert verify_chain(head.segmentation) == []


@pytest.mark.django_db(transaction=True)
def test_of_ten_edits_on_one_parent_one_is_stored_and_nine_are_stale():
    first = open_lineage()
    edits = [make_edit(first, boxes(SMALL, L1=L1), tool=f"t{n}") for n in range(10)]
    outcomes = run_at_once([lambda edit=edit: try_save(first, edit)[1] for edit in edits])
    assert sorted(map(str, outcomes)) == ["True"] + ["stale_parent"] * 9
    assert first.segmentation.versions.count() == 2


def run_at_once(calls):
    """Run each call in a thread of its own; its result, or the code of its error."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def work(call):
        barrier.wait()
        try:
            outcomes.append(call())
        except Exception as error:  # noqa: BLE001  # what a thread got is what is tested
            outcomes.append(getattr(error, "code", repr(error)))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_command_shows_a_chain_to_its_model(lineage):
    version = save(lineage, boxes(SMALL, L1=L1))
    said = io.StringIO()
    call_command("show_version_chain", str(version.pk), stdout=said)
    lines = said.getvalue().splitlines()
    assert [line.split()[4] for line in lines[:3]] == ["reader", "reader", "model"]
    assert lines[3] == "The chain is sound."
