"""The time of a simulation: it stands still unless somebody advances it, and never goes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone


class SimulatedClock:
    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def wait_until(self, moment: datetime) -> None:
        self._now = max(self._now, moment)

    def next_morning(self) -> None:
        tomorrow = (self._now + timedelta(days=1)).astimezone(UTC)
        self._now = tomorrow.replace(hour=8, minute=0, second=0, microsecond=0)

    @contextmanager
    def rules(self) -> Iterator[None]:
        """Within, all of Django tells this clock's time."""
        with mock.patch.object(timezone, "now", self.now):
            yield
