"""One time axis for events of several page loads.

Within a page load the browser's monotonic clock counts. Page loads are laid beside each other by the
reader's own clock, and the whole by the server's: an event cannot have happened after it was
received, so the quickest delivery bounds the offset. Where the reader's clock is contradicted by the
server's (it was set, or two computers disagree) the server's is taken, and a flag says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

JUMP_MS = 1_000
"""The reader's clock and the monotonic clock may drift apart this much between two events."""

DELIVERY_MS = 10_000
"""Events are sent in batches; the quickest delivery of a page load takes no longer than this."""


@dataclass(frozen=True)
class ClockEvent:
    """One raw event. monotonic_ms: performance.now() of its page load. client_ms, server_ms: UTC since
    1970, the reader's clock when it happened and the server's clock when it arrived.
    """

    page_load: str
    sequence: int
    kind: str
    monotonic_ms: float
    client_ms: float
    server_ms: float
    data: Mapping[str, Any] = field(default_factory=dict)


class Placed(NamedTuple):
    """An event with its time on the common axis, in whole ms."""

    time_ms: int
    event: ClockEvent


@dataclass
class _Load:
    """The events of one page load, with their times from its own beginning (suspensions included)."""

    events: list[ClockEvent]
    local_ms: list[float]
    clock_was_set: bool

    @property
    def client_offset(self) -> float:
        return self.events[0].client_ms - self.local_ms[0]

    @property
    def server_offset(self) -> float:
        return min(one.server_ms - local for one, local in zip(self.events, self.local_ms, strict=True))

    @property
    def skew(self) -> float:
        """Server's clock minus the reader's, plus the quickest delivery."""
        return self.server_offset - self.client_offset


def place_events(events: Iterable[ClockEvent]) -> tuple[list[Placed], set[str]]:
    """Events in order of time on one axis, and flags. Events sent twice count once.

    Flags: clock_jump (the reader's clock was set), clocks_disagree (between page loads), suspended
    (the computer slept), missing_events (a sequence number is not there), disordered_events.
    """
    flags: set[str] = set()
    loads = [_read_load(group, flags) for group in _by_page_load(events)]
    if not loads:
        return [], flags
    least_skew = min(load.skew for load in loads)
    placed = []
    for load in loads:
        offset = _offset(load, least_skew, flags)
        placed += [
            Placed(round(local + offset), one) for one, local in zip(load.events, load.local_ms, strict=True)
        ]
    placed.sort(key=lambda one: (one.time_ms, one.event.page_load, one.event.sequence))
    return placed, flags


def _by_page_load(events: Iterable[ClockEvent]) -> list[list[ClockEvent]]:
    groups: dict[str, dict[int, ClockEvent]] = defaultdict(dict)
    for event in events:
        groups[event.page_load].setdefault(event.sequence, event)
    return [[group[number] for number in sorted(group)] for _, group in sorted(groups.items())]


def _offset(load: _Load, least_skew: float, flags: set[str]) -> float:
    if load.clock_was_set:
        return load.server_offset
    if load.skew - least_skew > DELIVERY_MS:
        flags.add("clocks_disagree")
        return load.server_offset
    return load.client_offset + least_skew


def _read_load(events: list[ClockEvent], flags: set[str]) -> _Load:
    if [one.sequence for one in events] != list(range(len(events))):
        flags.add("missing_events")
    if any(before.monotonic_ms > after.monotonic_ms for before, after in pairwise(events)):
        flags.add("disordered_events")
        events = sorted(events, key=lambda one: (one.monotonic_ms, one.sequence))
    local, slept, was_set = [events[0].monotonic_ms], 0.0, False
    for number, (before, after) in enumerate(pairwise(events), start=1):
        step = (after.client_ms - after.monotonic_ms) - (before.client_ms - before.monotonic_ms)
        if abs(step) > JUMP_MS:
            if step > 0 and _time_really_passed(events[:number], events[number:], step):
                slept += step
                flags.add("suspended")
            else:
                was_set = True
                flags.add("clock_jump")
        local.append(after.monotonic_ms + slept)
    return _Load(events, local, was_set)


def _time_really_passed(before: Sequence[ClockEvent], after: Sequence[ClockEvent], step: float) -> bool:
    """Whether the reader's clock stepped forward because the computer slept (performance.now() stands
    still then on some systems), rather than because it was set.

    The server's clock decides where it can: after a sleep it has stepped too. Where all was delivered
    afterwards it cannot tell, and a sleep is by far the more common.
    """
    if min(one.server_ms for one in before) >= min(one.server_ms for one in after) - JUMP_MS:
        return True
    delivery_before = min(one.server_ms - one.monotonic_ms for one in before)
    delivery_after = min(one.server_ms - one.monotonic_ms for one in after)
    return delivery_after - delivery_before > step / 2
