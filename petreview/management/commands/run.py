"""`make run`: migrations, demo data, then web server and worker together until Ctrl-C."""

import os
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from annotations.accounts.demo import DEMO_ACCOUNTS
from petreview.preflight import problems_of_run
from petreview.supervisor import Child, Supervisor, last_lines, manage_command

START_SECONDS = 60


class Command(BaseCommand):
    help = "Start web server and worker together on this computer; stop both with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--without-demo-data", action="store_true", help="Accounts only, no phantoms.")

    def handle(self, *args: Any, port: int, without_demo_data: bool, **options: Any) -> None:
        problems = problems_of_run("127.0.0.1", port, Path(settings.HOME))
        if problems:
            raise CommandError(problems[0])
        # Two apps on one host share the browser's cookies unless their names differ.
        os.environ["PETREVIEW_COOKIE_PREFIX"] = f"petreview_{port}"
        call_command("migrate", verbosity=0)
        if settings.DEMO:
            call_command("demo_data", "--accounts-only" if without_demo_data else "--first")
        children = self._children(port, with_demo=settings.DEMO and not without_demo_data)
        supervisor = Supervisor(children, self.stdout.write)

        def wait_until_up() -> None:
            self._wait_until_up(port, children[0], supervisor)
            self._announce(port)

        sys.exit(supervisor.run(wait_until_up))

    def _children(self, port: int, *, with_demo: bool) -> list[Child]:
        logs = Path(settings.HOME) / "logs"
        logs.mkdir(exist_ok=True)
        # fmt: off
        web = [sys.executable, "-m", "uvicorn", "petreview.asgi:application", "--host", "127.0.0.1",
               "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "5"]
        # fmt: on
        children = [
            Child("web server", web, logs / "web.log", "stop"),
            Child("worker", manage_command("worker", "--queue", "gpu"), logs / "worker.log", "restart"),
            Child(
                "import worker", manage_command("worker", "--queue", "cpu"), logs / "imports.log", "restart"
            ),
        ]
        if with_demo:
            demo = manage_command("demo_data", "--rest")
            children.append(Child("demo data", demo, logs / "demo.log", "once"))
        return children

    def _wait_until_up(self, port: int, web: Child, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not supervisor.stopping:
            if web.exit_code is not None:
                raise CommandError(f"The web server did not start:\n{last_lines(web.log)}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/session/", timeout=2):
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.1)
        if supervisor.stopping:
            raise CommandError("Stopped before the web server answered.")
        raise CommandError(f"The web server did not answer within {START_SECONDS} s; see {web.log}.")

    def _announce(self, port: int) -> None:
        accounts = ", ".join(f"{a.username}/{a.password}" for a in DEMO_ACCOUNTS) if settings.DEMO else ""
        note = f"   accounts: {accounts}" if accounts else ""
        self.stdout.write(f"PETReview runs at http://127.0.0.1:{port}/{note}   (Ctrl-C stops it)")
        self.stdout.flush()
