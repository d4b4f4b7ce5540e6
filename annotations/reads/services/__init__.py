"""Writes of this room."""

from annotations.reads.services.events import NewEvent, record_events
from annotations.reads.services.opening import open_read
from annotations.reads.services.plans import create_reader_study, lock_plan
from annotations.reads.services.reading import finalise_read, resume_read, save_read_edit
from annotations.reads.services.submitting import score_read, submit_read

__all__ = [
    "NewEvent",
    "create_reader_study",
    "finalise_read",
    "lock_plan",
    "open_read",
    "record_events",
    "resume_read",
    "save_read_edit",
    "score_read",
    "submit_read",
]
