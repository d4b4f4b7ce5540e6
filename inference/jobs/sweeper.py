"""The thread in a worker's main process that reads the job table every few seconds (invariant 5)."""

import logging
import os
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from inference.jobs.services.sweep import sweep_jobs

log = logging.getLogger(__name__)

# A child must not be forked while a sweep holds a database connection: it would inherit the connection
# and break it for both. The connection lives only as long as its sweep.
_sweeping = threading.Lock()
os.register_at_fork(
    before=_sweeping.acquire, after_in_parent=_sweeping.release, after_in_child=_sweeping.release
)


class Sweeper:
    """free_hands() says how many more jobs this worker could start now; so many are rung at most.

    also_sweep: what the rooms above want looked after in the same breath (imports).
    """

    def __init__(self, free_hands: Callable[[], int], also_sweep: Callable[[], None]) -> None:
        self._free_hands = free_hands
        self._also_sweep = also_sweep
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end; a sweep under way ends by itself."""
        self._end.set()

    def _run(self) -> None:
        while True:
            sweep_once(self._free_hands(), self._also_sweep)
            if self._end.wait(settings.JOB_SWEEP_SECONDS):
                return


def sweep_once(ring_at_most: int, also_sweep: Callable[[], None] = lambda: None) -> None:
    """One sweep on a connection of its own. A database that is away is waited for, not died of."""
    with _sweeping:
        try:
            done = sweep_jobs(ring_at_most=ring_at_most)
            also_sweep()
        except DatabaseError as error:
            log.warning("the sweeper did not reach the database: %s", error)
        else:
            if done.queued_again or done.failed or done.cancelled:
                log.warning("jobs taken back from lost workers: %s", done)
        finally:
            connection.close()
