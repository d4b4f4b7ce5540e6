"""Time per lesion, from edit events as the reading room sends them."""

from annotations.reads.clock.axis import ClockEvent, Placed
from annotations.reads.timeline import Segment, attribute


def edit(at_ms: int, **data) -> Placed:
    return Placed(at_ms, ClockEvent("page", at_ms, "edit", at_ms, at_ms, at_ms, data))


def test_an_edit_counts_for_each_lesion_it_touches():
    segments = [
        Segment(0, 10_000, "active", ""),
        Segment(10_000, 14_000, "idle", ""),
        Segment(14_000, 20_000, "active", ""),
    ]
    placed = [
        edit(4_000, tool="delete", lesions=[3]),
        edit(16_000, tool="merge", lesions=[3, 5]),
        edit(18_000, tool="undo", lesions="3"),
    ]
    tools, lesions = attribute(segments, placed, 0)
    assert lesions == [
        {"label": 3, "actions": 2, "seconds": 12.0},  # 4 s, then 12 s less 4 s of idle
        {"label": 5, "actions": 1, "seconds": 8.0},
    ]
    assert [(row["tool"], row["seconds"]) for row in tools] == [
        ("delete", 4.0),
        ("merge", 8.0),
        ("undo", 2.0),
    ]
