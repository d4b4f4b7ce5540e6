"""Proposals through the API: who may ask, on which version, and that nothing is stored."""

import base64
import uuid

import numpy as np
import pytest

from annotations.accounts.models import Role
from annotations.imaging.patches import apply_patch, patch_from_bytes
from annotations.models import Version
from annotations.segmentations.proposals import METHODS
from annotations.segmentations.selectors import head_version
from annotations.segmentations.voxels import read_labels
from tests.builders import SMALL, boxes, make_user
from tests.reads.scenes import L1, L2, Reader, make_assignment
from tests.reads.study_scenes import SEMI, locked, make_cases, make_coordinator, make_readers

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return Reader(make_assignment().reader)


@pytest.fixture
def read(reader):
    return reader.open(reader.user.assignments.get())


def propose(reader, read, method="grow", *, version=None, **parameters):
    head = version or head_version(read.segmentation).pk
    question = {"version": str(head), "method": method, "parameters": parameters}
    return reader.post(f"reads/{read.pk}/proposals/", question)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_proposal_is_the_edit_it_would_be(reader, read):
    answer = propose(reader, read, label=1, mm=4.0)
    assert answer.status_code == 200, answer.json()
    given = answer.json()
    patch = patch_from_bytes(base64.b64decode(given["patch"]))
    labels = apply_patch(read_labels(head_version(read.segmentation)), patch)
    # By faces in the slice (spacing 4 x 4 x 5 mm): 4 sides of 3 voxels on each of 2 slices.
    assert np.count_nonzero(labels == 1) == 18 + 24
    assert np.array_equal(labels == 2, boxes(SMALL, L2=L2) == 2)
    saved = reader.save(read, labels, tool=given["tool"], parameters=given["parameters"])
    assert saved.status_code == 201
    assert saved.json()["lesions"][0]["voxel_count"] == given["report"]["voxel_count"] == 42


def test_nothing_is_stored_and_the_same_question_gives_the_same_octets(reader, read):
    before = Version.objects.count()
    first, again = (propose(reader, read, label=1, mm=4.0) for _ in range(2))
    assert first.content == again.content
    assert Version.objects.count() == before


def test_an_earlier_version_of_the_lineage_can_be_asked_about(reader, read):
    first = head_version(read.segmentation).pk
    reader.save(read, boxes(SMALL, L1=L1))
    assert propose(reader, read, label=2, mm=4.0, version=first).status_code == 200
    assert code(propose(reader, read, label=2, mm=4.0)) == (400, "no_such_lesion")


def test_a_version_of_another_lineage_is_stale(reader, read):
    for other in (read.start_version_id, uuid.uuid4()):
        answer = propose(reader, read, label=1, mm=4.0, version=other)
        assert code(answer) == (409, "stale_parent")
        assert answer.json()["detail"]["head"] == str(head_version(read.segmentation).pk)


def test_only_the_reader_of_an_open_read_may_ask(reader, read):
    for user in (make_assignment().reader, make_user("stranger"), make_user("boss", Role.COORDINATOR)):
        assert propose(Reader(user), read, label=1, mm=4.0).status_code in (403, 404)
    reader.final(read)
    assert code(propose(reader, read, label=1, mm=4.0)) == (409, "read_frozen")
    reader.post(f"reads/{read.pk}/resume/")
    assert propose(reader, read, label=1, mm=4.0).status_code == 200


@pytest.mark.parametrize(
    ("method", "parameters", "wanted"),
    [
        ("explode", {}, "invalid_input"),
        ("grow", {"label": 1}, "bad_parameter"),
        ("grow", {"label": 1, "mm": "4"}, "bad_parameter"),
        ("grow", {"label": 9, "mm": 4.0}, "no_such_lesion"),
        ("grow", {"label": 1, "mm": 0.5}, "nothing_changes"),
        ("shrink", {"label": 1, "mm": 20.0}, "nothing_found"),
        ("fill_holes", {"label": 1}, "nothing_changes"),
        ("split_watershed", {"label": 1, "next_label": 2}, "label_deleted"),
        ("seed_gradient", {"seed_xyz": [2, 2, 2], "label": 3, "stop_radius_mm": 20}, "seed_in_lesion"),
    ],
)
def test_what_cannot_work_is_refused_by_name(reader, read, method, parameters, wanted):
    assert code(propose(reader, read, method, **parameters)) == (400, wanted)


@pytest.fixture
def limited():
    """A read whose arm allows the brush and growing, and nothing else."""
    user = make_readers(1)[0]
    arm = SEMI | {"tools": ["brush", "grow"]}
    plan = locked(make_coordinator(), make_cases(1), [user], arm, allocation={"kind": "single", "seed": 1})
    return Reader(user), Reader(user).open(plan.assignments.get())


def test_a_tool_that_the_arm_leaves_out_is_refused_by_the_server(limited):
    reader, read = limited
    drawn = boxes(SMALL, L1=L1)
    for tool in ("sphere", "delete", "whole_body", "no_such_tool"):
        answer = reader.save(read, drawn, tool=tool)
        assert code(answer) == (403, "tool_not_allowed")
        assert answer.json()["detail"] == {"tool": tool}
    assert reader.save(read, drawn, tool="brush").status_code == 201
    assert code(propose(reader, read, "shrink", label=1, mm=4.0)) == (403, "tool_not_allowed")
    assert propose(reader, read, "grow", label=1, mm=4.0).status_code == 200


def test_what_draws_nothing_new_is_always_allowed(limited):
    reader, read = limited
    one = boxes(SMALL, L1=L1)
    assert reader.save(read, one, tool="brush").status_code == 201
    for tool, labels in (("undo", boxes(SMALL)), ("redo", one), ("describe", one)):
        assert reader.save(read, labels, tool=tool).status_code == 201, tool


def test_the_reading_room_is_told_what_the_plan_does_without_liver_and_spleen(reader, read):
    assert reader.get(f"reads/{read.pk}/").json()["fallback"] == {"rule": "reader", "suv": None}
    user = make_readers(1)[0]
    named = {"fallback": {"rule": "fixed", "suv": 5.5}, "allocation": {"kind": "single", "seed": 1}}
    plan = locked(make_coordinator(), make_cases(1), [user], SEMI, **named)
    theirs = Reader(user)
    opened = theirs.open(plan.assignments.get())
    assert theirs.get(f"reads/{opened.pk}/").json()["fallback"] == {"rule": "fixed", "suv": 5.5}


def test_the_reading_room_is_told_the_tools_of_its_arm(limited, reader, read):
    told = limited[0].get(f"reads/{limited[1].pk}/").json()["tools"]
    assert told[:2] == ["brush", "grow"]
    assert "undo" in told
    assert "sphere" not in told
    assert {"sphere", *METHODS} <= set(reader.get(f"reads/{read.pk}/").json()["tools"])
