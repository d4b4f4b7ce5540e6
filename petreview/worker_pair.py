"""One process for each queue under one parent: what `manage.py worker` is where no queue is named.

The children are forked, so that they share the memory of what is loaded already. The parent only waits:
it starts a child again that ended by itself, and hands a stop on to both.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from django.db import connections

log = logging.getLogger(__name__)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTARTS_PER_MINUTE = 5


class WorkerPair:
    """run: serves one queue until it is told to stop; called in a process of its own."""

    def __init__(self, queues: Sequence[str], run: Callable[[str], None]) -> None:
        self._queues = queues
        self._run = run
        self._children: dict[int, str] = {}
        self._started: dict[str, list[float]] = {queue: [] for queue in queues}
        self._stopping = False

    def serve(self) -> int:
        """Exit code: 0 after a stop by signal, 1 when a child ended again and again."""
        connections.close_all()  # a connection shared with a child is broken for both
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        for queue in self._queues:
            self._fork(queue)
        code = 0
        while self._children:
            pid, status = os.wait()
            queue = self._children.pop(pid)
            if self._stopping:
                continue
            if self._may_start(queue):
                log.error("the worker of queue %s ended (%s) and is started again", queue, status)
                self._fork(queue)
            else:
                log.critical("the worker of queue %s ended again and again; all stop", queue)
                code = 1
                self._stop()
        return code

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for pid in list(self._children):
            os.kill(pid, signal.SIGTERM)

    def _may_start(self, queue: str) -> bool:
        recent = [moment for moment in self._started[queue] if time.monotonic() - moment < 60]
        return len(recent) < RESTARTS_PER_MINUTE

    def _fork(self, queue: str) -> None:
        self._started[queue].append(time.monotonic())
        # A stop that comes between the fork and its entry in the list would miss the new child.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        pid = os.fork()
        if pid == 0:
            self._become_child(queue)
        self._children[pid] = queue
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _become_child(self, queue: str) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        code = 1
        try:
            self._run(queue)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except Exception:
            log.exception("the worker of queue %s did not start", queue)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
