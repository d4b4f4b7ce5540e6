"""What a reader may compare with, and may fetch: own versions always, others outside blinding only."""

from contextlib import contextmanager

import numpy as np
import pytest
from django.db import connection

from annotations.accounts.models import Role
from annotations.models import Case, CaseStart, Plan, Version
from annotations.segmentations.services import create_segmentation
from tests.builders import FINGERPRINT, SMALL, boxes, make_user, model_version
from tests.reads.scenes import L1, L2, Reader, make_assignment
from tests.registry import triggers

pytestmark = pytest.mark.django_db


def make_reference(case: Case) -> Version:
    """Named after the lock, which is allowed once."""
    version = create_segmentation(
        volume=case.volume,
        title="Truth",
        labels=boxes(SMALL, L1=L1),
        suv_revision=case.suv_revision,
        producer_kind="reference",
        producer_name="phantom",
        tool="truth",
        source="reference",
        is_synthetic=True,
    )
    Case.objects.filter(pk=case.pk).update(reference=version)
    return version


def scene(start: str = "ai", *, reference: bool = True, **more):
    assignment = make_assignment(start, **more)
    if reference:
        make_reference(assignment.case)
    reader = Reader(assignment.reader)
    return reader, reader.open(assignment)


def listed(reader, read) -> list[tuple[str, int | None]]:
    return [(row["kind"], row["number"]) for row in reader.get(f"reads/{read.pk}/comparisons/").json()]


def kinds(reader, read) -> list[str]:
    return [kind for kind, _ in listed(reader, read)]


def fetched(reader) -> set[str]:
    """Every version there is that this reader can fetch: row and labels answer alike."""
    seen = set()
    for version in Version.objects.all():
        codes = {reader.get(f"versions/{version.pk}/{part}").status_code for part in ("", "labels/")}
        assert codes in ({200}, {404})
        if codes == {200}:
            seen.add(str(version.pk))
    return seen


def shown(reader, read) -> set[str]:
    """What the endpoint lists, and the newest version of the read itself."""
    rows = reader.get(f"reads/{read.pk}/comparisons/").json()
    return {row["version"] for row in rows} | {reader.get(f"reads/{read.pk}/").json()["head"]["id"]}


def test_the_start_and_earlier_versions_are_always_there():
    reader, read = scene(masked=["others", "arm", "release", "past_times"])
    assert listed(reader, read) == [("start", 1)]
    for labels in (boxes(SMALL, L1=L1), boxes(SMALL), boxes(SMALL, L2=L2)):
        reader.save(read, labels)
    assert listed(reader, read) == [("start", 1), ("earlier", 2), ("earlier", 3)]
    rows = reader.get(f"reads/{read.pk}/comparisons/").json()
    assert [row["title"] for row in rows] == ["Start", "Version 2", "Version 3"]
    assert {row["created_at"] for row in rows} == {None}


def test_the_start_is_called_the_ai_result_only_where_that_is_known():
    assert scene_title("ai") == "Start (AI result)"
    assert scene_title("ai", masked=["arm"]) == scene_title("ai", masked=["release"]) == "Start"
    assert scene_title("empty") == "Start"


def scene_title(start: str, **more) -> str:
    reader, read = scene(start, **more)
    return reader.get(f"reads/{read.pk}/comparisons/").json()[0]["title"]


@pytest.mark.parametrize(
    ("masked", "during", "after"),
    [
        ([], {"reference"}, {"reference"}),
        (["past_times"], {"reference"}, {"reference"}),
        (["others"], set(), set()),
        (["arm"], set(), {"reference"}),
        (["release"], set(), {"reference"}),
        (["others", "arm"], set(), set()),
    ],
)
def test_the_reference_follows_the_masks_before_and_after_submit(masked, during, after):
    reader, read = scene(masked=masked)
    assert set(kinds(reader, read)) - {"start"} == during
    assert fetched(reader) == shown(reader, read)
    reader.read_to_the_end(read)
    assert set(kinds(reader, read)) - {"start"} == after
    assert fetched(reader) == shown(reader, read)


@contextmanager
def triggers_off():
    """A plan is never changed once it is locked; only a test builds one that way."""
    triggers.run(connection, triggers.drop_statements(connection.vendor))
    yield
    triggers.run(connection, triggers.create_statements(connection.vendor))


def plan_with_ai(plan: Plan, *, planted: bool = False, case: Case | None = None) -> None:
    """A second arm, which starts from the AI result."""
    with triggers_off():
        arm = plan.arms.create(
            key="ai", title="AI", start="ai", producer_name="demo", producer_fingerprint=FINGERPRINT
        )
        if planted and case is not None:
            CaseStart.objects.create(
                arm=arm, case=case, version=Version.objects.get(producer_kind="model"), is_planted=True
            )


@pytest.mark.parametrize(
    ("masked", "after"), [([], {"ai"}), (["others"], {"ai"}), (["arm"], set()), (["release"], set())]
)
def test_the_ai_result_shows_in_another_arm_after_submit_only(masked, after):
    reader, read = scene("empty", reference=False, masked=masked)
    plan_with_ai(read.assignment.plan)
    model_version(read.assignment.case.volume, boxes(SMALL, L2=L2))  # a later run of the same release
    assert kinds(reader, read) == ["start"]
    assert fetched(reader) == shown(reader, read)
    reader.read_to_the_end(read, boxes(SMALL, L1=L1))
    assert set(kinds(reader, read)) - {"start"} == after
    assert fetched(reader) == shown(reader, read)
    if after:
        row = reader.get(f"reads/{read.pk}/comparisons/").json()[-1]
        first = Version.objects.filter(producer_kind="model").order_by("created_at").first()
        assert (row["version"], row["title"], row["number"]) == (str(first.pk), "AI result", None)
        labels = b"".join(reader.get(f"versions/{row['version']}/labels/").streaming_content)
        assert np.array_equal(
            np.frombuffer(labels, dtype="<u2").reshape(SMALL.shape_zyx), boxes(SMALL, L1=L1, L2=L2)
        )


def test_planted_errors_are_never_told():
    reader, read = scene("empty", reference=False)
    plan_with_ai(read.assignment.plan, planted=True, case=read.assignment.case)
    reader.read_to_the_end(read, boxes(SMALL, L1=L1))
    assert kinds(reader, read) == ["start"]


def test_nothing_shows_while_the_reader_has_the_case_to_read_again():
    reader, read = scene()
    assert "reference" in kinds(reader, read)
    with triggers_off():
        mine = read.assignment
        again = mine.plan.assignments.create(
            reader=mine.reader, case=mine.case, arm=mine.arm, period=2, position=1, repeat=1, shown_number=1
        )
    reader.read_to_the_end(read)
    assert kinds(reader, read) == ["start"]
    assert fetched(reader) == shown(reader, read)
    second = reader.open(again)
    reader.read_to_the_end(second)
    assert "reference" in kinds(reader, read)
    assert "reference" in kinds(reader, second)


def test_a_colleague_and_a_stranger_see_nothing_of_a_read():
    reader, read = scene()
    colleague = Reader(make_assignment().reader)
    stranger = Reader(make_user("stranger", Role.READER))
    for submitted in (False, True):
        if submitted:
            reader.read_to_the_end(read)
        for other in (colleague, stranger):
            assert other.get(f"reads/{read.pk}/comparisons/").status_code == 404
            assert fetched(other) == set()


def test_answers_across_masked_arms_differ_in_ids_only():
    """An AI arm and an empty one, both masked: as octets, but for ids."""
    answers = []
    for start in ("ai", "empty"):
        reader, read = scene(start, masked=["others", "arm", "release", "past_times"])
        reader.save(read, boxes(SMALL, L3=np.s_[0:1, 0:2, 0:2]))
        reader.save(read, boxes(SMALL))
        rows = reader.get(f"reads/{read.pk}/comparisons/").json()
        answers.append([row | {"version": "id"} for row in rows])
    assert answers[0] == answers[1]
