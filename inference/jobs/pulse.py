"""The heartbeat of one attempt: progress and lease to the row, cancelling and a lost lease back.

It beats from the segmenter's progress ticks and from a thread of its own, so that one long step does
not lose the lease; a process that is stopped stops both. At most one write a second (invariant 9).
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from inference.jobs.errors import JobCancelled, LeaseLost, WorkerStopping
from inference.jobs.services.claims import Claim, heartbeat, is_cancel_requested

log = logging.getLogger(__name__)
SHORTEST_BEAT_SECONDS = 1.0


class Pulse:
    """Use as a context manager round the work; `tick` and `should_stop` are given to the segmenter."""

    def __init__(self, claim: Claim, is_stopping: Callable[[], bool]) -> None:
        self.claim = claim
        self.stage, self.progress = "", 0.0
        self._is_stopping = is_stopping
        self._lease_seconds = float(settings.JOB_LEASE_SECONDS)
        self._interval = min(SHORTEST_BEAT_SECONDS, self._lease_seconds / 4)
        self._lost = self._cancelled = False
        self._renewed_at = self._beat_at = time.monotonic()
        self._written = (self.stage, self.progress)
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def tick(self, stage: str, share: float) -> None:
        """The stage now running and the share of the whole job that is done, 0 to 1."""
        self.stage, self.progress = stage, min(max(share, 0.0), 1.0)
        if time.monotonic() - self._beat_at >= self._interval:
            self.beat()

    def should_stop(self) -> bool:
        """True as soon as going on makes no sense; `raise_if_stopped` says why."""
        return self._lost or self._cancelled or self._is_stopping() or self._lease_is_over()

    def raise_if_stopped(self) -> None:
        """Raises LeaseLost, JobCancelled or WorkerStopping."""
        if self._lost or self._lease_is_over():
            raise LeaseLost("The job is not this worker's any more.", job=str(self.claim.job_id))
        if self._cancelled:
            raise JobCancelled("The job was cancelled.", job=str(self.claim.job_id))
        if self._is_stopping():
            raise WorkerStopping("The worker was told to stop.", job=str(self.claim.job_id))

    def beat(self, renew: bool = False) -> None:
        """Ask the row; write when there is progress to show or a quarter of the lease has passed."""
        with self._lock:
            if self._lost:
                return
            now = self._beat_at = time.monotonic()
            state = (self.stage, self.progress)
            try:
                if renew or state != self._written or now - self._renewed_at >= self._lease_seconds / 4:
                    self._cancelled = heartbeat(claim=self.claim, stage=state[0], progress=state[1])
                    self._renewed_at, self._written = now, state
                else:
                    self._cancelled = is_cancel_requested(claim=self.claim)
            except LeaseLost:
                self._lost = True
            except DatabaseError as error:
                # Busy or away for a moment: the lease outlasts several beats.
                log.warning(
                    "the heartbeat of job %s did not reach the database: %s", self.claim.job_id, error
                )
                connection.close_if_unusable_or_obsolete()

    def end(self) -> None:
        """Stop the thread; after this nothing is written to the job but by its last transaction."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _lease_is_over(self) -> bool:
        # The monotonic clock goes on while the process is stopped, and needs no database.
        return time.monotonic() - self._renewed_at > self._lease_seconds

    def _run(self) -> None:
        try:
            while not self._end.wait(self._interval):
                self.beat()
        finally:
            connection.close()
