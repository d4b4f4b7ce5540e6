"""A running PETReview for tests: a database of its own, a broker, and real worker processes.

The test process plays the web process on the same database and store.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dj_database_url
import psycopg
import pytest
import requests
from django.conf import settings
from django.db import connections

LEASE_SECONDS, SWEEP_SECONDS = 3, 1
ROOT = Path(__file__).resolve().parents[2]
Process = subprocess.Popen[bytes]


class Live:
    """Workers on one database; `redis_url` empty means the filesystem broker."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.database_url, self.redis_url = database_url, redis_url
        self.workers: list[Process] = []
        self._processes: list[Process] = []

    def one_worker(self) -> Process:
        """The worker of jobs that runs already, or a new one."""
        running = [worker for worker in self.workers if worker.poll() is None]
        return running[0] if running else self.start_worker()

    def start_worker(self, *options: str, **environment: str) -> Process:
        """options: those of `manage.py worker`; without any it serves jobs only."""
        options = options or ("--queue", "gpu")
        worker = self._start([sys.executable, "-m", "tests.jobs.slow_method", *options], **environment)
        self.workers.append(worker)
        return worker

    def _start(self, command: list[str], **environment: str) -> Process:
        with (self.folder / f"{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment() | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "petreview.settings",
            "PETREVIEW_HOME": str(settings.HOME),
            "PETREVIEW_DATABASE_URL": self.database_url,
            "PETREVIEW_REDIS_URL": self.redis_url,
            "PETREVIEW_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "PETREVIEW_JOB_SWEEP_SECONDS": str(SWEEP_SECONDS),
        }

    def start_web(self) -> str:
        """The address of a web process of its own, answering."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        host, port = address.split(":")
        command = ["uvicorn", "petreview.asgi:application", "--host", host, "--port", port]
        self._start([sys.executable, "-m", *command])
        wait_until(lambda: _answers(f"http://{address}/api/session/"), self)
        return address

    def lose_rings(self) -> None:
        """The broker forgets what it was told."""
        for message in Path(settings.HOME, "broker", "in").glob("*.msg"):
            message.unlink()

    def logs(self) -> str:
        return "\n".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*.log")))

    def kill_workers(self) -> None:
        _kill(self.workers)

    def kill_all(self) -> None:
        _kill(self._processes)


def _kill(processes: list[Process]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def child_of(worker: Process) -> int:
    """The pid of the pool process that runs the jobs."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(children[0])


def wait_until(what: Callable[[], bool], live: Live, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s; the workers said:\n{live.logs()}")
        time.sleep(0.05)


@contextmanager
def default_database(url: str) -> Iterator[None]:
    """The default database of this process is another one for a while."""
    config = dj_database_url.parse(url)
    if "sqlite" in config["ENGINE"]:
        config["OPTIONS"] = dict(settings.DATABASES["default"].get("OPTIONS", {})) or SQLITE_OPTIONS
    before = connections.settings["default"]
    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = connections.configure_settings({"default": config})["default"]
    try:
        yield
    finally:
        connections["default"].close()
        del connections["default"]
        connections.settings["default"] = before


SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}


@contextmanager
def new_postgres(server_url: str) -> Iterator[str]:
    """The URL of an empty database beside the given one; dropped at the end."""
    name = f"petreview_live_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server_url.rsplit('/', 1)[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
