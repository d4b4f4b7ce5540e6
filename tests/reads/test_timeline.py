"""The timeline of a read: no hole, sums to the clock exactly, says why time did not count."""

import itertools
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.reads.clock import ClockEvent, place_events, read_clock
from annotations.reads.timeline import attribute, segments_of, timeline_of
from tests.reads.scenes import Reader, make_assignment

KINDS = (
    "activity",
    "edit",
    "hidden",
    "visible",
    "loading_begin",
    "loading_end",
    "computing_begin",
    "computing_end",
    "pause_begin",
    "pause_end",
    "still_reading",
)
steps = st.lists(st.tuples(st.integers(1, 150_000), st.sampled_from(KINDS)), max_size=25)


def events(rows) -> list[ClockEvent]:
    return [
        ClockEvent("page", number, kind, at, 1e12 + at, 1e12 + at + 50, {"tool": "brush", "lesions": [1]})
        for number, (at, kind) in enumerate(rows)
    ]


@given(steps, st.integers(1, 60_000))
@settings(max_examples=150, deadline=None)
def test_the_segments_are_the_partition_without_a_hole(drawn, last):
    at, rows = 0, [(0, "first_image")]
    for step, kind in drawn:
        at += step
        rows.append((at, kind))
    rows.append((at + last, "final"))
    made = events(rows)
    clock = read_clock(made, idle_threshold_s=60)
    placed, _ = place_events(made)
    start = placed[0].time_ms
    segments = segments_of(placed, start, start + clock.wall_ms, threshold_ms=60_000)
    assert segments[0].from_ms == 0
    assert segments[-1].to_ms == clock.wall_ms
    assert all(one.to_ms == other.from_ms for one, other in itertools.pairwise(segments))
    for part in ("paused", "hidden", "loading", "computing", "idle", "active"):
        total = sum(one.to_ms - one.from_ms for one in segments if one.part == part)
        assert total == getattr(clock, f"{part}_ms"), part
    assert all(one.reason for one in segments if one.part != "active")
    tools, lesions = attribute(segments, placed, start)
    assert sum(one["count"] for one in tools) == clock.action_count
    assert sum(one["seconds"] for one in tools) <= clock.active_ms / 1000 + 1e-9
    assert [one["seconds"] for one in lesions] == [one["seconds"] for one in tools]


@pytest.mark.django_db
def test_a_timeline_names_what_was_left_out_and_keeps_late_events():
    assignment = make_assignment("empty")
    reader = Reader(assignment.reader)
    read = reader.open(assignment)
    reader.record(
        read,
        (0, "page_opened"),
        (1, "first_image"),
        (11, "edit"),
        (12, "hidden"),
        (22, "visible"),
        (122, "activity"),
        (123, "final"),
    )
    reader.final(read)
    reader.submit(read)
    reader.page_load, reader.sequence = uuid.uuid4(), 0
    reader.record(read, (200, "activity"))
    read.refresh_from_db()
    shown = timeline_of(read)
    parts = [(one["part"], one["from_ms"], one["to_ms"]) for one in shown["segments"]]
    # The gap of 100 s from 22 to 122 counts 60 s as active and the rest as idle.
    assert parts == [
        ("active", 0, 11_000),
        ("hidden", 11_000, 21_000),
        ("active", 21_000, 81_000),
        ("idle", 81_000, 121_000),
        ("active", 121_000, 122_000),
    ]
    assert shown["segments"][3]["reason"] == "No sign of life for more than 60 s."
    assert next((one["at_ms"], one["late"]) for one in shown["events"]) == (-1000, False)
    assert [one["late"] for one in shown["events"]].count(True) == 1
    assert shown["actions"] == [{"tool": "unknown", "count": 1, "seconds": 10.0}]
