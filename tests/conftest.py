"""What every test may use."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import TransactionTestCase

from annotations.migrations import _triggers_v3


@pytest.fixture(autouse=True, scope="session")
def _flush_frozen_tables() -> None:
    """Emptying the tables after a test is the one deletion there is, and in tests only."""
    teardown: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        _triggers_v3.run(connection, _triggers_v3.drop_statements(connection.vendor))
        try:
            teardown(case)
        finally:
            _triggers_v3.run(connection, _triggers_v3.create_statements(connection.vendor))

    TransactionTestCase._fixture_teardown = without_triggers
