"""The broker is only a doorbell: a lost ring costs seconds, never a job (invariant 5)."""

import logging
import uuid
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError

log = logging.getLogger(__name__)
RUN_JOB = "inference.jobs.run_job"
BROKER_ERRORS = (OperationalError, ChannelError, OSError)


def ring(job_id: uuid.UUID) -> bool:
    """Tell the workers that this job waits. False when the broker is away: the sweeper rings again."""
    try:
        current_app.send_task(RUN_JOB, args=[str(job_id)], ignore_result=True)
    except BROKER_ERRORS as error:
        log.warning("the broker cannot be rung for job %s, the sweeper will: %s", job_id, error)
        return False
    return True


def ring_on_commit(job_id: uuid.UUID) -> None:
    """Ring once the row is there for a worker to see."""
    transaction.on_commit(partial(ring, job_id))
