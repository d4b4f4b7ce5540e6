"""Which workers live: each says so in the database, so that web processes on other hosts know."""

from datetime import timedelta

from django.db.models.functions import Now

from inference.jobs.models import Worker

FORGET_AFTER = timedelta(days=1)


def report_worker(*, name: str, queue: str) -> None:
    """The worker lives; called by its sweeper every settings.JOB_SWEEP_SECONDS."""
    if not Worker.objects.filter(name=name).update(seen_at=Now()):
        Worker.objects.create(name=name, queue=queue, seen_at=Now())
        Worker.objects.filter(seen_at__lt=Now() - FORGET_AFTER).delete()


def remove_worker(*, name: str) -> None:
    """The worker was told to stop."""
    Worker.objects.filter(name=name).delete()
