"""The job table is the truth: what a lost worker or a lost ring left behind is found here."""

import uuid
from dataclasses import dataclass

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat, Now

from inference.jobs.doorbell import ring
from inference.jobs.models import Job

State = Job.State


@dataclass(frozen=True)
class Sweep:
    """What one sweep did: counts of jobs."""

    queued_again: int
    failed: int
    cancelled: int
    rung: int


def sweep_jobs(*, ring_at_most: int) -> Sweep:
    """Take back the jobs whose lease ran out and ring again for the oldest queued ones.

    Only as many are rung as the caller has free hands, so that a long queue never floods the broker.
    """
    expired = Job.objects.filter(state=State.RUNNING, lease_expires_at__lt=Now())
    cancelled = expired.filter(cancel_requested=True).update(
        state=State.CANCELLED, lease_expires_at=None, finished_at=Now(), updated_at=Now()
    )
    failed = expired.filter(attempts__gte=F("max_attempts")).update(
        state=State.FAILED,
        error_code="worker_lost",
        error_message=_lost_message(),
        lease_expires_at=None,
        finished_at=Now(),
        updated_at=Now(),
    )
    queued_again = expired.update(
        state=State.QUEUED, stage="", progress=0.0, lease_expires_at=None, updated_at=Now()
    )
    waiting = _oldest_queued(ring_at_most)
    return Sweep(queued_again, failed, cancelled, sum(ring(job_id) for job_id in waiting))


def _oldest_queued(count: int) -> list[uuid.UUID]:
    queued = Job.objects.filter(state=State.QUEUED).order_by("created_at")
    return list(queued.values_list("pk", flat=True)[:count])


def _lost_message() -> Concat:
    return Concat(
        Value("The worker stopped without an answer in attempt "),
        Cast("attempts", CharField()),
        Value(" of "),
        Cast("max_attempts", CharField()),
        Value(". Often it ran out of memory; its log says more."),
    )
