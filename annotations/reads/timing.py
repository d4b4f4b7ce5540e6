"""The clock of a stored read: its events in, a reading time out."""

from collections.abc import Iterable
from datetime import datetime

from annotations.reads.clock import CLOCK_VERSION, Clock, ClockEvent, read_clock
from annotations.reads.models import Event, Read, ReadingTime


def clock_of(read: Read) -> Clock | None:
    """Computed now, by the plan's T of record, from all events that were not late."""
    events = clock_events(read.events.filter(late=False))
    final_at_ms = None if read.final_at is None else round(_ms(read.final_at))
    threshold = read.assignment.plan.idle_threshold_s
    return read_clock(events, idle_threshold_s=threshold, final_at_ms=final_at_ms)


def reading_time_of(read: Read) -> ReadingTime | None:
    """A row, not yet saved; None where the clock has no beginning or no end."""
    clock = clock_of(read)
    if clock is None:
        return None
    return ReadingTime(
        read=read,
        code_version=CLOCK_VERSION,
        idle_threshold_s=read.assignment.plan.idle_threshold_s,
        wall_s=clock.wall_ms / 1000,
        paused_s=clock.paused_ms / 1000,
        hidden_s=clock.hidden_ms / 1000,
        loading_s=clock.loading_ms / 1000,
        computing_s=clock.computing_ms / 1000,
        idle_s=clock.idle_ms / 1000,
        active_s=clock.active_ms / 1000,
        variants={f"{name}_s": value / 1000 for name, value in clock.variants.items()},
        time_to_first_edit_s=_seconds(clock.time_to_first_edit_ms),
        scoring_s=_seconds(clock.scoring_ms),
        action_count=clock.action_count,
        flags=list(clock.flags),
    )


def clock_events(events: Iterable[Event]) -> list[ClockEvent]:
    return [
        ClockEvent(
            page_load=str(event.page_load),
            sequence=event.sequence,
            kind=event.kind,
            monotonic_ms=event.monotonic_ms,
            client_ms=_ms(event.client_time),
            server_ms=_ms(event.server_time),
            data=event.data,
        )
        for event in events
    ]


def _ms(time: datetime) -> float:
    return time.timestamp() * 1000


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
