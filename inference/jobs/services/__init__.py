"""Writes of this room: the state machine of a job.

queued -> running -> succeeded | failed | cancelled
   ^---------'  an attempt that failed, a lost lease, a stopped worker
"""

from inference.jobs.services.claims import (
    Claim,
    claim_job,
    end_cancelled,
    fail_job,
    finish_job,
    hand_back,
    hand_back_all_of,
    heartbeat,
    is_cancel_requested,
)
from inference.jobs.services.requests import cancel_job, request_job
from inference.jobs.services.sweep import Sweep, sweep_jobs
from inference.jobs.services.workers import remove_worker, report_worker

__all__ = [
    "Claim",
    "Sweep",
    "cancel_job",
    "claim_job",
    "end_cancelled",
    "fail_job",
    "finish_job",
    "hand_back",
    "hand_back_all_of",
    "heartbeat",
    "is_cancel_requested",
    "remove_worker",
    "report_worker",
    "request_job",
    "sweep_jobs",
]
