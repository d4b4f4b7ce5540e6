"""Writes of this room."""

from annotations.reads.services.adjudicating import adjudicate_case
from annotations.reads.services.drafts import (
    amend_plan,
    change_draft,
    create_reader_study,
    drop_draft,
    require_complete,
    routine_design,
)
from annotations.reads.services.ending import abandon_read, exempt_assignment, open_read_of
from annotations.reads.services.events import NewEvent, record_events
from annotations.reads.services.looks import look_at_results, take_look
from annotations.reads.services.opening import open_read, reopen_assignment
from annotations.reads.services.plans import lock_data, lock_plan
from annotations.reads.services.planting import plant_version
from annotations.reads.services.reading import finalise_read, resume_read, save_read_edit
from annotations.reads.services.submitting import revise_score, score_read, submit_read

__all__ = [
    "NewEvent",
    "abandon_read",
    "adjudicate_case",
    "amend_plan",
    "change_draft",
    "create_reader_study",
    "drop_draft",
    "exempt_assignment",
    "finalise_read",
    "lock_data",
    "lock_plan",
    "look_at_results",
    "open_read",
    "open_read_of",
    "plant_version",
    "record_events",
    "reopen_assignment",
    "require_complete",
    "resume_read",
    "revise_score",
    "routine_design",
    "save_read_edit",
    "score_read",
    "submit_read",
    "take_look",
]
