"""The columns of the clock: the parts of a read's time and the variants beside the time of record."""

from collections.abc import Callable
from typing import Any

from annotations.exports.tables import reasons
from annotations.exports.tables.column import Column, Kind, Reason
from annotations.reads.models import ReadingTime


def _time(name: str, meaning: str, missing: tuple[Reason, ...] = reasons.NOT_TIMED) -> Column:
    return Column(
        name,
        "number",
        "s",
        meaning,
        "raw events, by the rules of the clock",
        lambda r: getattr(r.time, name) if r.time else None,
        missing,
    )


def _variant(name: str, meaning: str, key: str | None = None) -> Column:
    derived = "the same raw events, computed beside the time of record"
    return Column(
        name,
        "number",
        "s",
        meaning,
        derived,
        lambda r: r.time.variants[key or name] if r.time else None,
        reasons.NOT_TIMED,
    )


def _of_time(name: str, kind: Kind, unit: str, meaning: str, value: Callable[[ReadingTime], Any]) -> Column:
    return Column(
        name,
        kind,
        unit,
        meaning,
        "raw events",
        lambda r: value(r.time) if r.time else None,
        reasons.NOT_TIMED,
    )


TIMES: tuple[Column, ...] = (
    _of_time(
        "idle_threshold_s",
        "number",
        "s",
        "T of record: a longer gap counts as T.",
        lambda t: t.idle_threshold_s,
    ),
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
    _variant(
        "active_load_compute_s",
        "active_s + loading_s + computing_s.",
        "active_and_loading_and_computing_s",
    ),
    _variant("wall_minus_paused_s", "wall_s - paused_s."),
    _time("time_to_first_edit_s", "First image to first edit.", (*reasons.NOT_TIMED, reasons.NO_EDIT)),
    _time(
        "scoring_s",
        "Score asked for to score given; outside wall_s.",
        (*reasons.NOT_TIMED, reasons.NOT_SCORED_BY_CLOCK),
    ),
    Column(
        "job_s",
        "number",
        "s",
        "The AI job that made the start: it ended before the read and is in none of its times.",
        "wall time of the job's successful attempt, without waiting in the queue",
        lambda r: r.job_s,
        (reasons.NOT_OPENED, reasons.NOT_AI, reasons.NO_JOB),
    ),
    _of_time("action_count", "integer", "count", "Edits within wall_s.", lambda t: t.action_count),
    _of_time("clock_flags", "text", "", "What disturbed the clock, by name.", lambda t: " ".join(t.flags)),
    _of_time("clock_version", "text", "", "Version of the clock's code.", lambda t: t.code_version),
)
