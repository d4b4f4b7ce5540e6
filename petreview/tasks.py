"""Background work of the whole arrow. Each task is a thin wrapper round a function of the pipeline."""

from uuid import UUID

from celery import shared_task

from annotations.exports.tasks import sweep_exports
from annotations.studies import services as studies
from annotations.studies.models import ImportRun
from petreview.pipeline import run_import


@shared_task(name="annotations.import_upload")
def import_upload(run_id: str) -> None:
    """Import what was uploaded. A second worker with the same message finds the run claimed and goes."""
    run = ImportRun.objects.select_related("project", "started_by").get(pk=UUID(run_id))
    if run.state != ImportRun.State.QUEUED:
        return
    progress = studies.claim_import(run=run)
    if progress is None:
        return
    run = run_import([studies.upload_folder(run)], progress=progress)
    if not studies.may_start_again(run):
        studies.remove_upload(run)


def sweep_imports() -> None:
    """Called every few seconds by each worker of imports: the broker is only a doorbell (invariant 5)."""
    studies.fail_stale_imports()
    studies.abandon_old_uploads()
    for run in studies.forgotten_imports():
        import_upload.delay(str(run.pk))


def sweep_short_work() -> None:
    """Everything a worker of the queue `cpu` looks after."""
    sweep_imports()
    sweep_exports()
