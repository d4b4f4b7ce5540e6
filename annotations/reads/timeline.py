"""One read's raw events as a timeline: what each stretch of time counted as, and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from annotations.reads.clock import Placed, place_events
from annotations.reads.clock.partition import gaps_of, spans_of
from annotations.reads.models import Read
from annotations.reads.timing import clock_events, clock_of

REASONS = {
    "paused": "The reader declared a pause.",
    "hidden": "No page of the read was visible.",
    "loading": "Images were loading.",
    "computing": "A method was computing.",
}


class Segment(NamedTuple):
    from_ms: int
    to_ms: int
    part: str
    reason: str


def timeline_of(read: Read) -> dict[str, Any]:
    """The content of TimelineSerializer. Times in ms from the first interactive PET image; events before
    it are negative. Without a beginning or an end there are events, but no segments.
    """
    stored = list(read.events.order_by("page_load", "sequence"))
    clock = clock_of(read)
    threshold = read.assignment.plan.idle_threshold_s
    counted, _ = place_events(clock_events(event for event in stored if not event.late))
    late = {(str(event.page_load), event.sequence) for event in stored if event.late}
    everything, _ = place_events(clock_events(stored))
    shown = [*counted, *(one for one in everything if (one.event.page_load, one.event.sequence) in late)]
    start = next((one.time_ms for one in counted if one.event.kind == "first_image"), None)
    end = start + clock.wall_ms if clock is not None and start is not None else None
    segments = []
    if start is not None and end is not None:
        segments = segments_of(counted, start, end, threshold_ms=round(threshold * 1000))
    actions, lesions = attribute(segments, counted, start or 0)
    return {
        "read": read.pk,
        "start_ms": 0,
        "end_ms": end - start if end is not None and start is not None else None,
        "idle_threshold_s": threshold,
        "parts": _parts(segments),
        "segments": [segment._asdict() for segment in segments],
        "events": _events(sorted(shown, key=lambda one: one.time_ms), late, start),
        "variants": dict(clock.variants) if clock else {},
        "actions": actions,
        "lesions": lesions,
        "flags": sorted(clock.flags) if clock else ["no_clock"],
    }


def segments_of(placed: Sequence[Placed], start: int, end: int, *, threshold_ms: int) -> list[Segment]:
    """The partition of start to end, without a hole; times from `start`. Equal neighbours are joined."""
    spans = spans_of(placed, start, end, set())
    gaps, given_back = gaps_of(placed, spans, start, end)
    segments = [
        Segment(begin - start, finish - start, part, REASONS[part])
        for begin, finish, part in spans
        if part != "looking"
    ]
    looking = [(begin, finish) for begin, finish, part in spans if part == "looking"]
    before = start
    for number, gap in enumerate(gaps):
        over = gap.looking_ms > threshold_ms
        kept = number in given_back
        left = threshold_ms if over and not kept else gap.looking_ms
        reason = "The reader answered: still reading." if over and kept else ""
        idle = f"No sign of life for more than {threshold_ms / 1000:g} s."
        for begin, finish in _within(looking, before, gap.end_ms):
            active = min(left, finish - begin)
            left -= active
            if active:
                segments.append(Segment(begin - start, begin - start + active, "active", reason))
            if active < finish - begin:
                segments.append(Segment(begin - start + active, finish - start, "idle", idle))
        before = gap.end_ms
    return _joined(sorted(segments))


def attribute(
    segments: Sequence[Segment], placed: Iterable[Placed], start: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Active time by tool and by lesion: from the action before (or the start) to the action itself. An
    edit that touches several lesions counts for each of them.
    """
    tools: dict[str, list[int]] = defaultdict(list)
    lesions: dict[int, list[int]] = defaultdict(list)
    before = 0
    end = segments[-1].to_ms if segments else 0
    for one in placed:
        at = one.time_ms - start
        if one.event.kind != "edit" or not 0 <= at <= end:
            continue
        spent = _active_between(segments, before, at)
        before = at
        tools[str(one.event.data.get("tool", "unknown"))].append(spent)
        for label in _lesions_of(one.event.data):
            lesions[label].append(spent)
    by_tool = [
        {"tool": tool, "count": len(spent), "seconds": sum(spent) / 1000}
        for tool, spent in sorted(tools.items())
    ]
    by_lesion = [
        {"label": label, "actions": len(spent), "seconds": sum(spent) / 1000}
        for label, spent in sorted(lesions.items())
    ]
    return by_tool, by_lesion


def _within(looking: Sequence[tuple[int, int]], low: int, high: int) -> list[tuple[int, int]]:
    cut = ((max(begin, low), min(finish, high)) for begin, finish in looking)
    return [(begin, finish) for begin, finish in cut if begin < finish]


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    result: list[Segment] = []
    for one in segments:
        if result and result[-1].to_ms == one.from_ms and result[-1][2:] == one[2:]:
            result[-1] = result[-1]._replace(to_ms=one.to_ms)
        else:
            result.append(one)
    return result


def _active_between(segments: Sequence[Segment], low: int, high: int) -> int:
    return sum(
        max(0, min(one.to_ms, high) - max(one.from_ms, low)) for one in segments if one.part == "active"
    )


def _parts(segments: Sequence[Segment]) -> dict[str, int]:
    sums = dict.fromkeys(("paused", "hidden", "loading", "computing", "idle", "active"), 0)
    for one in segments:
        sums[one.part] += one.to_ms - one.from_ms
    return sums


def _events(placed: Sequence[Placed], late: set[tuple[str, int]], start: int | None) -> list[dict[str, Any]]:
    origin = start if start is not None else (placed[0].time_ms if placed else 0)
    pages: dict[str, int] = {}
    return [
        {
            "at_ms": one.time_ms - origin,
            "kind": one.event.kind,
            "page_load": pages.setdefault(one.event.page_load, len(pages) + 1),
            "data": dict(one.event.data),
            "late": (one.event.page_load, one.event.sequence) in late,
        }
        for one in placed
    ]


def _lesions_of(data: Mapping[str, Any]) -> set[int]:
    """The lesions an edit event names; what is not a list of numbers names none."""
    named = data.get("lesions")
    return {one for one in named if isinstance(one, int)} if isinstance(named, list) else set()
