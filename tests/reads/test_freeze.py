"""What is frozen is attacked by raw SQL: services and API are gone round, the triggers are not."""

import pytest
from django.db import IntegrityError, connection, transaction

from annotations.models import Assignment, Case, Plan, Read, Version
from tests.builders import SMALL, boxes, make_reader_study
from tests.reads.scenes import L1, Reader, make_assignment, make_case
from tests.reads.study_scenes import (
    AI,
    LOCK,
    locked,
    make_coordinator,
    make_readers,
    read_through,
    reference_of,
)
from tests.registry import triggers

pytestmark = pytest.mark.django_db


def run_sql(statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def assert_frozen(statement: str) -> None:
    with pytest.raises(IntegrityError, match="frozen"):
        run_sql(statement)


@pytest.fixture
def submitted():
    assignment = make_assignment()
    reader = Reader(assignment.reader)
    read = reader.open(assignment)
    reader.read_to_the_end(read, boxes(SMALL, L1=L1))
    reader.record(read, (99, "activity"))
    return read


ALWAYS = ["version", "lesion", "measureset", "score", "readingtime", "auditrecord", "event", "suvrevision"]
COLUMN = {"version": "tool = 'x'", "lesion": "name = 'x'", "score": "row = 1", "event": "sequence = 99"}


@pytest.mark.parametrize("table", ALWAYS)
def test_rows_of_the_record_are_neither_changed_nor_deleted(submitted, table):
    changed = COLUMN.get(table, "id = id")
    assert_frozen(f"UPDATE annotations_{table} SET {changed}")
    assert_frozen(f"DELETE FROM annotations_{table}")


@pytest.mark.parametrize(
    "change",
    ["state = 'open'", "derived = NULL", "submitted_at = NULL", "last_event_number = 0", "attempt = 2"],
)
def test_a_submitted_read_is_not_changed(submitted, change):
    assert_frozen(f"UPDATE annotations_read SET {change}")


def test_a_submitted_read_is_not_deleted(submitted):
    assert_frozen("DELETE FROM annotations_read")


def test_an_open_read_may_change():
    assignment = make_assignment()
    Reader(assignment.reader).open(assignment)
    assert run_sql("UPDATE annotations_read SET state = 'final'") == 1


@pytest.mark.parametrize("table", ["score", "event", "lesion", "version"])
def test_nothing_is_added_to_a_submitted_read(submitted, table):
    """A copy of a row of the read itself under new keys: only the freeze can refuse it."""
    frozen = {
        "score": ("id", "id + 1000", None, None),
        "event": ("sequence", "sequence + 1000", "id", new_key("id")),
        "lesion": ("label", "label + 1000", None, None),
        "version": ("number", "number + 1000", "id", new_key("id")),
    }[table]
    values = {frozen[0]: frozen[1]} | ({frozen[2]: frozen[3]} if frozen[2] else {})
    if table == "version":
        values |= {"version_digest": "'x'", "parent_id": "id"}
    own = {
        "score": f"read_id = {key(submitted.pk)}",
        "event": f"read_id = {key(submitted.pk)} AND NOT late",
        "lesion": f"version_id = {key(submitted.final_version_id or head(submitted).pk)}",
        "version": f"id = {key(head(submitted).pk)}",
    }[table]
    assert_frozen(copy_row(table, values, own))


def test_late_events_may_still_come(submitted):
    values = {"sequence": "sequence + 1000", "id": new_key("id")}
    assert run_sql(copy_row("event", values, f"read_id = {key(submitted.pk)} AND late")) == 1


def test_the_lineage_of_a_submitted_read_stays_on_its_volume(submitted):
    assert_frozen(
        f"UPDATE annotations_segmentation SET title = 'x' WHERE id = {key(submitted.segmentation_id)}"
    )
    assert_frozen("UPDATE annotations_segmentation SET volume_id = " + key(Version.objects.first().pk))


def test_volumes_and_blobs_stay_as_they_are(submitted):
    assert_frozen("UPDATE annotations_volume SET slopes = '[1]'")
    assert_frozen("UPDATE annotations_blob SET size_bytes = 1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations_plan SET idle_threshold_s = 5",
        "UPDATE annotations_plan SET locked_at = NULL, locked_by_id = NULL, digest = ''",
        "DELETE FROM annotations_plan",
        "UPDATE annotations_arm SET producer_fingerprint = 'x'",
        "DELETE FROM annotations_arm",
        "UPDATE annotations_assignment SET position = position + 7",
        "DELETE FROM annotations_assignment",
        "UPDATE annotations_case SET number = number + 7",
        "UPDATE annotations_case SET suv_revision_id = NULL",
        "DELETE FROM annotations_case",
    ],
)
def test_a_locked_plan_is_not_changed(statement):
    make_assignment()
    assert_frozen(statement)


def test_nothing_is_added_to_a_locked_plan():
    make_assignment()
    assert_frozen(copy_row("arm", {"key": "'other'"}, "1 = 1"))
    assert_frozen(copy_row("assignment", {"id": new_key("id"), "position": "7", "period": "2"}, "1 = 1"))


def test_a_draft_plan_may_change():
    assignment = make_assignment()
    draft = make_reader_study(
        readers=[assignment.reader], studies=[assignment.case.volume.series.study], locked=False
    )
    Assignment.objects.filter(plan=draft).update(position=9)
    Case.objects.filter(reader_study=draft.reader_study).update(number=9)
    Plan.objects.filter(pk=draft.pk).update(idle_threshold_s=30)


def test_a_reference_is_named_once_after_the_lock(submitted):
    version = Version.objects.order_by("created_at").first()
    Case.objects.update(reference=version)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Case.objects.update(reference=None)


def test_every_rule_has_its_trigger_in_the_database():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        found = {name for (name,) in cursor.fetchall()}
    assert {name for name, _ in triggers.names()} <= found


def head(read: Read) -> Version:
    return read.segmentation.versions.order_by("-number").first()


def key(value) -> str:
    return f"'{value.hex if connection.vendor == 'sqlite' else value}'"


def new_key(column: str) -> str:
    """Another UUID, made of the one in `column`."""
    if connection.vendor == "sqlite":
        return f"substr({column}, 2) || 'f'"
    return f"(substr(replace({column}::text, '-', ''), 2) || 'f')::uuid"


def copy_row(table: str, values: dict[str, str], where: str) -> str:
    name = f"annotations_{table}"
    with connection.cursor() as cursor:
        columns = [one.name for one in connection.introspection.get_table_description(cursor, name)]
    own_key = "id" not in values
    columns = [column for column in columns if not (column == "id" and own_key)]
    chosen = ", ".join(values.get(column, f'"{column}"') for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {name} ({listed}) SELECT {chosen} FROM {name} WHERE {where} LIMIT 1"


@pytest.fixture
def closed():
    """A locked study with a chosen start, a comparison, an exemption, a look; then its data are locked."""
    (user,) = make_readers(1)
    study = make_case()
    start = reference_of(study, boxes(SMALL, L1=L1))
    case = {"study": str(study.pk), "starts": {"ai": str(start.pk)}}
    coordinator = make_coordinator()
    looks = [{"title": "One", "after_submitted": 1}]
    plan = locked(coordinator, [study], [user], AI, cases=[case], interim_looks=looks)
    row = plan.assignments.get()
    coordinator.post(f"assignments/{row.pk}/exempt/", {"rule": "order", "reason": "Test"})
    read_through(Reader(user), row)
    path = f"reader-studies/{plan.reader_study_id}"
    assert coordinator.post(f"{path}/looks/", {"number": 1, "reason": "Test"}).status_code == 201
    assert coordinator.post(f"{path}/data-lock/", LOCK).status_code == 200
    return plan


@pytest.mark.parametrize("table", ["casestart", "comparison", "exemption", "look"])
def test_records_of_a_study_are_neither_changed_nor_deleted(closed, table):
    assert run_sql(f"SELECT 1 FROM annotations_{table}") is not None
    assert_frozen(f"UPDATE annotations_{table} SET id = id")
    assert_frozen(f"DELETE FROM annotations_{table}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations_readerstudy SET data_locked_at = NULL",
        "UPDATE annotations_readerstudy SET name = 'x'",
        "DELETE FROM annotations_readerstudy",
        "UPDATE annotations_plan SET design = '{}'",
        "UPDATE annotations_assignment SET stratum = 'x'",
        "UPDATE annotations_arm SET tools = '[]'",
    ],
)
def test_a_closed_study_stays_as_it_is(closed, statement):
    assert_frozen(statement)


def test_nothing_is_added_to_a_closed_study(closed):
    read = Read.objects.get()
    assert_frozen(copy_row("read", {"id": new_key("id"), "attempt": "2", "reason": "'x'"}, "1 = 1"))
    score = {"id": "id + 1000", "revision": "1", "reason": "'x'"}
    assert_frozen(copy_row("score", score, f"read_id = {key(read.pk)}"))
    assert_frozen(copy_row("plan", {"id": new_key("id"), "number": "2", "reason": "'x'"}, "1 = 1"))
    assert_frozen(copy_row("casestart", {"id": "id + 1000"}, "1 = 1"))


def test_an_abandoned_read_is_frozen_too():
    assignment = make_assignment()
    reader = Reader(assignment.reader)
    read = reader.open(assignment)
    reader.post(f"reads/{read.pk}/abandon/", {"reason": "Test"})
    assert_frozen("UPDATE annotations_read SET state = 'open'")
    assert_frozen("DELETE FROM annotations_read")
