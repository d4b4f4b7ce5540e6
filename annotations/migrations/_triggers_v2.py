"""Triggers for SQLite and PostgreSQL, second set: data lock, abandoned reads, revised scores, study records.

All rules of the first set stand, but for two that say more now. A later migration that alters a table
named here calls `remove` before and `install` after.
"""

from annotations.migrations import _triggers_v1 as v1
from annotations.migrations._triggers_v1 import Rule, run

DATA_LOCKED = (
    "EXISTS (SELECT 1 FROM annotations_assignment a JOIN annotations_plan p ON p.id = a.plan_id"
    " JOIN annotations_readerstudy s ON s.id = p.reader_study_id"
    " WHERE a.id = {assignment} AND s.data_locked_at IS NOT NULL)"
)
DATA_OF_NEW_READ = DATA_LOCKED.replace("{assignment}", "NEW.assignment_id")
DATA_OF_OLD_READ = DATA_LOCKED.replace("{assignment}", "OLD.assignment_id")
DATA_OF_NEW_SCORE = DATA_LOCKED.replace(
    "{assignment}", "(SELECT r.assignment_id FROM annotations_read r WHERE r.id = NEW.read_id)"
)
DATA_OF_NEW_PLAN = (
    "EXISTS (SELECT 1 FROM annotations_readerstudy s WHERE s.id = NEW.reader_study_id"
    " AND s.data_locked_at IS NOT NULL)"
)
ARM_OF_NEW_LOCKED = (
    "EXISTS (SELECT 1 FROM annotations_arm a JOIN annotations_plan p ON p.id = a.plan_id"
    " WHERE a.id = NEW.arm_id AND p.locked_at IS NOT NULL)"
)
ARM_OF_OLD_LOCKED = ARM_OF_NEW_LOCKED.replace("NEW.", "OLD.")
ENDED = "OLD.state IN ('submitted', 'abandoned')"
STUDY_HAS_LOCKED_PLAN = (
    "EXISTS (SELECT 1 FROM annotations_plan p WHERE p.reader_study_id = OLD.id AND p.locked_at IS NOT NULL)"
)

REPLACED = {
    ("annotations_score", "INSERT", v1.READ_OF_NEW),
    ("annotations_read", "UPDATE", "OLD.state = 'submitted'"),
    ("annotations_read", "DELETE", "OLD.state = 'submitted'"),
}
RULES = [
    *[rule for rule in v1.RULES if rule[:3] not in REPLACED],
    # The first score is part of the submission; a revised one stands beside it and may come later.
    Rule("annotations_score", "INSERT", f"NEW.revision = 0 AND {v1.READ_OF_NEW}", "The read is submitted."),
    Rule("annotations_score", "INSERT", DATA_OF_NEW_SCORE, "The data are locked."),
    Rule("annotations_read", "UPDATE", ENDED, "The read is ended."),
    Rule("annotations_read", "DELETE", ENDED, "The read is ended."),
    Rule("annotations_read", "INSERT", DATA_OF_NEW_READ, "The data are locked."),
    Rule("annotations_read", "UPDATE", DATA_OF_OLD_READ, "The data are locked."),
    Rule("annotations_plan", "INSERT", DATA_OF_NEW_PLAN, "The data are locked."),
    Rule("annotations_readerstudy", "UPDATE", "OLD.data_locked_at IS NOT NULL", "The data are locked."),
    Rule("annotations_readerstudy", "DELETE", STUDY_HAS_LOCKED_PLAN, "The plan is locked."),
    Rule("annotations_casestart", "INSERT", ARM_OF_NEW_LOCKED, "The plan is locked."),
    Rule(
        "annotations_casestart", "UPDATE", f"{ARM_OF_OLD_LOCKED} OR {ARM_OF_NEW_LOCKED}", "The plan is locked."
    ),
    Rule("annotations_casestart", "DELETE", ARM_OF_OLD_LOCKED, "The plan is locked."),
    *v1._never("annotations_comparison", "Comparisons"),
    *v1._never("annotations_exemption", "Exemptions"),
    *v1._never("annotations_look", "Looks at the results"),
]


def names() -> list[tuple[str, Rule]]:
    return [(f"petreview_v2_{number:02d}_{rule.operation.lower()}", rule) for number, rule in enumerate(RULES)]


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
