"""What reading time means (docs: design.md, The clock). Plain Python: events in, milliseconds out."""

from annotations.reads.clock.axis import ClockEvent, Placed, place_events
from annotations.reads.clock.partition import ANSWER_WINDOW_MS, CLOCK_VERSION, Clock, read_clock

__all__ = [
    "ANSWER_WINDOW_MS",
    "CLOCK_VERSION",
    "Clock",
    "ClockEvent",
    "Placed",
    "place_events",
    "read_clock",
]
