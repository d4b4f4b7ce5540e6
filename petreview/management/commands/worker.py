"""`manage.py worker`: the processes that run jobs, and imports and other short work beside them."""

import logging
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from inference.jobs import worker_state
from inference.models import Worker
from petreview.celery import app
from petreview.startup import refuse_unsafe_start
from petreview.threads import limit_threads
from petreview.worker_pair import WorkerPair


class Command(BaseCommand):
    help = "Run jobs until stopped (Ctrl-C or SIGTERM); a job under way goes back into the queue."
    # The checks would load every view: a second and 100 MB that a worker has no use for.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queue",
            choices=Worker.Queue.values,
            help="Serve one queue only: gpu (jobs) or cpu (imports and other short work). "
            "Default: both, a process each.",
        )
        parser.add_argument(
            "--concurrency",
            type=int,
            default=1,
            help="Jobs at once; with --queue cpu, imports (default 1).",
        )
        parser.add_argument("--threads", type=int, help="Threads for each job (default: the processors).")
        parser.add_argument(
            "--nice", type=int, default=5, help="Give way to the web server by so much (0 to 19, default 5)."
        )

    def handle(
        self,
        *args: Any,
        queue: str | None,
        concurrency: int,
        threads: int | None,
        nice: int,
        **options: Any,
    ) -> None:
        try:
            refuse_unsafe_start()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        os.nice(nice)
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        limit_threads(threads or max(1, (os.cpu_count() or 1) // concurrency))
        if queue is not None:
            serve(queue, concurrency)
            sys.exit(0)
        hands = {Worker.Queue.GPU.value: concurrency, Worker.Queue.CPU.value: 1}
        sys.exit(WorkerPair(list(hands), lambda one: serve(one, hands[one])).serve())


def serve(queue: str, concurrency: int) -> None:
    """Become the worker of a queue until told to stop."""
    worker_state.become_worker()
    name = f"petreview-{queue}-{os.getpid()}@{socket.gethostname()}"
    level = logging.getLevelName(logging.getLogger().getEffectiveLevel())
    # Gossip, mingling and events between workers need a fan-out broker and tell us nothing we use.
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", level]
    pool = ["--pool", "prefork", "--concurrency", str(concurrency), "-O", "fair"]
    if queue == Worker.Queue.CPU and concurrency == 1:
        # Short work needs no child that can be killed, and so half the memory while idle.
        pool = ["--pool", "solo"]
    app.worker_main(["--quiet", "worker", "-n", name, "-Q", queue, *pool, *quiet])
