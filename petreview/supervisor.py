"""Starts web server and worker together, keeps the worker alive, and stops both cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

STOP_SECONDS = 12.0
RESTARTS_PER_MINUTE = 5


@dataclass
class Child:
    """One process of the app, in a process group of its own so that Ctrl-C reaches it through us only.

    when_ended: "stop" ends the whole app, "restart" starts it again, "once" lets it be.
    """

    name: str
    command: Sequence[str]
    log: Path
    when_ended: Literal["stop", "restart", "once"]
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.started.append(time.monotonic())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    @property
    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def may_restart(self) -> bool:
        recent = [moment for moment in self.started if time.monotonic() - moment < 60]
        return len(recent) < RESTARTS_PER_MINUTE


class Supervisor:
    """`run` starts the children and returns 0 after a stop by signal, else the exit code of the child that
    ended it. No child outlives it, also where it is stopped while they start.
    """

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.stopping = False

    def run(self, wait_until_up: Callable[[], None]) -> int:
        """wait_until_up: returns when the app answers, or raises."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                child.start()
            wait_until_up()
            return self._watch()
        finally:
            self._end_children()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _watch(self) -> int:
        while not self.stopping:
            for child in self.children:
                code = child.exit_code
                if code is None or child.when_ended == "once":
                    continue
                if child.when_ended == "stop" or not child.may_restart():
                    self.say(f"The {child.name} ended (code {code}). Its last lines, from {child.log}:")
                    self.say(last_lines(child.log))
                    return code or 1
                self.say(f"The {child.name} ended (code {code}) and is started again; no job is lost.")
                child.start()
            time.sleep(0.2)
        self.say("Stopping ...")
        return 0

    def _end_children(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()


def last_lines(log: Path, count: int = 12) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join("    " + line for line in lines[-count:])


def manage_command(*arguments: str) -> list[str]:
    manage = Path(__file__).resolve().parent.parent / "manage.py"
    return [sys.executable, str(manage), *arguments]
