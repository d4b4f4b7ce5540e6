"""Celery's side of a job: a wrapper and nothing else."""

import uuid

from celery import shared_task
from django.conf import settings

from inference.jobs.doorbell import RUN_JOB
from inference.jobs.runner import run_job as run

# The soft limit ends the job with a named error; the hard one ends the process, and the lease the attempt.
GRACE_SECONDS = 60


@shared_task(
    name=RUN_JOB,
    ignore_result=True,
    soft_time_limit=settings.JOB_TIME_LIMIT_SECONDS,
    time_limit=settings.JOB_TIME_LIMIT_SECONDS + GRACE_SECONDS,
)
def run_job(job_id: str) -> None:
    run(uuid.UUID(job_id))
