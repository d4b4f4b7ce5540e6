"""The worker's side of the state machine: every write is one UPDATE, conditional on the claim.

A claim holds a fencing token that grew with it, and a lease by the database's clock (hosts' clocks
differ). Once the lease has run out, or another claim was made, none of these functions changes
anything: a worker that was stopped and woken again finds no row that is its own (invariant 5).
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Now

from annotations.segmentations.services import PreparedVersion, insert_version
from annotations.store.models import Blob
from inference.jobs.errors import JobCancelled, LeaseLost
from inference.jobs.models import Job

State = Job.State


@dataclass(frozen=True)
class Claim:
    """The right of one attempt to write to its job."""

    job_id: uuid.UUID
    token: int


def lease_end() -> Any:
    """SQL: now, by the database's clock, plus settings.JOB_LEASE_SECONDS."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def owned(claim: Claim) -> Q:
    """The claim's job while the claim is good: running, same token, lease not over."""
    return Q(pk=claim.job_id, state=State.RUNNING, fencing_token=claim.token, lease_expires_at__gt=Now())


def claim_job(*, job_id: uuid.UUID, worker: str) -> Claim | None:
    """Take a queued job: the token grows and a lease starts. None when there is nothing to take."""
    with transaction.atomic():
        taken = Job.objects.filter(pk=job_id, state=State.QUEUED).update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            fencing_token=F("fencing_token") + 1,
            lease_expires_at=lease_end(),
            worker=worker[:120],
            stage="",
            progress=0.0,
            started_at=Now(),
            updated_at=Now(),
        )
        if not taken:
            return None
        # The UPDATE holds the row until the commit: the token read here is the one just given.
        token = Job.objects.values_list("fencing_token", flat=True).get(pk=job_id)
    return Claim(job_id, token)


def heartbeat(*, claim: Claim, stage: str, progress: float) -> bool:
    """Renew the lease and write the progress (share 0 to 1). True when cancelling was asked for.

    Raises LeaseLost when the claim is not good any more.
    """
    renewed = Job.objects.filter(owned(claim)).update(
        lease_expires_at=lease_end(), stage=stage[:40], progress=progress, updated_at=Now()
    )
    if not renewed:
        raise LeaseLost("The job is not this worker's any more.", job=str(claim.job_id))
    return is_cancel_requested(claim=claim)


def is_cancel_requested(*, claim: Claim) -> bool:
    """Whether the user asked to stop it. Raises LeaseLost as heartbeat does, and writes nothing."""
    flag = Job.objects.filter(owned(claim)).values_list("cancel_requested", flat=True).first()
    if flag is None:
        raise LeaseLost("The job is not this worker's any more.", job=str(claim.job_id))
    return flag


def finish_job(
    *,
    claim: Claim,
    prepared: PreparedVersion,
    probability: Blob | None,
    fold_spread: Blob | None,
    device: str,
    peak_memory_mb: float | None,
    seconds: dict[str, float],
) -> Job:
    """Insert version 1 and end the job in one transaction; files and measures are made before.

    Raises LeaseLost or JobCancelled, and then nothing is stored: the version is rolled back.
    """
    with transaction.atomic():
        version = insert_version(prepared)
        ended = Job.objects.filter(owned(claim), cancel_requested=False).update(
            state=State.SUCCEEDED,
            version=version,
            probability=probability,
            fold_spread=fold_spread,
            device=device[:80],
            peak_memory_mb=peak_memory_mb,
            seconds=seconds,
            progress=1.0,
            error_code="",
            error_message="",
            **_released(),
        )
        if not ended:
            _refuse_finish(claim)
    return Job.objects.get(pk=claim.job_id)


def fail_job(*, claim: Claim, code: str, message: str, retry: bool) -> None:
    """Record the error of this attempt: queued again while attempts are left and `retry`, else failed.

    Raises LeaseLost when the claim is not good any more.
    """
    again = Q(attempts__lt=F("max_attempts")) if retry else Q(pk__in=[])
    failed = Job.objects.filter(owned(claim)).update(
        state=Case(
            When(again, then=Value(State.QUEUED)), default=Value(State.FAILED), output_field=CharField()
        ),
        finished_at=Case(When(again, then=None), default=Now()),
        error_code=code[:60],
        error_message=message,
        lease_expires_at=None,
        updated_at=Now(),
    )
    if not failed:
        raise LeaseLost("The job is not this worker's any more.", job=str(claim.job_id))


def end_cancelled(*, claim: Claim) -> None:
    """The worker has stopped because the user asked for it. Raises LeaseLost."""
    if not Job.objects.filter(owned(claim)).update(state=State.CANCELLED, **_released()):
        raise LeaseLost("The job is not this worker's any more.", job=str(claim.job_id))


def hand_back(*, claim: Claim) -> bool:
    """Put the job back into the queue; an attempt that ended with its worker's stop is not counted."""
    return _hand_back(owned(claim)) == 1


def hand_back_all_of(*, worker: str) -> int:
    """Put back every job of a worker that stops now without waiting for its children."""
    return _hand_back(Q(worker=worker, state=State.RUNNING))


def _hand_back(which: Q) -> int:
    running = Job.objects.filter(which)
    cancelled = running.filter(cancel_requested=True).update(state=State.CANCELLED, **_released())
    return cancelled + running.filter(cancel_requested=False).update(
        state=State.QUEUED,
        attempts=F("attempts") - 1,
        stage="",
        progress=0.0,
        lease_expires_at=None,
        updated_at=Now(),
    )


def _refuse_finish(claim: Claim) -> None:
    if Job.objects.filter(owned(claim)).exists():
        raise JobCancelled("The job was cancelled before its result was stored.", job=str(claim.job_id))
    raise LeaseLost("The job is not this worker's any more.", job=str(claim.job_id))


def _released() -> dict[str, Any]:
    return {"lease_expires_at": None, "finished_at": Now(), "updated_at": Now()}
