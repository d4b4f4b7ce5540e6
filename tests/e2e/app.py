"""A whole running app for browser tests: `manage.py run` with a home, a port and a database of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class App:
    url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]

    def manage(self, *arguments: str, timeout: float = 300) -> str:
        """Run a management command against this app and give its standard output."""
        answer = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr[-3000:]
        return answer.stdout

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.home.glob("logs/*.log"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: nothing of PETReview's but what is given here."""
    ours = ("PETREVIEW_", "DJANGO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    demo = {"PETREVIEW_HOME": str(home), "PETREVIEW_DEMO": "1", "PETREVIEW_LOGIN_RATE": "1000/min"}
    return {**kept, **demo, **more}


@contextmanager
def running_app(home: Path, *arguments: str, start_seconds: float = 180, **environment: str) -> Iterator[App]:
    port = free_port()
    variables = clean_environment(home, **environment)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run", "--port", str(port), *arguments],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    app = App(f"http://127.0.0.1:{port}", home, variables, process)
    try:
        wait_until_up(app, start_seconds)
        yield app
    finally:
        # A test may have killed the app and started it again.
        running = app.process
        running.send_signal(signal.SIGINT)
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        if running.stdout:
            running.stdout.close()


def wait_until_up(app: App, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            output = app.process.stdout.read() if app.process.stdout else ""
            raise AssertionError(f"the app ended with {app.process.returncode}: {output}\n{app.logs()}")
        try:
            with urllib.request.urlopen(f"{app.url}/api/session/", timeout=2) as answer:
                json.load(answer)
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the app did not answer within {seconds} s\n{app.logs()}")
