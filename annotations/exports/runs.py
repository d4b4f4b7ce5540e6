"""The states of a background run (an export or an analysis), whoever works on it.

    queued -> running -> done | failed | cancelled
       ^         |
       +---------+   its worker was lost: taken up again, MOST_ATTEMPTS times in all

The database is the truth: every change is a conditional UPDATE, so of two workers one goes on. A worker
that was stopped and came back finds that its start is over (`attempts`) and stops by itself.
"""

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from annotations.errors import PetreviewError
from annotations.exports.models import Analysis, BackgroundRun, Export

log = logging.getLogger(__name__)
Run = TypeVar("Run", bound=BackgroundRun)
State = BackgroundRun.State
STALE_AFTER = timedelta(seconds=180)
RING_AGAIN_AFTER = timedelta(seconds=30)
MOST_ATTEMPTS = 3
PROGRESS_EVERY_S = 1.0
INTERRUPTED = "The work was interrupted too often. Start it again."
TASKS: dict[type[BackgroundRun], str] = {
    Export: "annotations.exports.run_export",
    Analysis: "annotations.exports.run_analysis",
}


class RunCancelled(PetreviewError):
    code = "cancelled"
    http_status = 409


def queue_run(run: BackgroundRun) -> None:
    """Insert a new row; rung once it is there for a worker to see."""
    run.created_at = run.updated_at = timezone.now()
    run.save(force_insert=True)
    transaction.on_commit(partial(ring, run))


def ring(run: BackgroundRun) -> None:
    """The broker is only a doorbell: where it is away, the sweeper rings again (invariant 5)."""
    try:
        current_app.send_task(TASKS[type(run)], args=[str(run.pk)], ignore_result=True)
    except (OperationalError, ChannelError, OSError) as error:
        log.warning("the broker cannot be rung for %s, the sweeper will: %s", run.pk, error)


def claim(run: Run) -> "RunProgress[Run] | None":
    """queued -> running for exactly one caller; None for everybody else."""
    changed = _rows(run).filter(pk=run.pk, state=State.QUEUED, attempts=run.attempts).update(
        state=State.RUNNING, attempts=run.attempts + 1, updated_at=timezone.now()
    )  # fmt: skip
    if not changed:
        return None
    run.refresh_from_db()
    return RunProgress(run)


def cancel(run: BackgroundRun) -> None:
    """A waiting run is cancelled at once, a running one is asked to stop; one that ended stays as it is."""
    now = timezone.now()
    waiting = _rows(run).filter(pk=run.pk, state=State.QUEUED)
    if not waiting.update(state=State.CANCELLED, stage="", finished_at=now, updated_at=now):
        _rows(run).filter(pk=run.pk, state=State.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()


def sweep_runs() -> None:
    """Runs of lost workers go back into the queue or fail by name; those nobody took are rung again."""
    for model in TASKS:
        _take_back(model)
        _ring_again(model)


class RunProgress(Generic[Run]):
    """The writing end of one start. Called (stage, done, total); at most one write a second.

    Raises RunCancelled when somebody cancelled the run, or when it is no longer ours.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._written_at = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._written_at < PROGRESS_EVERY_S and (stage == self._stage or done):
            return
        self._written_at, self._stage = now, stage
        changed = self._ours().filter(cancel_requested=False).update(
            stage=stage, done=done, total=total, updated_at=timezone.now()
        )  # fmt: skip
        if not changed:
            raise RunCancelled("The work was cancelled.")

    def finish(self, **fields: Any) -> bool:
        """Done, with what was made. False when the run is no longer ours."""
        return self._end(State.DONE, **fields)

    def fail(self, code: str, message: str) -> bool:
        """Failed by name, or cancelled."""
        state = State.CANCELLED if code == RunCancelled.code else State.FAILED
        return self._end(state, error_code=code, error_message=message)

    def _end(self, state: BackgroundRun.State, **fields: Any) -> bool:
        now = timezone.now()
        changed = self._ours().update(state=state, stage="", updated_at=now, finished_at=now, **fields)
        self.run.refresh_from_db()
        return bool(changed)

    def _ours(self) -> Any:
        return _rows(self.run).filter(pk=self.run.pk, state=State.RUNNING, attempts=self.run.attempts)


def _rows(run: BackgroundRun) -> Any:
    return type(run)._default_manager.all()


def _take_back(model: type[BackgroundRun]) -> None:
    limit = timezone.now() - STALE_AFTER
    for run in model._default_manager.filter(state=State.RUNNING, updated_at__lt=limit):
        same = model._default_manager.filter(
            pk=run.pk, state=State.RUNNING, attempts=run.attempts, updated_at__lt=limit
        )
        now = timezone.now()
        if run.cancel_requested:
            same.update(state=State.CANCELLED, stage="", updated_at=now, finished_at=now)
        elif run.attempts >= MOST_ATTEMPTS:
            same.update(
                state=State.FAILED,
                stage="",
                error_code="interrupted",
                error_message=INTERRUPTED,
                updated_at=now,
                finished_at=now,
            )
        elif same.update(state=State.QUEUED, stage="", updated_at=now):
            ring(run)


def _ring_again(model: type[BackgroundRun]) -> None:
    limit = timezone.now() - RING_AGAIN_AFTER
    for run in model._default_manager.filter(state=State.QUEUED, updated_at__lt=limit):
        same = model._default_manager.filter(pk=run.pk, state=State.QUEUED, updated_at=run.updated_at)
        if same.update(updated_at=timezone.now()):
            ring(run)
