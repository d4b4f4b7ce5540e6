"""An import run: its states, its progress, and what stops it.

    receiving -> queued -> running -> done | failed | cancelled
                   ^                     |
                   +---- start again ----+   (failed, while the upload is still there)

The database is the truth: every change is a conditional UPDATE, so of two workers one goes on. A worker
that was stopped and came back finds that its start is over (`attempts`) and stops by itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record as audit
from annotations.errors import Conflict, PetreviewError, StorageFull
from annotations.studies.models import ImportRun, Project
from annotations.studies.services.uploads import remove_upload

State = ImportRun.State
STALE_AFTER = timedelta(seconds=getattr(settings, "IMPORT_STALE_SECONDS", 300))
RING_AGAIN_AFTER = timedelta(seconds=30)
PROGRESS_EVERY_S = 1.0
STARTS_AGAIN = {"interrupted", StorageFull.code}


class ImportCancelled(PetreviewError):
    code = "cancelled"
    http_status = 409


class ImportNotReady(Conflict):
    code = "import_not_ready"


def create_import_run(*, project: Project, started_by: User | None = None) -> ImportRun:
    """A run that receives files."""
    with transaction.atomic():
        run = ImportRun.objects.create(project=project, started_by=started_by)
        audit(
            actor=started_by,
            action="import_started",
            object_type="import",
            object_id=run.pk,
            new={"project": str(project.pk)},
        )
    return run


def queue_import(*, run: ImportRun, files_total: int) -> ImportRun:
    """Receiving, or failed with its upload still there -> queued. Raises ImportNotReady."""
    startable = Q(state=State.RECEIVING) | Q(state=State.FAILED, error_code__in=STARTS_AGAIN)
    changed = ImportRun.objects.filter(startable, pk=run.pk).update(
        state=State.QUEUED,
        stage="waiting for a worker",
        files_total=files_total,
        files_done=0,
        cancel_requested=False,
        error_code="",
        error_message="",
        finished_at=None,
        updated_at=timezone.now(),
    )
    run.refresh_from_db()
    if not changed:
        raise ImportNotReady("This import cannot be started now.", state=run.state)
    transaction.on_commit(lambda: ring(run))
    return run


def ring(run: ImportRun) -> None:
    """Tell a worker. The task lives in petreview/tasks.py, above this room, and is called by its name."""
    current_app.send_task("annotations.import_upload", args=[str(run.pk)])


def claim_import(*, run: ImportRun) -> "ImportProgress | None":
    """Receiving or queued -> running, for exactly one caller; None for everybody else."""
    changed = ImportRun.objects.filter(
        pk=run.pk, state__in=[State.RECEIVING, State.QUEUED], attempts=run.attempts
    ).update(state=State.RUNNING, stage="reading files", attempts=run.attempts + 1, updated_at=timezone.now())
    if not changed:
        return None
    run.refresh_from_db()
    return ImportProgress(run)


def cancel_import(*, run: ImportRun) -> ImportRun:
    """Ask a running import to stop; one that is not running yet is cancelled at once."""
    now = timezone.now()
    waiting = ImportRun.objects.filter(pk=run.pk, state__in=[State.RECEIVING, State.QUEUED])
    if waiting.update(state=State.CANCELLED, stage="", finished_at=now, updated_at=now):
        remove_upload(run)
    else:
        ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()
    return run


def fail_stale_imports() -> list[ImportRun]:
    """Running imports whose worker has said nothing for STALE_AFTER are named failed: "interrupted".

    What they stored stays; starting again goes on where they stopped, because nothing is stored twice.
    """
    limit = timezone.now() - STALE_AFTER
    failed = []
    for run in ImportRun.objects.filter(state=State.RUNNING, updated_at__lt=limit):
        changed = ImportRun.objects.filter(
            pk=run.pk, state=State.RUNNING, attempts=run.attempts, updated_at__lt=limit
        ).update(**_failed("interrupted", "The import was interrupted. Start it again to go on."))
        if changed:
            run.refresh_from_db()
            failed.append(run)
    return failed


def forgotten_imports() -> list[ImportRun]:
    """Queued runs whose message seems lost: nobody took them for RING_AGAIN_AFTER. Marked as rung now."""
    limit = timezone.now() - RING_AGAIN_AFTER
    found = []
    for run in ImportRun.objects.filter(state=State.QUEUED, updated_at__lt=limit):
        ours = ImportRun.objects.filter(pk=run.pk, state=State.QUEUED, updated_at=run.updated_at)
        if ours.update(updated_at=timezone.now()):
            found.append(run)
    return found


def may_start_again(run: ImportRun) -> bool:
    """True for a run that failed for a reason outside the files, so that its upload is kept."""
    return run.state == State.FAILED and run.error_code in STARTS_AGAIN


@dataclass
class ImportProgress:
    """The writing end of one start of a run. Writes at most once a second; notices a request to cancel.

    listener: told whenever progress is written (the command line prints it).
    """

    run: ImportRun
    stage: str = "reading files"
    done: int = 0
    total: int = 0
    listener: Callable[["ImportProgress"], None] | None = None
    _written_at: float = field(default=0.0, repr=False)

    def begin(self, stage: str, total: int | None = None) -> None:
        """The next stage. Raises ImportCancelled."""
        changed, self.stage = stage != self.stage, stage
        if total is not None:
            self.total = total
        if changed or time.monotonic() - self._written_at >= PROGRESS_EVERY_S:
            self._write()

    def tick(self, done: int, total: int | None = None) -> None:
        """`done` files of `total` so far. Raises ImportCancelled."""
        self.done = done
        if total is not None:
            self.total = total
        if time.monotonic() - self._written_at >= PROGRESS_EVERY_S:
            self._write()

    def finish(self, report: dict[str, Any]) -> None:
        """Done, with the report; audited. A run that is no longer ours stays as it is."""
        now = timezone.now()
        with transaction.atomic():
            done = self._ours().update(
                state=State.DONE,
                stage="",
                files_done=self.total,
                files_total=self.total,
                report=report,
                updated_at=now,
                finished_at=now,
            )
            if done:
                audit(
                    actor=self.run.started_by,
                    action="import_finished",
                    object_type="import",
                    object_id=self.run.pk,
                    new={
                        "studies": [study["study_instance_uid"] for study in report["studies"]],
                        "refusals": len(report["refusals"]),
                    },
                )
        self.run.refresh_from_db()

    def stop(self, *, code: str, message: str, report: dict[str, Any] | None = None) -> None:
        """Cancelled or failed by name; what was stored so far stays, and the report says what."""
        fields = _failed(code, message)
        if code == ImportCancelled.code:
            fields["state"] = State.CANCELLED
        self._ours().update(**fields, **({"report": report} if report is not None else {}))
        self.run.refresh_from_db()

    def _ours(self) -> Any:
        return ImportRun.objects.filter(pk=self.run.pk, state=State.RUNNING, attempts=self.run.attempts)

    def _write(self) -> None:
        self._written_at = time.monotonic()
        if self.listener is not None:
            self.listener(self)
        still = self._ours().filter(cancel_requested=False)
        changed = still.update(
            stage=self.stage, files_done=self.done, files_total=self.total, updated_at=timezone.now()
        )
        if not changed:
            raise ImportCancelled("The import was cancelled.")


def _failed(code: str, message: str) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state": State.FAILED,
        "stage": "",
        "error_code": code,
        "error_message": message,
        "updated_at": now,
        "finished_at": now,
    }
