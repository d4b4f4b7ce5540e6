"""Why a cell of a read is empty. Codes are part of the product: what they mean never changes."""

from annotations.exports.rows import Row
from annotations.exports.tables.column import Reason
from annotations.reads.models import Read


def _lesion_count(row: Row) -> int | None:
    count = row.summary.get("lesion_count")
    return None if count is None else int(count)


NOT_OPENED = Reason("not_opened", "the assignment was not opened", lambda row: row.read is None)
ABANDONED = Reason("abandoned", "the read was abandoned", lambda row: row.state == Read.State.ABANDONED)
NOT_FINAL = Reason("not_final", "the segmentation is not final", lambda row: row.final is None)
NOT_SUBMITTED = Reason(
    "not_submitted", "the read is not submitted", lambda row: row.state != Read.State.SUBMITTED
)
NOT_AI = Reason("not_ai", "the read does not start from an AI result", lambda row: not row.is_ai)
NO_START = Reason("no_start", "the read started empty", lambda row: row.start is None)
NO_JOB = Reason(
    "no_job", "no timed AI job of this installation made the start", lambda row: row.job_s is None
)
NEGATIVE = Reason(
    "no_final_lesion",
    "the final version has no lesion (negative control)",
    lambda row: _lesion_count(row) == 0,
)
NO_SUV = Reason(
    "no_suv",
    "the PET has no valid SUV",
    lambda row: bool(_lesion_count(row)) and row.summary.get("suv_max") is None,
)
NO_SCORE = Reason("no_score", "no score was given", lambda row: row.score is None)
NO_CONFIDENCE = Reason("not_stated", "the reader did not state it", lambda row: row.score is not None)
NO_DERIVED = Reason("not_derived", "before score or submit", lambda row: not row.derived)
NO_COMPONENT = Reason(
    "no_component",
    "no component of the final version has the smallest volume",
    lambda row: bool(row.derived) and not row.derived.get("n_final"),
)
NO_CLOCK = Reason("no_clock", "no first image or no end was recorded", lambda row: row.time is None)
NO_EDIT = Reason(
    "no_edit",
    "nothing was edited",
    lambda row: row.time is not None and row.time.time_to_first_edit_s is None,
)
NOT_SCORED_BY_CLOCK = Reason(
    "no_score_time", "no score was timed", lambda row: row.time is not None and row.time.scoring_s is None
)

UNOPENED = (NOT_OPENED,)
UNFINISHED = (NOT_OPENED, ABANDONED, NOT_FINAL)
NOT_TIMED = (NOT_OPENED, ABANDONED, NOT_SUBMITTED, NO_CLOCK)
NOT_MEASURED = (*UNFINISHED, NEGATIVE, NO_SUV)
NOT_SCORED = (NOT_AI, *UNFINISHED, NEGATIVE, NO_SCORE)
NOT_DERIVED = (NOT_AI, *UNFINISHED, NO_DERIVED)
