"""The columns of scores_and_times.csv: values and code book come from this one table."""

from collections.abc import Callable
from typing import Any, NamedTuple

from annotations.exports.rows import Row
from annotations.reads.models import ReadingTime

Value = Callable[[Row], Any]
NOT_OPENED = "the assignment was not opened"
NOT_FINAL = "the segmentation is not final"
NO_SUV = "not final, no lesion, or a PET without valid SUV"
NO_SCORE = "no score was given (always outside AI arms)"
NO_DERIVED = "outside AI arms, and before score or submit"
NO_CLOCK = "not submitted, or no first image was recorded"


class Column(NamedTuple):
    """derived: where the value comes from. missing: when the cell is empty."""

    name: str
    unit: str
    meaning: str
    derived: str
    missing: str
    value: Value


def _plan(name: str, meaning: str, value: Value, derived: str = "plan", missing: str = "never") -> Column:
    return Column(name, "", meaning, derived, missing, value)


def _read(name: str, unit: str, meaning: str, field: str, missing: str = NOT_OPENED) -> Column:
    derived = "clock of the server" if unit == "UTC" else "read"
    return Column(name, unit, meaning, derived, missing, lambda r: getattr(r.read, field) if r.read else None)


def _score(name: str, unit: str, meaning: str, field: str) -> Column:
    derived = "the reader's first score, given before any count was shown"
    return Column(
        name, unit, meaning, derived, NO_SCORE, lambda r: getattr(r.score, field) if r.score else None
    )


def _row(name: str, unit: str, meaning: str, key: str) -> Column:
    derived = "AI version against final version: 26-connected components of at least 0.1 mL"
    return Column(name, unit, meaning, derived, NO_DERIVED, lambda r: r.derived.get(key))


def _measure(name: str, unit: str, meaning: str, key: str, missing: str = NO_SUV) -> Column:
    derived = "measures of the final version, voxels of the lesions that are there"
    return Column(name, unit, meaning, derived, missing, lambda r: r.summary.get(key))


def _lesions(status: str, meaning: str) -> Column:
    derived = "labels of the final version against the start of the read"
    return Column(
        f"lesions_{status}",
        "count",
        meaning,
        derived,
        NOT_FINAL,
        lambda r: None if r.statuses is None else r.statuses.count(status),
    )


def _time(name: str, meaning: str, missing: str = NO_CLOCK) -> Column:
    derived = "raw events, by the rules of the clock"
    return Column(name, "s", meaning, derived, missing, lambda r: getattr(r.time, name) if r.time else None)


def _variant(name: str, meaning: str) -> Column:
    derived = "the same raw events, computed beside the time of record"
    return Column(name, "s", meaning, derived, NO_CLOCK, lambda r: r.time.variants[name] if r.time else None)


def _of_time(name: str, unit: str, meaning: str, value: Callable[[ReadingTime], Any]) -> Column:
    return Column(name, unit, meaning, "raw events", NO_CLOCK, lambda r: value(r.time) if r.time else None)


COLUMNS: tuple[Column, ...] = (
    _plan("reader_study", "Name of the reader study.", lambda r: r.plan.reader_study.name),
    _plan(
        "plan_digest",
        "sha256 of the plan as it was locked.",
        lambda r: r.plan.digest or None,
        missing="draft",
    ),
    _plan("reader", "Pseudonym of the reader: R01, R02 ...", lambda r: r.reader, "order of accounts"),
    _plan("pseudonym", "Pseudonym of the patient.", lambda r: r.study.patient.pseudonym, "import"),
    _plan("is_synthetic", "The study is a phantom.", lambda r: r.study.is_synthetic, "import"),
    _plan("tracer", "Tracer of the PET.", lambda r: r.series.tracer or None, "DICOM header", "not stated"),
    _plan("case_number", "Number of the case in the reader study.", lambda r: r.assignment.case.number),
    _plan("arm", "What the read started from.", lambda r: r.assignment.arm.start),
    _plan(
        "release", "Model release of an AI arm.", lambda r: r.assignment.arm.producer_name, missing="not AI"
    ),
    _plan("period", "Period of the plan.", lambda r: r.assignment.period),
    _plan("position", "Order within the reader's period.", lambda r: r.assignment.position),
    _plan("repeat", "0 is the first reading of this case in this arm.", lambda r: r.assignment.repeat),
    _read("read", "", "Id of the read.", "pk"),
    _read("attempt", "count", "1 is the first; more: opened again with a reason.", "attempt"),
    _plan("state", "not_opened, open, final, submitted or abandoned.", lambda r: r.state, "read"),
    _read("opened_at", "UTC", "The read was opened.", "opened_at"),
    _read("final_at", "UTC", "Last 'Segmentation final'.", "final_at", NOT_FINAL),
    _read("submitted_at", "UTC", "The read was frozen.", "submitted_at", "not submitted"),
    _score("score_row", "row 1-5", "Row of the quality table the reader gave.", "row"),
    _score("score_confidence", "1 low - 5 high", "Confidence in the row.", "confidence"),
    _score("score_comment", "", "The reader's words.", "comment"),
    _row("derived_row", "row 1-5", "Row that follows from the voxels; empty without a final lesion.", "row"),
    _row(
        "derived_strict_row", "row 1-5", "The same where less than half in common is no match.", "strict_row"
    ),
    _row("n_final", "count", "Components of the final version.", "n_final"),
    _row("n_ai", "count", "Components of the AI version.", "n_ai"),
    _row("missing", "count", "Final components no AI voxel touches.", "missing"),
    _row("false_positive", "count", "AI components no final voxel touches.", "false_positive"),
    _row("partial", "count", "Touching components whose voxels differ.", "partial"),
    _row("gross_partial", "count", "Of these, less than half of the volume in common.", "gross_partial"),
    _row("found_half_or_less", "", "At most half of the final components were found.", "found_half_or_less"),
    _row("ai_volume_ml", "mL", "Volume of the AI version.", "ai_volume_ml"),
    _measure("lesion_count", "count", "Lesions (labels) of the final version.", "lesion_count", NOT_FINAL),
    _measure("ttv_ml", "mL", "Total tumour volume of the final version.", "ttv_ml", NOT_FINAL),
    _measure("lowest_suv_mean", "SUVbw", "Lowest mean of a lesion.", "lowest_suv_mean"),
    _measure("lowest_suv_mean_volume_ml", "mL", "Volume of that lesion.", "lowest_suv_mean_volume_ml"),
    _measure("suv_max", "SUVbw", "Highest voxel of all lesions.", "suv_max"),
    _measure("tlg_suv_ml", "SUVbw*mL", "Sum of volume times mean over the lesions.", "tlg"),
    _lesions("kept", "Lesions whose voxels are those of the start."),
    _lesions("edited", "Lesions of the start whose voxels were changed."),
    _lesions("added", "Lesions that were not in the start."),
    _lesions("deleted", "Lesions that were deleted."),
    Column(
        "start_ttv_ml",
        "mL",
        "Total tumour volume of the start.",
        "measures of the version the read started from",
        "the read started empty or was not opened",
        lambda r: r.start_summary.get("ttv_ml"),
    ),
    _of_time("idle_threshold_s", "s", "T of record: a longer gap counts as T.", lambda t: t.idle_threshold_s),
    _time("wall_s", "First interactive PET image to the last 'Segmentation final'."),
    _time("paused_s", "Part of wall_s: declared pauses."),
    _time("hidden_s", "Part of wall_s: no tab of the read visible."),
    _time("loading_s", "Part of wall_s: images were loading."),
    _time("computing_s", "Part of wall_s: a method was computing."),
    _time("idle_s", "Part of wall_s: gaps beyond T, unless the reader said to be reading."),
    _time("active_s", "Reading time of record: the rest of wall_s; the six parts sum to it."),
    _variant("active_t30_s", "active_s with T = 30 s."),
    _variant("active_t60_s", "active_s with T = 60 s."),
    _variant("active_t120_s", "active_s with T = 120 s."),
    _variant("active_gap_zero_s", "active_s where a gap over T counts as 0."),
    _variant("active_and_loading_s", "active_s + loading_s."),
    _variant("active_and_computing_s", "active_s + computing_s."),
    _variant("active_and_loading_and_computing_s", "active_s + loading_s + computing_s."),
    _variant("wall_minus_paused_s", "wall_s - paused_s."),
    _time("time_to_first_edit_s", "First image to first edit.", f"{NO_CLOCK}, or no edit"),
    _time("scoring_s", "Score asked for to score given; outside wall_s.", f"{NO_CLOCK}, or no score"),
    _of_time("action_count", "count", "Edits within wall_s.", lambda t: t.action_count),
    _of_time("clock_flags", "", "What disturbed the clock, by name.", lambda t: " ".join(t.flags)),
    _of_time("clock_version", "", "Version of the clock's code.", lambda t: t.code_version),
    Column(
        "final_version_digest",
        "sha256",
        "Digest of the final version; the hash chain of its lineage ends here.",
        "version",
        NOT_FINAL,
        lambda r: r.final.version_digest if r.final else None,
    ),
)
