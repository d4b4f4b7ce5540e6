"""What every test may use."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests.registry import triggers


@pytest.fixture(autouse=True, scope="session")
def _flush_frozen_tables() -> None:
    """Emptying the tables after a test is the one deletion there is, and in tests only."""
    teardown: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        triggers.run(connection, triggers.drop_statements(connection.vendor))
        try:
            teardown(case)
        finally:
            triggers.run(connection, triggers.create_statements(connection.vendor))

    TransactionTestCase._fixture_teardown = without_triggers
