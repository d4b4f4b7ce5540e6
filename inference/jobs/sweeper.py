"""The thread in a worker's main process that reads the job table every few seconds (invariant 5)."""

import logging
import os
import signal
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from inference.jobs.doorbell import BROKER_ERRORS
from inference.jobs.selectors import running_jobs_of
from inference.jobs.services.sweep import sweep_jobs
from inference.jobs.worker_state import worker_name

log = logging.getLogger(__name__)

# A child must not be forked while a sweep holds a database connection: it would inherit the connection
# and break it for both. The connection lives only as long as its sweep.
_sweeping = threading.Lock()
os.register_at_fork(
    before=_sweeping.acquire, after_in_parent=_sweeping.release, after_in_child=_sweeping.release
)


class Sweeper:
    """hands: how many jobs this worker runs at once; only for free hands is rung again.

    also_sweep: what else is looked after in the same breath.
    """

    def __init__(self, hands: int, also_sweep: Callable[[], None]) -> None:
        self._hands = hands
        self._also_sweep = also_sweep
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end; a sweep under way ends by itself."""
        self._end.set()

    def _run(self) -> None:
        try:
            while not self._end.is_set():
                sweep_once(self._hands, self._also_sweep)
                self._end.wait(settings.JOB_SWEEP_SECONDS)
        finally:
            if not self._end.is_set():
                # A worker that nobody sweeps for would lose jobs in silence: end it, to be started again.
                log.critical("the sweeper ended by a fault of its own; the worker stops")
                os.kill(os.getpid(), signal.SIGTERM)


def sweep_once(hands: int, also_sweep: Callable[[], None] = lambda: None) -> None:
    """One sweep on a connection of its own. Database or broker away are waited for, not died of."""
    with _sweeping:
        try:
            # Counted in the job table: Celery keeps a killed child's task for ten seconds.
            done = sweep_jobs(ring_at_most=max(0, hands - running_jobs_of(worker_name())))
            if done.queued_again or done.failed or done.cancelled:
                log.warning("jobs taken back from lost workers: %s", done)
            also_sweep()
        except (DatabaseError, *BROKER_ERRORS) as error:
            log.warning("the sweeper did not reach database or broker: %s", error)
        finally:
            connection.close()
