"""The Celery app: the same tasks on every broker, settings from Django's.

Jobs go to the queue `gpu`, everything else to `cpu`. A worker serves one queue: its main process sweeps
the job table, its children (or, for `cpu`, it itself) run the tasks.
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
    from inference.jobs.models import Worker
    from inference.jobs.worker_process import start_main_process
    from petreview.tasks import sweep_short_work

    served = sender.app.amqp.queues.consume_from
    queue = Worker.Queue.GPU if Worker.Queue.GPU in served else Worker.Queue.CPU
    start_main_process(queue=queue, concurrency=sender.controller.concurrency, also_sweep=sweep_short_work)


@signals.worker_shutting_down.connect
def _stop_soon(**_: Any) -> None:
    from inference.jobs.worker_process import stop_main_process

    stop_main_process()


@signals.worker_process_init.connect
def _prepare_child(**_: Any) -> None:
    from inference.jobs.worker_process import prepare_child

    prepare_child()
