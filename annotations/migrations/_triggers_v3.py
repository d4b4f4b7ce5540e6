"""Triggers for SQLite and PostgreSQL, third set: maps beside a version are as immutable as the version.

All rules of the second set stand. A later migration that alters a table named here calls `remove` before
and `install` after.
"""

from annotations.migrations import _triggers_v1 as v1
from annotations.migrations import _triggers_v2 as v2
from annotations.migrations._triggers_v1 import Rule, run

RULES = [
    *v2.RULES,
    *v1._never("annotations_companionmap", "Maps beside a version"),
    Rule("annotations_companionmap", "INSERT", v1.READ_OF_NEW_LESION, "The read is submitted."),
]


def names() -> list[tuple[str, Rule]]:
    return [(f"petreview_v3_{number:02d}_{rule.operation.lower()}", rule) for number, rule in enumerate(RULES)]


def create_statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [v1._sqlite_trigger(name, rule) for name, rule in names()]
    statements = [text for name, rule in names() for text in v1._postgresql_trigger(name, rule)]
    tables = sorted({rule.table for rule in RULES if rule.operation == "DELETE"})
    return statements + [text for table in tables for text in v1._postgresql_truncate(table)]


def drop_statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name, _ in names()]
    drops = [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name, _ in names()]
    return [*drops, "DROP FUNCTION IF EXISTS petreview_truncate() CASCADE"]


def install(apps, schema_editor) -> None:
    run(schema_editor.connection, create_statements(schema_editor.connection.vendor))


def remove(apps, schema_editor) -> None:
    run(schema_editor.connection, drop_statements(schema_editor.connection.vendor))
