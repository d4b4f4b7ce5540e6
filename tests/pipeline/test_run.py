"""`make run`'s command: web server and worker come up together, heal, and stop together."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.app import ROOT, App, clean_environment, free_port, running_app

pytestmark = pytest.mark.slow


def processes_of(home: Path) -> dict[int, str]:
    """Process ids and command lines of every process that has this PETREVIEW_HOME in its environment."""
    wanted = f"PETREVIEW_HOME={home}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
    return found


def wait_for_worker(app: App, other_than: set[int], seconds: float = 60) -> set[int]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        workers = {
            pid for pid, line in processes_of(app.home).items() if "manage.py worker" in line
        } - other_than
        if workers:
            return workers
        time.sleep(0.2)
    raise AssertionError(f"no worker: {app.logs()}")


def test_one_line_names_the_address_and_the_demo_accounts_and_ctrl_c_stops_everything(tmp_path: Path) -> None:
    with running_app(tmp_path, "--without-demo-data") as app:
        wait_for_worker(app, set())
        app.process.send_signal(signal.SIGINT)
        output, _ = app.process.communicate(timeout=30)
    line = next(line for line in output.splitlines() if app.url in line)
    for account in ("reader/", "coordinator/", "manager/", "admin/"):
        assert account in line
    assert app.process.returncode == 0
    assert processes_of(tmp_path) == {}


def test_a_stop_while_it_starts_leaves_no_process_behind(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "run", "--port", str(free_port()), "--without-demo-data"]
    process = subprocess.Popen(command, cwd=ROOT, env=clean_environment(tmp_path))
    while not any("uvicorn" in line for line in processes_of(tmp_path).values()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    assert processes_of(tmp_path) == {}


def test_a_killed_worker_is_started_again(tmp_path: Path) -> None:
    with running_app(tmp_path, "--without-demo-data") as app:
        first = wait_for_worker(app, set())
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        assert wait_for_worker(app, first)


def test_a_second_start_finds_the_accounts_of_the_first(tmp_path: Path) -> None:
    with running_app(tmp_path, "--without-demo-data") as app:
        app.manage("shell", "-c", "from annotations.models import User; User.objects.get(username='reader')")
    with running_app(tmp_path, "--without-demo-data") as app:
        count = app.manage("shell", "-c", "from annotations.models import User; print(User.objects.count())")
        assert count.split()[-1] == "4"


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with running_app(tmp_path / "a", "--without-demo-data") as app:
        port = app.url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "manage.py", "run", "--port", port],
            cwd=ROOT,
            env=clean_environment(tmp_path / "b"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode != 0
    assert re.search(rf"Port {port} is taken", second.stderr)
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("process", ["web", "worker"])
def test_demo_accounts_stop_a_production_start(tmp_path: Path, process: str) -> None:
    environment = clean_environment(tmp_path)
    for command in (["migrate", "-v0"], ["demo_data", "--accounts-only"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    del environment["PETREVIEW_DEMO"]
    web = ["-m", "uvicorn", "petreview.asgi:application", "--port", str(free_port())]
    answer = subprocess.run(
        [sys.executable, *(web if process == "web" else ["manage.py", "worker"])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0
    assert "demo accounts" in answer.stderr + answer.stdout
