"""reads_long: one row a read. What was planned, what the reader did, scored and left behind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.tables import reasons
from annotations.exports.tables.column import Column, Kind, Reason, Table
from annotations.exports.tables.times import TIMES
from annotations.reads.models import Arm, CaseRole, Read

Value = Callable[[Row], Any]
STATES = {
    "not_opened": "nobody opened the assignment",
    Read.State.OPEN.value: "open: being read",
    Read.State.FINAL.value: "segmentation final, not submitted",
    Read.State.SUBMITTED.value: "submitted and frozen",
    Read.State.ABANDONED.value: "abandoned",
}
ARMS = {start.value: str(start.label) for start in Arm.Start}
ROLES = {role.value: str(role.label).lower() for role in CaseRole}
ROWS = {
    "1": "perfect",
    "2": "optimal, minor changes",
    "3": "acceptable, minor changes",
    "4": "acceptable, major changes",
    "5": "not usable",
}
CONFIDENCES = {"1": "1 (low)", "2": "2", "3": "3", "4": "4", "5": "5 (high)"}


def _plan(
    name: str,
    meaning: str,
    value: Value,
    kind: Kind = "text",
    derived: str = "plan",
    missing: tuple[Reason, ...] = (),
    **more: Any,
) -> Column:
    return Column(name, kind, more.pop("unit", ""), meaning, derived, value, missing, **more)


def _read(
    name: str,
    kind: Kind,
    meaning: str,
    field: str,
    missing: tuple[Reason, ...] = reasons.UNOPENED,
    unit: str = "",
) -> Column:
    derived = "clock of the server" if kind == "time" else "read"
    unit = "UTC" if kind == "time" else unit
    return Column(
        name, kind, unit, meaning, derived, lambda r: getattr(r.read, field) if r.read else None, missing
    )


def _score(name: str, kind: Kind, unit: str, meaning: str, field: str, **more: Any) -> Column:
    derived = "the reader's first score, given before any count was shown"
    missing = (*reasons.NOT_SCORED, reasons.NO_CONFIDENCE) if field != "row" else reasons.NOT_SCORED
    return Column(
        name,
        kind,
        unit,
        meaning,
        derived,
        lambda r: getattr(r.score, field) if r.score else None,
        missing,
        **more,
    )


def _row(
    name: str, kind: Kind, unit: str, meaning: str, key: str, no_row: bool = False, **more: Any
) -> Column:
    derived = "AI version against final version: 26-connected components of at least 0.1 mL"
    missing = (*reasons.NOT_DERIVED, *((reasons.NEGATIVE, reasons.NO_COMPONENT) if no_row else ()))
    return Column(name, kind, unit, meaning, derived, lambda r: r.derived.get(key), missing, **more)


def _measure(
    name: str,
    kind: Kind,
    unit: str,
    meaning: str,
    key: str,
    missing: tuple[Reason, ...] = reasons.NOT_MEASURED,
) -> Column:
    derived = "measures of the final version, voxels of the lesions that are there"
    return Column(name, kind, unit, meaning, derived, lambda r: r.summary.get(key), missing)


def _lesions(status: str, meaning: str) -> Column:
    return Column(
        f"lesions_{status}",
        "integer",
        "count",
        meaning,
        "labels of the final version against the start of the read",
        lambda r: None if r.statuses is None else r.statuses.count(status),
        reasons.UNFINISHED,
    )


PLANNED: tuple[Column, ...] = (
    _plan("reader_study", "Name of the reader study.", lambda r: r.plan.reader_study.name),
    _plan(
        "plan_number", "Number of the plan; more than 1 is an amendment.", lambda r: r.plan.number, "integer"
    ),
    _plan(
        "plan_digest",
        "sha256 of the plan as it was locked.",
        lambda r: r.plan.digest or None,
        missing=(Reason("draft", "the plan is a draft", lambda r: not r.plan.digest),),
    ),
    _plan("reader", "Pseudonym of the reader: R01, R02 ...", lambda r: r.reader, derived="order of accounts"),
    _plan(
        "case_number",
        "Number of the case in the reader study.",
        lambda r: r.assignment.case.number,
        "integer",
    ),
    _plan("pseudonym", "Pseudonym of the patient.", lambda r: r.study.patient.pseudonym, derived="import"),
    _plan("is_synthetic", "The study is a phantom.", lambda r: r.study.is_synthetic, "boolean", "import"),
    _plan(
        "tracer",
        "Tracer of the PET.",
        lambda r: r.series.tracer or None,
        derived="DICOM header",
        missing=(Reason("not_stated", "the header does not state it", lambda r: not r.series.tracer),),
    ),
    _plan("arm", "Key of the arm in the plan.", lambda r: r.assignment.arm.key, masked_until_lock=True),
    _plan(
        "start",
        "What the read started from.",
        lambda r: r.assignment.arm.start,
        values=ARMS,
        masked_until_lock=True,
    ),
    _plan(
        "release",
        "Model release of an AI arm.",
        lambda r: r.assignment.arm.producer_name or None,
        missing=(reasons.NOT_AI, Reason("not_stated", "the plan does not name it", lambda r: True)),
        masked_until_lock=True,
    ),
    _plan("role", "Training cases are outside all analyses.", lambda r: r.assignment.role, values=ROLES),
    _plan(
        "stratum",
        "Burden stratum the case was balanced in.",
        lambda r: r.assignment.stratum or None,
        missing=(Reason("not_stratified", "the plan does not stratify", lambda r: True),),
    ),
    _plan(
        "sequence",
        "Arms of this case in the order of reading.",
        lambda r: r.assignment.sequence or None,
        missing=(Reason("not_crossover", "the plan is no crossover", lambda r: True),),
        masked_until_lock=True,
    ),
    _plan(
        "in_timing_subgroup",
        "Drawn by seed for the timing subgroup.",
        lambda r: r.assignment.in_timing_subgroup,
        "boolean",
    ),
    _plan(
        "is_planted",
        "The start holds planted errors; readers are never told.",
        lambda r: r.is_planted,
        "boolean",
        masked_until_lock=True,
    ),
    _plan("period", "Period of the plan.", lambda r: r.assignment.period, "integer"),
    _plan("position", "Order within the reader's period.", lambda r: r.assignment.position, "integer"),
    _plan(
        "repeat", "0 is the first reading of this case in this arm.", lambda r: r.assignment.repeat, "integer"
    ),
)
READ: tuple[Column, ...] = (
    _read("read", "text", "Id of the read.", "pk"),
    _read("attempt", "integer", "1 is the first; more: opened again with a reason.", "attempt", unit="count"),
    _plan(
        "is_record",
        "The attempt that counts: the first that was submitted; while none is, the newest.",
        lambda r: r.is_record,
        "boolean",
        "read",
    ),
    _plan("state", "How far the read is.", lambda r: r.state, derived="read", values=STATES),
    _read("opened_at", "time", "The read was opened.", "opened_at"),
    _read("final_at", "time", "Last 'Segmentation final'.", "final_at", reasons.UNFINISHED),
    _read(
        "submitted_at",
        "time",
        "The read was frozen.",
        "submitted_at",
        (reasons.NOT_OPENED, reasons.ABANDONED, reasons.NOT_SUBMITTED),
    ),
)
SCORED: tuple[Column, ...] = (
    _score(
        "score_row", "integer", "row 1-5", "Row of the quality table the reader gave.", "row", values=ROWS
    ),
    _score("score_confidence", "integer", "1-5", "Confidence in the row.", "confidence", values=CONFIDENCES),
    _score("score_comment", "text", "", "The reader's words.", "comment"),
    Column(
        "revised_score_row",
        "integer",
        "row 1-5",
        "The row as revised later, with a reason; the first score stays the record.",
        "the reader's last revision",
        lambda r: r.revised_row,
        (*reasons.NOT_SCORED, Reason("not_revised", "the score was not revised", lambda r: True)),
        ROWS,
    ),
    _row("derived_row", "integer", "row 1-5", "Row that follows from the voxels.", "row", True, values=ROWS),
    _row(
        "derived_strict_row",
        "integer",
        "row 1-5",
        "The same where less than half in common is no match.",
        "strict_row",
        True,
        values=ROWS,
    ),
    _row("n_final", "integer", "count", "Components of the final version.", "n_final"),
    _row("n_ai", "integer", "count", "Components of the AI version.", "n_ai"),
    _row("missing", "integer", "count", "Final components no AI voxel touches.", "missing"),
    _row("false_positive", "integer", "count", "AI components no final voxel touches.", "false_positive"),
    _row("partial", "integer", "count", "Touching components whose voxels differ.", "partial"),
    _row(
        "gross_partial",
        "integer",
        "count",
        "Of these, less than half of the volume in common.",
        "gross_partial",
    ),
    _row(
        "found_half_or_less",
        "boolean",
        "",
        "At most half of the final components were found.",
        "found_half_or_less",
        True,
    ),
    _row("ai_volume_ml", "number", "mL", "Volume of the AI version.", "ai_volume_ml"),
)
MEASURED: tuple[Column, ...] = (
    _measure(
        "lesion_count",
        "integer",
        "count",
        "Lesions (labels) of the final version.",
        "lesion_count",
        reasons.UNFINISHED,
    ),
    _measure(
        "ttv_ml", "number", "mL", "Total tumour volume of the final version.", "ttv_ml", reasons.UNFINISHED
    ),
    _measure("lowest_suv_mean", "number", "SUVbw", "Lowest mean of a lesion.", "lowest_suv_mean"),
    _measure(
        "lowest_suv_mean_volume_ml", "number", "mL", "Volume of that lesion.", "lowest_suv_mean_volume_ml"
    ),
    _measure("suv_max", "number", "SUVbw", "Highest voxel of all lesions.", "suv_max"),
    _measure(
        "tlg_suv_ml",
        "number",
        "SUVbw*mL",
        "Sum of volume times mean over the lesions.",
        "tlg",
        (*reasons.UNFINISHED, reasons.NO_SUV),
    ),
    _lesions("kept", "Lesions whose voxels are those of the start."),
    _lesions("edited", "Lesions of the start whose voxels were changed."),
    _lesions("added", "Lesions that were not in the start and are no part of one that was."),
    _lesions("deleted", "Lesions that were deleted."),
    Column(
        "start_ttv_ml",
        "number",
        "mL",
        "Total tumour volume of the start.",
        "measures of the version the read started from",
        lambda r: r.start_summary.get("ttv_ml"),
        (reasons.NOT_OPENED, reasons.NO_START),
    ),
)
DIGEST = Column(
    "final_version_digest",
    "text",
    "sha256",
    "Digest of the final version; the hash chain of its lineage ends here.",
    "version",
    lambda r: r.final.version_digest if r.final else None,
    reasons.UNFINISHED,
)
RESULTS: tuple[Column, ...] = tuple(
    replace(column, masked_until_lock=True) for column in (*SCORED, *MEASURED, *TIMES, DIGEST)
)
COLUMNS: tuple[Column, ...] = (*PLANNED, *READ, *RESULTS)


def reads_long(data: StudyData) -> Table:
    return Table(
        "reads_long",
        "Reads, one row a read",
        "one attempt of a reader at an assignment; an assignment nobody opened is a row too",
        ("reader", "case_number", "period", "position", "attempt"),
        COLUMNS,
        lambda: data.rows,
        explains_gaps=True,
    )
