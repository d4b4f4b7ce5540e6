"""The Celery app: the same tasks on every broker, settings from Django's.

A worker's main process sweeps the job table; its children run the tasks.
"""

import os
from typing import Any

from celery import Celery, signals
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petreview.settings")

TRANSPORT_ALIASES["filesystem"] = "petreview.file_broker:Transport"
app = Celery("petreview")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["annotations.exports", "inference.jobs", "petreview"])


@signals.worker_ready.connect
def _start_sweeper(sender: Any, **_: Any) -> None:
    from inference.jobs.worker_process import start_main_process
    from petreview.tasks import sweep_imports

    start_main_process(concurrency=sender.controller.concurrency, also_sweep=sweep_imports)


@signals.worker_shutting_down.connect
def _stop_soon(**_: Any) -> None:
    from inference.jobs.worker_process import stop_main_process

    stop_main_process()


@signals.worker_process_init.connect
def _prepare_child(**_: Any) -> None:
    from inference.jobs.worker_process import prepare_child

    prepare_child()
