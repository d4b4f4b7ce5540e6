"""The stacks that a worker runs on: the embedded one, and PostgreSQL with Redis where they are given."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

import tests.jobs.slow_method  # noqa: F401  (the method is in the table)
from tests.jobs.live import Live, default_database, new_postgres

POSTGRES, REDIS = (os.environ.get(f"PETREVIEW_TEST_{name}_URL", "") for name in ("POSTGRES", "REDIS"))


def on_stack(name: str, *marks: pytest.MarkDecorator) -> object:
    return pytest.param(name, marks=[*marks])


@pytest.fixture(
    scope="module",
    params=[on_stack("embedded"), on_stack("department", pytest.mark.postgres, pytest.mark.redis)],
)
def live(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Live]:
    """A database of its own and a broker; its workers end with the last test of the module."""
    if request.param == "department" and not (POSTGRES and REDIS):
        pytest.skip("PETREVIEW_TEST_POSTGRES_URL and PETREVIEW_TEST_REDIS_URL are not set")
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        if request.param == "embedded":
            url, redis = f"sqlite:///{folder / 'live.sqlite3'}", ""
        else:
            url, redis = stack.enter_context(new_postgres(POSTGRES)), REDIS
        stack.enter_context(default_database(url))
        call_command("migrate", verbosity=0)
        running = Live(folder, url, redis)
        stack.callback(running.kill_all)
        _empty_broker()
        yield running


def _empty_broker() -> None:
    broker = Path(settings.HOME, "broker")
    for message in (broker / "in").iterdir():
        message.unlink()
    shutil.rmtree(broker / "control", ignore_errors=True)
