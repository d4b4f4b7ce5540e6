"""The clock, on hand-made timelines. Times in the helper are seconds on the reader's wall."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.reads.clock import Clock, ClockEvent, read_clock

EPOCH = 1_790_000_000_000
PARTS = ("paused_ms", "hidden_ms", "loading_ms", "computing_ms", "idle_ms", "active_ms")
KINDS = (
    *("first_image", "activity", "visible", "hidden", "focus", "blur", "loading_begin", "loading_end"),
    *("computing_begin", "computing_end", "edit", "pause_begin", "pause_end", "still_reading"),
    *("page_opened", "page_closed", "final", "resumed", "score_shown", "scored", "window"),
)


def timeline(*rows, page="a", opened_at=0.0, delivery_s=0.2, clock_error_s=0.0, **data):
    """rows: (second, kind). Each is delivered after `delivery_s`."""
    return [
        ClockEvent(
            page_load=page,
            sequence=number,
            kind=kind,
            monotonic_ms=(second - opened_at) * 1000,
            client_ms=EPOCH + (second + clock_error_s) * 1000,
            server_ms=EPOCH + (second + delivery_s) * 1000,
            data=data.get(kind, {}),
        )
        for number, (second, kind) in enumerate(rows)
    ]


def every(step, first, last, kind="activity"):
    seconds = []
    while first <= last:
        seconds.append((first, kind))
        first += step
    return seconds


def clock(*groups, T=60, **more) -> Clock:
    found = read_clock([one for group in groups for one in group], idle_threshold_s=T, **more)
    assert found is not None
    assert sum(getattr(found, name) for name in PARTS) == found.wall_ms
    return found


def seconds(found: Clock) -> dict[str, float]:
    return {name.removesuffix("_ms"): getattr(found, name) / 1000 for name in PARTS if getattr(found, name)}


def test_steady_reading_is_all_active():
    found = clock(timeline((0, "page_opened"), (2, "first_image"), *every(5, 3, 98), (100, "final")))
    assert found.wall_ms == 98_000
    assert seconds(found) == {"active": 98}
    assert found.flags == []


def test_time_before_the_first_image_and_after_final_does_not_count():
    rows = [(0, "page_opened"), (0, "loading_begin"), (30, "loading_end"), (30, "first_image")]
    found = clock(timeline(*rows, (40, "final"), (41, "score_shown"), (55, "scored")))
    assert seconds(found) == {"active": 10}
    assert found.scoring_ms == 14_000


def test_a_gap_over_t_counts_t_as_active_and_the_rest_as_idle():
    found = clock(timeline((0, "first_image"), (10, "activity"), (110, "activity"), (115, "final")))
    assert seconds(found) == {"active": 10 + 60 + 5, "idle": 40}
    assert found.variants["active_t30"] == (10 + 30 + 5) * 1000
    assert found.variants["active_t120"] == 115_000
    assert found.variants["active_gap_zero"] == 15_000


def test_a_gap_of_exactly_t_is_thinking():
    assert seconds(clock(timeline((0, "first_image"), (60, "final")))) == {"active": 60}


def test_still_reading_gives_the_whole_gap_back():
    rows = [(0, "first_image"), (100, "activity"), (103, "still_reading"), (105, "final")]
    found = clock(timeline(*rows))
    assert seconds(found) == {"active": 105}
    assert found.variants["active_t30"] == 105_000
    assert found.variants["active_gap_zero"] == 105_000


def test_still_reading_gives_back_only_the_gap_it_asked_about():
    rows = [(0, "first_image"), (100, "activity"), (300, "activity"), (301, "still_reading"), (302, "final")]
    assert seconds(clock(timeline(*rows))) == {"active": 60 + 200 + 2, "idle": 40}


def test_a_declared_pause_wins_over_hidden_and_loading():
    rows = [(0, "first_image"), (10, "pause_begin"), (20, "hidden"), (30, "loading_begin")]
    rows += [(50, "loading_end"), (60, "visible"), (70, "pause_end"), (80, "final")]
    found = clock(timeline(*rows))
    assert seconds(found) == {"paused": 60, "active": 20}
    assert found.variants["wall_minus_paused"] == 20_000


def test_hidden_wins_over_loading_and_loading_over_computing():
    rows = [(0, "first_image"), (10, "computing_begin"), (20, "loading_begin"), (30, "hidden")]
    rows += [(40, "visible"), (50, "loading_end"), (60, "computing_end"), (70, "final")]
    found = clock(timeline(*rows))
    assert seconds(found) == {"hidden": 10, "loading": 20, "computing": 20, "active": 20}
    assert found.variants["active_and_loading_and_computing"] == 60_000


def test_waiting_for_a_method_is_no_gap():
    rows = [(0, "first_image"), (10, "computing_begin"), (200, "computing_end"), (240, "final")]
    assert seconds(clock(timeline(*rows))) == {"computing": 190, "active": 50}


def test_blur_with_the_page_visible_is_not_excluded():
    rows = [(0, "first_image"), (10, "blur"), (40, "focus"), (50, "final")]
    assert seconds(clock(timeline(*rows))) == {"active": 50}


def test_two_tabs_are_united_and_never_added():
    one = timeline((0, "first_image"), *every(10, 10, 90), (100, "final"))
    other = timeline((20, "page_opened"), *every(10, 25, 85), (90, "page_closed"), page="b", opened_at=20)
    assert seconds(clock(one, other)) == {"active": 100}


def test_a_hidden_tab_does_not_hide_the_one_that_is_looked_at():
    one = timeline((0, "first_image"), (20, "hidden"), (80, "visible"), (100, "final"))
    other = timeline((20, "page_opened"), *every(10, 30, 70), (80, "page_closed"), page="b", opened_at=20)
    assert seconds(clock(one, other)) == {"active": 100}


def test_a_tab_that_loads_does_not_stop_the_one_that_is_free():
    one = timeline((0, "first_image"), *every(10, 10, 90), (100, "final"))
    other = timeline((20, "page_opened"), (20, "loading_begin"), (60, "loading_end"), page="b", opened_at=20)
    assert seconds(clock(one, other)) == {"active": 100}


def test_a_closed_page_is_hidden_until_the_next_opens():
    one = timeline((0, "first_image"), (30, "page_closed"))
    other = timeline((90, "page_opened"), (100, "final"), page="b", opened_at=90)
    assert seconds(clock(one, other)) == {"active": 40, "hidden": 60}


def test_after_a_crash_the_gap_rule_decides():
    one = timeline((0, "first_image"), (10, "activity"))
    other = timeline((310, "page_opened"), (320, "final"), page="b", opened_at=310)
    assert seconds(clock(one, other)) == {"active": 10 + 60 + 10, "idle": 240}


def test_a_crashed_page_does_not_stay_visible_behind_the_next():
    one = timeline((0, "first_image"), (10, "activity"))
    other = timeline((20, "page_opened"), (30, "hidden"), (90, "visible"), (100, "final"), page="b")
    assert seconds(clock(one, other)) == {"active": 40, "hidden": 60}


def test_a_pause_that_a_crash_cut_off_ends_when_the_reader_is_back():
    one = timeline((0, "first_image"), (10, "pause_begin"))
    other = timeline((110, "page_opened"), (120, "final"), page="b", opened_at=110)
    found = clock(one, other)
    assert seconds(found) == {"paused": 100, "active": 20}
    assert "pause_not_ended" in found.flags


def test_resuming_counts_on_to_the_last_final():
    rows = [(0, "first_image"), (10, "final"), (20, "resumed"), (30, "edit"), (40, "final")]
    found = clock(timeline(*rows))
    assert (found.wall_ms, found.flags) == (40_000, ["resumed"])
    assert found.time_to_first_edit_ms == 30_000
    assert found.action_count == 1


def test_events_sent_twice_count_once():
    events = timeline((0, "first_image"), (5, "edit"), (50, "final"))
    again = [replace(one, server_ms=one.server_ms + 9_000) for one in events]
    assert clock(events, again) == clock(events)


def test_a_late_delivery_does_not_stretch_the_time():
    events = timeline(*every(5, 0, 50, "activity"), (0, "first_image"), (50, "final"))
    events = sorted(events, key=lambda one: one.monotonic_ms)
    events = [replace(one, sequence=number) for number, one in enumerate(events)]
    delayed = [replace(one, server_ms=EPOCH + 700_000) for one in events[:6]] + events[6:]
    assert clock(delayed) == clock(events)


def test_a_wrong_clock_of_the_reader_changes_nothing():
    rows = [(0, "first_image"), (30, "page_closed")]
    more = [(90, "page_opened"), (100, "final")]
    wrong = {"clock_error_s": -86_400.0}
    found = clock(timeline(*rows, **wrong), timeline(*more, page="b", opened_at=90, **wrong))
    assert found == clock(timeline(*rows), timeline(*more, page="b", opened_at=90))
    assert found.flags == []


@pytest.mark.parametrize("by_s", [-3_600, 3_600])
def test_a_clock_set_while_reading_is_flagged_and_counts_nothing(by_s):
    events = timeline((0, "first_image"), *every(5, 5, 95), (100, "final"))
    moved = [
        replace(one, client_ms=one.client_ms + by_s * 1000) if n > 10 else one for n, one in enumerate(events)
    ]
    found = clock(moved)
    assert found.wall_ms == 100_000
    assert found.flags == ["clock_jump"]


def test_a_clock_set_between_two_page_loads_is_flagged_and_counts_nothing():
    one = timeline((0, "first_image"), (30, "page_closed"))
    other = timeline((90, "page_opened"), (100, "final"), page="b", opened_at=90, clock_error_s=3_600)
    found = clock(one, other)
    assert (found.wall_ms, found.flags) == (100_000, ["clocks_disagree"])


def test_a_sleep_of_the_computer_is_time_though_the_monotonic_clock_stood_still():
    events = timeline((0, "first_image"), (5, "activity"), (605, "activity"), (610, "final"))
    slept = [
        replace(one, monotonic_ms=one.monotonic_ms - 600_000) if n > 1 else one
        for n, one in enumerate(events)
    ]
    found = clock(slept)
    assert seconds(found) == {"active": 5 + 60 + 5, "idle": 540}
    assert found.flags == ["suspended"]


def test_a_missing_event_is_flagged():
    events = timeline((0, "first_image"), (5, "activity"), (50, "final"))
    assert clock([events[0], events[2]]).flags == ["missing_events"]


def test_the_servers_end_stands_in_for_a_lost_one_and_is_flagged():
    found = clock(timeline((0, "first_image"), (50, "activity"), delivery_s=0), final_at_ms=EPOCH + 55_000)
    assert (found.wall_ms, found.flags) == (55_000, ["end_from_server"])


def test_a_final_that_was_taken_back_is_no_end():
    rows = [(0, "first_image"), (10, "final"), (20, "resumed"), (30, "activity")]
    assert read_clock(timeline(*rows), idle_threshold_s=60) is None
    found = clock(timeline(*rows, delivery_s=0), final_at_ms=EPOCH + 40_000)
    assert (found.wall_ms, found.flags) == (40_000, ["end_from_server", "resumed"])


@pytest.mark.parametrize(
    "rows", [[(0, "page_opened"), (9, "final")], [(0, "first_image")], [(0, "final"), (1, "first_image")]]
)
def test_without_a_beginning_or_an_end_there_is_no_time(rows):
    assert read_clock(timeline(*rows), idle_threshold_s=60) is None


@st.composite
def any_events(draw):
    events = []
    for page in draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True)):
        at = draw(st.integers(0, 100_000))
        set_by = draw(st.sampled_from([0, 0, 7_200_000, -7_200_000]))
        for sequence in range(draw(st.integers(1, 20))):
            at += draw(st.integers(0, 150_000))
            late = draw(st.integers(0, 30_000))
            moved = set_by if sequence > 9 else 0
            kind = draw(st.sampled_from(KINDS))
            events.append(ClockEvent(page, sequence, kind, at + 0.25, EPOCH + at + moved, EPOCH + at + late))
    events.append(ClockEvent("z", 0, "first_image", 0.0, EPOCH + 1_000, EPOCH + 1_050))
    events.append(ClockEvent("z", 1, "final", 9e6, EPOCH + 9_001_000, EPOCH + 9_001_050))
    return events


@given(any_events(), st.sampled_from([0, 30, 60, 120, 0.5]), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_parts_of_any_read_sum_exactly_and_order_of_arrival_does_not_matter(events, T, randomly):
    found = clock(events, T=T)
    assert all(getattr(found, name) >= 0 for name in PARTS)
    assert found.variants["active_gap_zero"] <= found.active_ms
    assert found.variants["active_t30"] <= found.variants["active_t60"] <= found.variants["active_t120"]
    shuffled = [*events, *randomly.sample(events, k=len(events) // 2)]
    randomly.shuffle(shuffled)
    assert clock(shuffled, T=T) == found


def test_a_long_read_is_computed_quickly():
    rows = [(0, "first_image"), *every(1, 1, 7_200), (7_201, "final")]
    events = timeline(*rows)
    random.Random(1).shuffle(events)
    assert clock(events).wall_ms == 7_201_000
