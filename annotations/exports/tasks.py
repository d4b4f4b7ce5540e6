"""Celery's side of exports and analyses: wrappers and nothing else. Both run on the queue `cpu`."""

from uuid import UUID

from celery import shared_task

from annotations.exports import runs
from annotations.exports.analyses import make_analysis
from annotations.exports.models import Analysis, Export
from annotations.exports.services import make_export, remove_old_files


@shared_task(name=runs.TASKS[Export], ignore_result=True)
def run_export(export_id: str) -> None:
    make_export(Export.objects.select_related("reader_study").get(pk=UUID(export_id)))


@shared_task(name=runs.TASKS[Analysis], ignore_result=True)
def run_analysis(analysis_id: str) -> None:
    make_analysis(Analysis.objects.select_related("reader_study").get(pk=UUID(analysis_id)))


def sweep_exports() -> None:
    """Called every few seconds by each worker of the queue `cpu`: the broker is only a doorbell."""
    runs.sweep_runs()
    remove_old_files()
