"""What a Celery worker's processes do beside running tasks: sweep, and stop within seconds.

Stopping: the main process raises the flag of worker_state, and running jobs hand themselves back at
their next step. Then, or when they have not done so in time, the process ends without Celery's own
shutdown, which takes seconds: nothing is kept in the broker, and the children end with their parent.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from celery.worker import state
from django.db import Error as DatabaseError
from django.db import connection

from inference.jobs import worker_state
from inference.jobs.doorbell import RUN_JOB
from inference.jobs.models import Worker
from inference.jobs.selectors import running_jobs_of
from inference.jobs.services.claims import hand_back_all_of
from inference.jobs.services.workers import remove_worker, report_worker
from inference.jobs.sweeper import Sweeper

log = logging.getLogger(__name__)
STOP_SECONDS = 8.0
_sweepers: list[Sweeper] = []


def start_main_process(*, queue: Worker.Queue, concurrency: int, also_sweep: Callable[[], None]) -> None:
    """also_sweep: what the rooms above want looked after by a worker of the `cpu` queue (imports)."""
    if _sweepers:  # the broker came back: the worker is ready a second time
        return

    def look_after() -> None:
        report_worker(name=worker_state.worker_name(), queue=queue)
        if queue == Worker.Queue.CPU:
            also_sweep()

    # A worker that runs no jobs takes lost ones back all the same, but rings for none.
    sweeper = Sweeper(concurrency if queue == Worker.Queue.GPU else 0, look_after)
    sweeper.start()
    _sweepers.append(sweeper)


def stop_main_process() -> None:
    """Called once when the worker was told to end (a signal handler: it only sets things going)."""
    worker_state.tell_to_stop()
    for sweeper in _sweepers:
        sweeper.stop()
    threading.Thread(target=_end_in_time, name="worker end", daemon=True).start()


def prepare_child() -> None:
    """SIGTERM goes to the whole process group where a supervisor sends it: the main process decides."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end_in_time() -> None:
    deadline = time.monotonic() + STOP_SECONDS
    try:
        while _is_busy() and time.monotonic() < deadline:
            time.sleep(0.2)
        remove_worker(name=worker_state.worker_name())
        count = hand_back_all_of(worker=worker_state.worker_name())
        if count:
            log.warning("jobs handed back by a worker that could not wait for them: %d", count)
    except DatabaseError as error:
        log.warning("jobs could not be handed back; their leases will run out: %s", error)
    finally:
        connection.close()
        logging.shutdown()
        os._exit(0)


def _is_busy() -> bool:
    """Whether jobs run here, by the job table (Celery keeps a killed child's task for ten seconds)."""
    others = [request for request in list(state.active_requests) if request.name != RUN_JOB]
    return bool(others) or running_jobs_of(worker_state.worker_name()) > 0
