"""Every table that the triggers guard, attacked by raw SQL; the tables come from the registry itself.

One reader study is read through once; each attack runs in a savepoint of its own that is rolled back. A
row counts as held when the database says `frozen` and the row is afterwards what it was.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from annotations.models import Case, CompanionMap, ReaderStudy, Segmentation, VolumeInstance
from tests.builders import SMALL, boxes, model_version
from tests.reads.scenes import L1, Reader, make_case
from tests.reads.study_scenes import (
    AI,
    locked,
    make_coordinator,
    make_readers,
    pet_of,
    read_through,
    reference_of,
)
from tests.registry import triggers

pytestmark = pytest.mark.django_db
MODELS = {model._meta.db_table: model for model in apps.get_app_config("annotations").get_models()}
GUARDED = sorted({rule.table for rule in triggers.RULES})
ONLY_DELETED_NEVER = {"annotations_readerstudy"}
"""Free to be renamed until the data lock; its attack after the lock stands below."""

NOT_FROZEN = {
    "annotations_user": "accounts are closed and renamed",
    "annotations_rolegrant": "roles are given and taken; the audit record says by whom",
    "annotations_project": "settings of a project",
    "annotations_project_data_managers": "managers come and go",
    "annotations_patientkey": "the key table is the project's own, outside every reading",
    "annotations_patientattribute": "a corrected clinical attribute is imported again",
    "annotations_importrun": "progress of work in the background",
    "annotations_export": "progress of work in the background",
    "annotations_analysis": "progress of work in the background",
}
MAY_CHANGE = {
    "annotations_patient": {"created_at"},
    "annotations_study": {"study_date", "description", "is_synthetic", "created_at"},
    "annotations_series": {"description", "tracer", "attributes"},
}


class NotFrozen(Exception):
    """The database did what was asked; raised inside the savepoint, so that it is undone."""


@pytest.fixture(scope="module", autouse=True)
def scene(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A locked plan with a chosen start, a reference, a disagreement map, an exemption, a look and a
    submitted read with a revised score: at least one row in every guarded table."""
    with django_db_blocker.unblock(), transaction.atomic():
        (user,) = make_readers(1)
        study = make_case()
        volume = pet_of(study)
        start = model_version(volume, boxes(SMALL, L1=L1), fingerprint="8" * 64)
        CompanionMap.objects.create(version=start, kind="disagreement", blob=volume.voxels)
        reference = reference_of(study, boxes(SMALL, L1=L1))
        starts = {"ai": str(start.pk)}
        case = {"study": str(study.pk), "starts": starts, "reference": str(reference.pk)}
        looks = [{"title": "One", "after_submitted": 1}]
        coordinator, reader = make_coordinator(), Reader(user)
        plan = locked(coordinator, [study], [user], AI, cases=[case], interim_looks=looks)
        row = plan.assignments.get()
        coordinator.post(f"assignments/{row.pk}/exempt/", {"rule": "order", "reason": "Test"})
        read = read_through(reader, row)
        reader.post(f"reads/{read.pk}/score/revise/", {"row": 4, "reason": "Slip"})
        coordinator.post(f"reader-studies/{plan.reader_study_id}/looks/", {"number": 1, "reason": "Test"})
        instance = volume.series.instances.create(
            sop_instance_uid="2.25.1", source_digest="0" * 64, blob=volume.voxels
        )
        VolumeInstance.objects.create(volume=volume, instance=instance, position=0)
        yield
        transaction.set_rollback(True)


def test_every_table_is_guarded_or_named_here_with_the_reason():
    named = set(MODELS) | {"annotations_project_data_managers"}
    assert set(GUARDED) | set(NOT_FROZEN) == named
    assert not set(GUARDED) & set(NOT_FROZEN)


def columns_of(table: str) -> list[models.Field]:
    return [field for field in MODELS[table]._meta.concrete_fields if field.column]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def pick(table: str) -> dict[str, object]:
    """A frozen row as the database holds it, by column."""
    where = ""
    if MODELS[table] is Segmentation:
        where = " WHERE id IN (SELECT segmentation_id FROM annotations_read)"
    names = [field.column for field in columns_of(table)]
    key = quoted(MODELS[table]._meta.pk.column)
    listed = ", ".join(map(quoted, names))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {listed} FROM {table}{where} ORDER BY {key}")
        found = cursor.fetchone()
    assert found is not None, f"the scene holds no row of {table}"
    return dict(zip(names, found, strict=True))


def other_value(field: models.Field, now: object) -> object:
    """A valid value of the column that is not the present one, as the database takes it."""
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kind, models.UUIDField):
        value: object = uuid.uuid4()
    elif isinstance(kind, models.BooleanField):
        value = not now
    elif isinstance(kind, models.IntegerField | models.AutoField | models.FloatField):
        value = 17 if now != 17 else 18
    elif isinstance(kind, models.JSONField):
        value = {"forged": True}
    elif isinstance(kind, models.DateTimeField):
        value = datetime(2001, 2, 3, tzinfo=UTC)
    elif isinstance(kind, models.DateField):
        value = datetime(2001, 2, 3, tzinfo=UTC).date()
    elif isinstance(kind, models.BinaryField):
        value = b"forged"
    else:
        value = "x" if now != "x" else "y"
    return kind.get_db_prep_save(value, connection)


def assert_held(table: str, statement: str, values: tuple = ()) -> None:
    before = pick(table)
    with pytest.raises(IntegrityError, match="frozen"):
        run_and_undo(table, statement, values)
    assert pick(table) == before


def run_and_undo(table: str, statement: str, values: tuple) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        raise NotFrozen(f"{table}: {statement}")


def key_of(table: str) -> tuple[str, object]:
    column = MODELS[table]._meta.pk.column
    return column, pick(table)[column]


def attacked_columns(table: str) -> list[models.Field]:
    return [field for field in columns_of(table) if field.column not in MAY_CHANGE.get(table, ())]


@pytest.mark.parametrize("table", sorted(set(GUARDED) - ONLY_DELETED_NEVER))
def test_no_column_of_a_frozen_row_is_changed(table):
    column, key = key_of(table)
    row = pick(table)
    for field in attacked_columns(table):
        change = f"UPDATE {table} SET {quoted(field.column)} = %s WHERE {quoted(column)} = %s"
        assert_held(table, change, (other_value(field, row[field.column]), key))


@pytest.mark.parametrize("table", GUARDED)
def test_no_frozen_row_is_deleted(table):
    column, key = key_of(table)
    assert_held(table, f"DELETE FROM {table} WHERE {quoted(column)} = %s", (key,))
    if connection.vendor == "postgresql":
        connection.check_constraints()  # pending ones would be refused before any trigger
        assert_held(table, f"TRUNCATE {table} CASCADE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", ["annotations_user", "annotations_project"])
def test_emptying_a_table_above_empties_no_frozen_one(table):
    connection.check_constraints()
    assert_held("annotations_read", f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", sorted(set(GUARDED) - ONLY_DELETED_NEVER))
def test_an_upsert_changes_no_frozen_row(table):
    """INSERT ... ON CONFLICT DO UPDATE is an insert by name and an update in fact."""
    column, key = key_of(table)
    names = ", ".join(quoted(field.column) for field in columns_of(table))
    field = next(one for one in attacked_columns(table) if one.column != column)
    again = f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE {quoted(column)} = %s"
    upsert = f"{again} ON CONFLICT ({quoted(column)}) DO UPDATE SET {quoted(field.column)} = %s"
    assert_held(table, upsert, (key, other_value(field, pick(table)[field.column])))


def unique_sets(table: str) -> list[set[str]]:
    meta = MODELS[table]._meta
    sets = [{field.column} for field in meta.concrete_fields if field.unique]
    for constraint in meta.total_unique_constraints:
        sets.append({meta.get_field(name).column for name in constraint.fields})
    return sets


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone replaces rows on a conflict")
@pytest.mark.parametrize("table", GUARDED)
def test_no_frozen_row_is_replaced_under_any_of_its_keys(table):
    row, where = pick(table), quoted(key_of(table)[0])
    for kept in unique_sets(table):
        if any(row[column] is None for column in kept):
            continue
        given = {
            field.column: row[field.column] if field.column in kept else other_value(field, row[field.column])
            for field in columns_of(table)
            if field.column in kept or field.primary_key
        }
        names = [field.column for field in columns_of(table)]
        chosen = ", ".join("%s" if name in given else quoted(name) for name in names)
        listed = ", ".join(map(quoted, names))
        statement = (
            f"INSERT OR REPLACE INTO {table} ({listed}) SELECT {chosen} FROM {table} WHERE {where} = %s"
        )
        values = tuple(given[name] for name in names if name in given)
        assert_held(table, statement, (*values, key_of(table)[1]))


def test_a_data_locked_study_keeps_every_column():
    with transaction.atomic():
        ReaderStudy.objects.update(data_locked_at=timezone.now())
        table = ReaderStudy._meta.db_table
        for field in columns_of(table):
            change = f"UPDATE {table} SET {quoted(field.column)} = %s"
            assert_held(table, change, (other_value(field, pick(table)[field.column]),))
        transaction.set_rollback(True)


@pytest.mark.parametrize("column", ["id", "project_id"])
def test_a_study_with_a_locked_plan_stays_what_and_where_it_is(column):
    table = ReaderStudy._meta.db_table
    assert_held(table, f"UPDATE {table} SET {column} = %s", (uuid.uuid4().hex,))


def test_the_scene_attacks_a_named_reference():
    assert Case.objects.get().reference_id is not None
