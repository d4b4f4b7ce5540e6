"""Database triggers that keep what is stored as it was stored (design.md, invariants 2 and 6).

Services and API refuse first and by name; these refuse whatever goes round them, in SQLite and in
PostgreSQL. A later migration that alters a table named here calls `remove` before and `install`
after: SQLite rebuilds a table to alter it and forgets its triggers. New rules go into a new module.
"""

from typing import NamedTuple

READ_OF_NEW_VERSION = (
    "EXISTS (SELECT 1 FROM annotations_read r WHERE r.segmentation_id = NEW.segmentation_id"
    " AND r.state = 'submitted')"
)
READ_OF_NEW_LESION = (
    "EXISTS (SELECT 1 FROM annotations_read r JOIN annotations_version v"
    " ON v.segmentation_id = r.segmentation_id WHERE v.id = NEW.version_id AND r.state = 'submitted')"
)
READ_OF_NEW = "EXISTS (SELECT 1 FROM annotations_read r WHERE r.id = NEW.read_id AND r.state = 'submitted')"
READ_OF_OLD_SEGMENTATION = (
    "EXISTS (SELECT 1 FROM annotations_read r WHERE r.segmentation_id = OLD.id AND r.state = 'submitted')"
)
PLAN_OF_NEW_LOCKED = (
    "EXISTS (SELECT 1 FROM annotations_plan p WHERE p.id = NEW.plan_id AND p.locked_at IS NOT NULL)"
)
PLAN_OF_OLD_LOCKED = (
    "EXISTS (SELECT 1 FROM annotations_plan p WHERE p.id = OLD.plan_id AND p.locked_at IS NOT NULL)"
)
STUDY_OF_OLD_LOCKED = (
    "EXISTS (SELECT 1 FROM annotations_plan p WHERE p.reader_study_id = OLD.reader_study_id"
    " AND p.locked_at IS NOT NULL)"
)
ALWAYS = "1 = 1"


class Rule(NamedTuple):
    """Refuse `operation` on `table` where `condition` holds. `!=` in a condition means "differs", null included."""

    table: str
    operation: str
    condition: str
    message: str


def _never(table: str, what: str) -> list[Rule]:
    return [Rule(table, op, ALWAYS, f"{what} are never changed.") for op in ("UPDATE", "DELETE")]


def _differs(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)


RULES = [
    *_never("annotations_version", "Versions"),
    *_never("annotations_lesion", "Lesions of a version"),
    *_never("annotations_measureset", "Measures"),
    *_never("annotations_score", "Scores"),
    *_never("annotations_readingtime", "Reading times"),
    *_never("annotations_auditrecord", "Audit records"),
    *_never("annotations_event", "Events"),
    *_never("annotations_suvrevision", "SUV revisions"),
    Rule("annotations_version", "INSERT", READ_OF_NEW_VERSION, "The read is submitted."),
    Rule("annotations_lesion", "INSERT", READ_OF_NEW_LESION, "The read is submitted."),
    Rule("annotations_score", "INSERT", READ_OF_NEW, "The read is submitted."),
    Rule("annotations_event", "INSERT", f"NOT NEW.late AND {READ_OF_NEW}", "The read is submitted."),
    Rule("annotations_read", "UPDATE", "OLD.state = 'submitted'", "The read is submitted."),
    Rule("annotations_read", "DELETE", "OLD.state = 'submitted'", "The read is submitted."),
    Rule("annotations_segmentation", "UPDATE", READ_OF_OLD_SEGMENTATION, "The read is submitted."),
    Rule("annotations_segmentation", "DELETE", READ_OF_OLD_SEGMENTATION, "The read is submitted."),
    Rule("annotations_segmentation", "UPDATE", _differs("volume_id"), "A segmentation stays on its volume."),
    Rule("annotations_plan", "UPDATE", "OLD.locked_at IS NOT NULL", "The plan is locked."),
    Rule("annotations_plan", "DELETE", "OLD.locked_at IS NOT NULL", "The plan is locked."),
    Rule("annotations_arm", "INSERT", PLAN_OF_NEW_LOCKED, "The plan is locked."),
    Rule("annotations_arm", "UPDATE", f"{PLAN_OF_OLD_LOCKED} OR {PLAN_OF_NEW_LOCKED}", "The plan is locked."),
    Rule("annotations_arm", "DELETE", PLAN_OF_OLD_LOCKED, "The plan is locked."),
    Rule("annotations_assignment", "INSERT", PLAN_OF_NEW_LOCKED, "The plan is locked."),
    Rule(
        "annotations_assignment",
        "UPDATE",
        f"{PLAN_OF_OLD_LOCKED} OR {PLAN_OF_NEW_LOCKED}",
        "The plan is locked.",
    ),
    Rule("annotations_assignment", "DELETE", PLAN_OF_OLD_LOCKED, "The plan is locked."),
    # A reference may be named after the lock, once; what is read may not change.
    Rule(
        "annotations_case",
        "UPDATE",
        f"({_differs('number', 'reader_study_id', 'volume_id', 'ct_volume_id', 'suv_revision_id')}"
        f" OR (OLD.reference_id IS NOT NULL AND ({_differs('reference_id')}))) AND {STUDY_OF_OLD_LOCKED}",
        "The plan is locked.",
    ),
    Rule("annotations_case", "DELETE", STUDY_OF_OLD_LOCKED, "The plan is locked."),
    Rule(
        "annotations_volume",
        "UPDATE",
        _differs(
            "series_id",
            "digest",
            "grid",
            "grid_digest",
            "unit",
            "dtype",
            "slopes",
            "intercepts",
            "voxels_id",
        ),
        "Volumes are never changed.",
    ),
    Rule("annotations_blob", "UPDATE", _differs("digest", "encoding", "size_bytes"), "Blobs are never changed."),
]


def _names() -> list[tuple[str, Rule]]:
    return [(f"petreview_{number:02d}_{rule.operation.lower()}", rule) for number, rule in enumerate(RULES)]


def create_statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [_sqlite_trigger(name, rule) for name, rule in _names()]
    statements = [text for name, rule in _names() for text in _postgresql_trigger(name, rule)]
    return statements + [text for table in _delete_refused() for text in _postgresql_truncate(table)]


def drop_statements(vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name, _ in _names()]
    drops = [f"DROP FUNCTION IF EXISTS {name}() CASCADE" for name, _ in _names()]
    return [*drops, "DROP FUNCTION IF EXISTS petreview_truncate() CASCADE"]


def install(apps, schema_editor) -> None:
    run(schema_editor.connection, create_statements(schema_editor.connection.vendor))


def remove(apps, schema_editor) -> None:
    run(schema_editor.connection, drop_statements(schema_editor.connection.vendor))


def run(connection, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite_trigger(name: str, rule: Rule) -> str:
    condition = rule.condition.replace("{differs}", "IS NOT")
    return (
        f"CREATE TRIGGER {name} BEFORE {rule.operation} ON {rule.table} WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, 'frozen: {rule.message}'); END"
    )


def _postgresql_trigger(name: str, rule: Rule) -> list[str]:
    condition = rule.condition.replace("{differs}", "IS DISTINCT FROM")
    row = "OLD" if rule.operation == "DELETE" else "NEW"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
        f" RAISE EXCEPTION 'frozen: {rule.message}' USING ERRCODE = 'integrity_constraint_violation';"
        f" END IF; RETURN {row}; END $$",
        f"CREATE TRIGGER {name} BEFORE {rule.operation} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _delete_refused() -> list[str]:
    return sorted({rule.table for rule in RULES if rule.operation == "DELETE"})


def _postgresql_truncate(table: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION petreview_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'frozen: rows are never removed.' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$",
        f"CREATE TRIGGER petreview_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        " EXECUTE FUNCTION petreview_truncate()",
    ]
