"""metrics: one row a version compared with the reference of its case, over voxels and over lesions."""

from collections.abc import Callable
from typing import Any

from annotations.exports.comparing import SUBJECTS, Compared, Tick, compare_study
from annotations.exports.study_data import StudyData
from annotations.exports.tables.column import Column, Kind, Reason, Table
from annotations.exports.tables.reads import ROWS

NO_READ = Reason("not_a_read", "a named version belongs to no read", lambda one: one.row is None)
OF_A_READ = Reason("not_named", "the version of a read", lambda one: not one.source)
NEGATIVE = Reason(
    "empty_reference", "the reference is empty (negative control)", lambda one: not one.voxels.true_volume_ml
)
NOTHING = Reason("empty_version", "the version is empty", lambda one: not one.voxels.predicted_volume_ml)
BOTH = Reason(
    "both_empty",
    "version and reference are empty: a true negative, not defined",
    lambda one: not one.voxels.true_volume_ml and not one.voxels.predicted_volume_ml,
)
NO_LESION = Reason("no_component", "neither holds a component of the smallest volume", lambda one: True)


def _read_id(one: Compared) -> Any:
    return one.row.read.pk if one.row and one.row.read else None


def _reference_digest(one: Compared) -> str | None:
    return one.case.reference.version_digest if one.case.reference else None


def _of(part: str, name: str, kind: Kind, unit: str, meaning: str, key: str = "", *missing: Reason) -> Column:
    derived = {
        "voxels": "voxels of both label maps, all labels together",
        "lesions": "26-connected components of at least 0.1 mL of both masks",
        "false": "18-connected components without any overlap (autoPET)",
    }[part]
    return Column(
        name, kind, unit, meaning, derived, lambda one: getattr(getattr(one, part), key or name), missing
    )


def _id(
    name: str, kind: Kind, meaning: str, value: Callable[[Compared], Any], *missing: Reason, **more: Any
) -> Column:
    return Column(name, kind, more.pop("unit", ""), meaning, "plan", value, missing, **more)


COLUMNS = (
    _id("case_number", "integer", "Number of the case in the reader study.", lambda one: one.case.number),
    _id("subject", "text", "What is compared.", lambda one: one.subject, values=SUBJECTS),
    _id(
        "producer",
        "text",
        "Name of the producer of a named version.",
        lambda one: one.source or None,
        OF_A_READ,
    ),
    _id("reader", "text", "Pseudonym of the reader.", lambda one: one.row and one.row.reader, NO_READ),
    _id("read", "text", "Id of the read, as in reads_long.", _read_id, NO_READ),
    _id(
        "arm",
        "text",
        "Key of the arm.",
        lambda one: one.row and one.row.assignment.arm.key,
        NO_READ,
    ),
    _id(
        "is_record", "boolean", "The attempt that counts.", lambda one: one.row and one.row.is_record, NO_READ
    ),
    _id(
        "version_digest",
        "text",
        "Digest of the version.",
        lambda one: one.version.version_digest,
        unit="sha256",
    ),
    _id(
        "reference_digest",
        "text",
        "Digest of the reference.",
        _reference_digest,
        unit="sha256",
    ),
    _of("voxels", "dice", "number", "", "2 TP / (2 TP + FP + FN).", "", BOTH),
    _of("voxels", "precision", "number", "", "TP / (TP + FP).", "", BOTH, NOTHING),
    _of("voxels", "sensitivity", "number", "", "TP / (TP + FN).", "", BOTH, NEGATIVE),
    _of("voxels", "true_positive", "integer", "count", "Voxels in both."),
    _of("voxels", "false_positive", "integer", "count", "Voxels of the version only."),
    _of("voxels", "false_negative", "integer", "count", "Voxels of the reference only."),
    _of("voxels", "reference_volume_ml", "number", "mL", "Volume of the reference.", "true_volume_ml"),
    _of("voxels", "version_volume_ml", "number", "mL", "Volume of the version.", "predicted_volume_ml"),
    _of("lesions", "lesions_reference", "integer", "count", "Lesions of the reference.", "n_true"),
    _of("lesions", "lesions_version", "integer", "count", "Lesions of the version.", "n_predicted"),
    _of(
        "lesions", "lesions_found", "integer", "count", "Lesions of the reference that are touched.", "found"
    ),
    _of(
        "lesions",
        "lesions_missed",
        "integer",
        "count",
        "Lesions of the reference that are not touched.",
        "missed",
    ),
    _of(
        "lesions",
        "lesions_hit",
        "integer",
        "count",
        "Lesions of the version that touch the reference.",
        "hits",
    ),
    _of("lesions", "lesions_false", "integer", "count", "Lesions of the version that do not.", "false"),
    _of(
        "lesions",
        "lesion_sensitivity",
        "number",
        "",
        "found / lesions of the reference.",
        "sensitivity",
        BOTH,
        NEGATIVE,
        NO_LESION,
    ),
    _of(
        "lesions",
        "lesion_precision",
        "number",
        "",
        "hit / lesions of the version.",
        "precision",
        BOTH,
        NOTHING,
        NO_LESION,
    ),
    _of(
        "lesions",
        "lesion_dice",
        "number",
        "",
        "2 found / (2 found + false + missed).",
        "dice",
        BOTH,
        NO_LESION,
    ),
    _of(
        "lesions",
        "lesion_dice_by_version",
        "number",
        "",
        "2 hit / (2 hit + false + missed).",
        "dice_by_prediction",
        BOTH,
        NO_LESION,
    ),
    _of(
        "false", "false_positive_volume_ml", "number", "mL", "Components of the version without any overlap."
    ),
    _of(
        "false",
        "false_negative_volume_ml",
        "number",
        "mL",
        "Components of the reference without any overlap.",
    ),
    Column(
        "reference_row",
        "integer",
        "row 1-5",
        "Row of the version against the reference.",
        "the quality table's rule, the version against the reference",
        lambda one: one.derived.row,
        (BOTH, NEGATIVE, NO_LESION),
        ROWS,
    ),
)


def metrics(data: StudyData, tick: Tick = lambda stage, done, total: None) -> Table:
    """Comparing takes a moment, so the rows are computed once and kept: they are few."""
    kept: list[Compared] = []

    def rows() -> list[Compared]:
        if not kept:
            kept.extend(compare_study(data, tick))
        return kept

    return Table(
        "metrics",
        "Versions against the reference",
        "one version compared with the reference of its case",
        ("case_number", "subject", "version_digest", "read"),
        COLUMNS,
        rows,
        explains_gaps=True,
    )
