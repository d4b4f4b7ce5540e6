"""One report form a read, as PDF. The same read gives the same bytes."""

from collections.abc import Callable
from typing import Any

from annotations.dicom.codes import parse_site
from annotations.dicom.derived import UNVERIFIED_MARK
from annotations.exports.forms.layout import Form, LesionLine, draw_form
from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.table import time_text
from annotations.exports.tables.reads import COLUMNS, ROWS, STATES
from annotations.exports.version_package import file_stem
from annotations.exports.versions import is_unverified, live_lesions
from annotations.segmentations.rendering import Picture, render_volume
from annotations.segmentations.selectors import current_measures
from annotations.version import VERSION

Put = Callable[[str, bytes], None]
Progress = Callable[[str, int, int], None]
ANGLES = (0.0, 90.0)
PICTURE_PIXELS = 480
DASH = "–"
LONGEST_TEXT = 400
"""A cell of the form cannot go over to another page."""
CLOCK = (
    "wall_s",
    "paused_s",
    "hidden_s",
    "loading_s",
    "computing_s",
    "idle_s",
    "active_s",
    "time_to_first_edit_s",
    "scoring_s",
    "job_s",
    "action_count",
    "idle_threshold_s",
    "clock_flags",
)
SCORE = (
    "score_row",
    "score_confidence",
    "score_comment",
    "revised_score_row",
    "derived_row",
    "derived_strict_row",
    "missing",
    "false_positive",
    "partial",
)
MEASURES = ("lesion_count", "ttv_ml", "lowest_suv_mean", "lowest_suv_mean_volume_ml", "suv_max", "tlg_suv_ml")
READ = (
    "reader_study",
    "plan_number",
    "reader",
    "case_number",
    "pseudonym",
    "tracer",
    "arm",
    "start",
    "release",
    "role",
    "period",
    "position",
    "repeat",
    "attempt",
    "state",
    "opened_at",
    "final_at",
    "submitted_at",
)


def write_forms(data: StudyData, put: Put, progress: Progress) -> None:
    """forms/<read>.pdf for every read that was opened."""
    rows = [row for row in data.rows if row.read]
    for number, row in enumerate(rows):
        progress("writing report forms", number, len(rows))
        put(f"forms/{file_stem(row)}.pdf", draw_form(form_of(row)))


def form_of(row: Row) -> Form:
    marks = ["Research use only"]
    if row.study.is_synthetic:
        marks.append("SYNTHETIC")
    if row.final and is_unverified(row.final):
        marks.append(UNVERIFIED_MARK)
    return Form(
        title=f"Report of a read: {row.reader}, case {row.assignment.case.number}",
        marks=tuple(marks),
        read=_facts(row, READ),
        measures=_facts(row, MEASURES),
        score=_facts(row, SCORE),
        clock=_facts(row, CLOCK),
        lesions=_lesions(row),
        pictures=_pictures(row, tuple(marks[1:])),
        note=_note(row),
        foot=f"PETReview {VERSION}. Plan {row.plan.digest[:16] or 'draft'}. Version {_digest(row)}.",
    )


def _facts(row: Row, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    columns = {column.name: column for column in COLUMNS}
    facts = []
    for column in (columns[name] for name in names):
        value = column.value(row)
        text = f"{DASH} {_reason(column, row)}" if value is None else _text(column.name, value, column.unit)
        facts.append((_title(column.name), text))
    return tuple(facts)


def _reason(column: Any, row: Row) -> str:
    code = column.why_empty(row)
    meanings = {one.code: one.meaning for one in column.missing}
    return f"({meanings.get(code, code)})"


def _text(name: str, value: Any, unit: str) -> str:
    if name in ("score_row", "revised_score_row", "derived_row", "derived_strict_row"):
        return f"{value} {DASH} {ROWS[str(value)]}"
    if name == "state":
        return STATES[value]
    if hasattr(value, "astimezone"):
        return time_text(value)[:19].replace("T", " ") + " UTC"
    if isinstance(value, float):
        return f"{value:.3f} {unit}".rstrip()
    text = f"{value} {unit}".rstrip() if unit in ("s", "mL") else str(value)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rstrip() + " ... (see reads_long)"


def _title(name: str) -> str:
    for end in ("_suv_ml", "_ml", "_s"):
        if name.endswith(end):
            name = name.removesuffix(end)
            break
    words = (
        name.replace("job", "AI job")
        .replace("_", " ")
        .replace("suv", "SUV")
        .replace("ttv", "TTV")
        .replace("tlg", "TLG")
    )
    return words[:1].upper() + words[1:]


def _lesions(row: Row) -> tuple[LesionLine, ...]:
    if row.final is None:
        return ()
    measures = current_measures(row.final).lesions
    lines = []
    for lesion in sorted(live_lesions(row.final), key=lambda one: one.label):
        one = measures.get(str(lesion.label), {})
        lines.append(
            LesionLine(
                lesion.label,
                lesion.name or f"Lesion {lesion.label}",
                _site(lesion.site),
                lesion.status,
                lesion.boundary_rule,
                tuple(
                    _number(one.get(key))
                    for key in ("volume_ml", "suv_max", "suv_mean", "suv_peak_local", "tlg")
                ),
            )
        )
    return tuple(lines)


def _site(code: str) -> str:
    if not code:
        return ""
    site, side = parse_site(code)
    return " ".join(part.meaning for part in (side, site) if part)


def _number(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"


def _pictures(row: Row, marks: tuple[str, ...]) -> tuple[bytes, ...]:
    if row.final is None:
        return ()
    case = row.assignment.case
    shown = row.final if live_lesions(row.final) else None
    return tuple(
        render_volume(
            case.volume,
            case.suv_revision,
            Picture("mip", angle_deg=angle, size=PICTURE_PIXELS, marks=marks),
            version=shown,
        )
        for angle in ANGLES
    )


def _note(row: Row) -> str:
    return "" if row.final else "The segmentation is not final: there is nothing to measure."


def _digest(row: Row) -> str:
    return row.final.version_digest[:16] if row.final else DASH
