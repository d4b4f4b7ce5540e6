"""Triggers for SQLite and PostgreSQL, fourth set: the images themselves, and what identifies a case or a study.

All rules of the third set stand, but for those that say more now: of volumes, blobs and segmentations
nothing is changed any more. A later migration that alters a table named here calls `remove` before and
`install` after.

On SQLite `INSERT OR REPLACE` deletes rows without their DELETE triggers unless the connection sets
`PRAGMA recursive_triggers`, as petreview/settings.py does.
"""

from annotations.migrations import _triggers_v1 as v1
from annotations.migrations import _triggers_v2 as v2
from annotations.migrations import _triggers_v3 as v3
from annotations.migrations._triggers_v1 import Rule, run

WHOLLY_FROZEN = {
    "annotations_blob": "Blobs",
    "annotations_instance": "Instances",
    "annotations_segmentation": "Segmentations",
    "annotations_volume": "Volumes",
    "annotations_volumeinstance": "Slices of a volume",
}
CASE = ("id", "number", "reader_study_id", "volume_id", "ct_volume_id", "suv_revision_id")


def _is_replaced(rule: Rule) -> bool:
    return rule.table in WHOLLY_FROZEN or (rule.table == "annotations_case" and rule.operation == "UPDATE")


def _stays(table: str, what: str, *columns: str) -> list[Rule]:
    """Rows stay, and the columns that say what they are; the others may be corrected."""
    return [
        Rule(table, "UPDATE", v1._differs("id", *columns), f"{what} keep what identifies them."),
        Rule(table, "DELETE", v1.ALWAYS, f"{what} are never removed."),
    ]


RULES = [
    *[rule for rule in v3.RULES if not _is_replaced(rule)],
    *[rule for table, what in WHOLLY_FROZEN.items() for rule in v1._never(table, what)],
    *_stays("annotations_patient", "Patients", "project_id", "pseudonym"),
    *_stays("annotations_study", "Studies", "project_id", "patient_id", "study_instance_uid"),
    *_stays(
        "annotations_series", "Series", "study_id", "series_instance_uid", "modality", "frame_of_reference_uid"
    ),
    # A reference may be named after the lock, once; what is read may not change.
    Rule(
        "annotations_case",
        "UPDATE",
        f"({v1._differs(*CASE)} OR (OLD.reference_id IS NOT NULL AND ({v1._differs('reference_id')})))"
        f" AND {v1.STUDY_OF_OLD_LOCKED}",
        "The plan is locked.",
    ),
    Rule(
        "annotations_readerstudy",
        "UPDATE",
        f"({v1._differs('id', 'project_id')}) AND {v2.STUDY_HAS_LOCKED_PLAN}",
        "The plan is locked.",
    ),
]


def names() -> list[tuple[str, Rule]]:
    return [(f"petreview_v4_{number:02d}_{rule.operation.lower()}", rule) for number, rule in enumerate(RULES)]


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
