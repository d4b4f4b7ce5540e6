"""The partition of a read's wall time: declared pause > hidden > loading > computing > idle > active.

Every part is a whole number of milliseconds and the parts sum to the wall time exactly. Tabs are
united: the read is hidden when no tab shows it, and it loads or computes when no visible tab is free.
Blur with the page visible (a second monitor) is not excluded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from annotations.reads.clock.axis import ClockEvent, Placed, place_events

CLOCK_VERSION = "1"
"""Raised whenever a number may change; part of the key of a reading time."""

ANSWER_WINDOW_MS = 60_000
"""'Still reading? Yes' gives back the longest gap that ended at most this long before the answer: the
hand moves to the button, and reads the question, after the gap is over.
"""

VARIANT_THRESHOLDS_S = (30, 60, 120)
SIGNS_OF_LIFE = frozenset(
    {
        "first_image",
        "activity",
        "edit",
        "window",
        "visible",
        "focus",
        "pause_begin",
        "pause_end",
        "still_reading",
        "page_opened",
        "final",
        "resumed",
    }
)
"""What only a person does. A page is hidden, blurred or closed by a screen lock too."""

COMES_BACK = frozenset({"page_opened", "first_image", "activity", "edit"})


@dataclass(frozen=True)
class Clock:
    """Parts in ms; `variants` in ms by name. Optional ones are None where the event is not there."""

    wall_ms: int
    paused_ms: int
    hidden_ms: int
    loading_ms: int
    computing_ms: int
    idle_ms: int
    active_ms: int
    variants: Mapping[str, int]
    time_to_first_edit_ms: int | None
    scoring_ms: int | None
    action_count: int
    flags: Sequence[str]


@dataclass
class _Page:
    visible: bool
    loading: int = 0
    computing: int = 0


@dataclass
class _State:
    pages: dict[str, _Page] = field(default_factory=dict)
    paused_by: str | None = None

    def category(self) -> str:
        if self.paused_by is not None:
            return "paused"
        visible = [page for page in self.pages.values() if page.visible]
        if not visible:
            return "hidden"
        if all(page.loading for page in visible):
            return "loading"
        if all(page.loading or page.computing for page in visible):
            return "computing"
        return "looking"


class Gap(NamedTuple):
    """Between two signs of life: when the second came, and how long the reader could look at images."""

    end_ms: int
    looking_ms: int


def read_clock(
    events: Iterable[ClockEvent], *, idle_threshold_s: float, final_at_ms: int | None = None
) -> Clock | None:
    """The clock of one read; None where no first image, or no end after it, was recorded.

    final_at_ms: when the server took "Segmentation final", used (and flagged) where its event is lost.
    """
    placed, flags = place_events(events)
    start = next((one.time_ms for one in placed if one.event.kind == "first_image"), None)
    end = _end(placed)
    if end is None and final_at_ms is not None:
        end = final_at_ms
        flags.add("end_from_server")
    if start is None or end is None or end < start:
        return None
    spans = spans_of(placed, start, end, flags)
    sums = dict.fromkeys(("paused", "hidden", "loading", "computing", "looking"), 0)
    for begin, finish, name in spans:
        sums[name] += finish - begin
    gaps, given_back = gaps_of(placed, spans, start, end)
    active = _active(gaps, given_back, round(idle_threshold_s * 1000))
    inside = [one for one in placed if start <= one.time_ms <= end]
    edits = [one.time_ms for one in inside if one.event.kind == "edit"]
    if any(one.event.kind == "resumed" for one in inside):
        flags.add("resumed")
    return Clock(
        wall_ms=end - start,
        paused_ms=sums["paused"],
        hidden_ms=sums["hidden"],
        loading_ms=sums["loading"],
        computing_ms=sums["computing"],
        idle_ms=sums["looking"] - active,
        active_ms=active,
        variants=_variants(gaps, given_back, sums, active, end - start, idle_threshold_s),
        time_to_first_edit_ms=edits[0] - start if edits else None,
        scoring_ms=_scoring(placed),
        action_count=len(edits),
        flags=sorted(flags),
    )


def _end(placed: Sequence[Placed]) -> int | None:
    """The last "Segmentation final", unless the segmentation was taken up again after it."""
    last = {one.event.kind: one.time_ms for one in placed if one.event.kind in ("final", "resumed")}
    end = last.get("final")
    return None if end is None or last.get("resumed", end) > end else end


def spans_of(placed: Sequence[Placed], start: int, end: int, flags: set[str]) -> list[tuple[int, int, str]]:
    """(begin, end, category) in ms of all time from `start` to `end`, without a hole.

    category: "paused", "hidden", "loading", "computing" or "looking"; it changes at events only. What is odd
    is added to `flags`.
    """
    state = _State()
    gone = _gone_at(placed)
    spans = []
    at = start
    for one in placed:
        if one.time_ms > at:
            until = min(one.time_ms, end)
            if until > at:
                spans.append((at, until, state.category()))
                at = until
        for page in [page for page, time in gone.items() if time <= one.time_ms and page in state.pages]:
            if page != one.event.page_load:
                del state.pages[page]
        _apply(state, one.event, flags)
    if end > at:
        spans.append((at, end, state.category()))
    if any(page.loading or page.computing for page in state.pages.values()):
        flags.add("waiting_not_ended")
    return spans


def _gone_at(placed: Sequence[Placed]) -> dict[str, int]:
    """When a page load that was never heard of again is taken as gone: at the beginning of the next one.

    A crashed tab sends no farewell. Until the reader is back the gap rule decides.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for one in placed:
        first.setdefault(one.event.page_load, one.time_ms)
        last[one.event.page_load] = one.time_ms
    gone = {}
    for page, time in last.items():
        later = [begin for other, begin in first.items() if other != page and begin > time]
        if later:
            gone[page] = min(later)
    return gone


def _apply(state: _State, event: ClockEvent, flags: set[str]) -> None:
    kind, name = event.kind, event.page_load
    if kind == "page_closed":
        state.pages.pop(name, None)
        return
    page = state.pages.setdefault(name, _Page(visible=kind != "hidden"))
    if state.paused_by not in (None, name) and kind in COMES_BACK:
        state.paused_by = None
        flags.add("pause_not_ended")
    if kind in ("visible", "hidden"):
        page.visible = kind == "visible"
    elif kind == "page_opened":
        page.visible = bool(event.data.get("visible", True))
    elif kind in ("loading_begin", "loading_end"):
        page.loading = max(0, page.loading + (1 if kind == "loading_begin" else -1))
    elif kind in ("computing_begin", "computing_end"):
        page.computing = max(0, page.computing + (1 if kind == "computing_begin" else -1))
    elif kind == "pause_begin":
        state.paused_by = name
    elif kind == "pause_end":
        state.paused_by = None


def gaps_of(
    placed: Sequence[Placed], spans: Sequence[tuple[int, int, str]], start: int, end: int
) -> tuple[list[Gap], set[int]]:
    """Gaps between signs of life in order, and the indices of those an answered "Still reading?" gives back.

    spans: as `spans_of` gives them; the looking time of all gaps is theirs.
    """
    signs = sorted({start, end} | {one.time_ms for one in placed if _is_sign(one, start, end)})
    gaps, number = [], 0
    looking = [(begin, finish) for begin, finish, name in spans if name == "looking"]
    for before, after in pairwise(signs):
        total = 0
        while number < len(looking) and looking[number][0] < after:
            begin, finish = looking[number]
            total += max(0, min(finish, after) - max(begin, before))
            if finish > after:
                break
            number += 1
        gaps.append(Gap(after, total))
    given_back = set()
    for answer in (one.time_ms for one in placed if one.event.kind == "still_reading"):
        near = [i for i, gap in enumerate(gaps) if answer - ANSWER_WINDOW_MS <= gap.end_ms <= answer]
        if near:
            given_back.add(max(near, key=lambda i: gaps[i].looking_ms))
    return gaps, given_back


def _is_sign(one: Placed, start: int, end: int) -> bool:
    return start <= one.time_ms <= end and one.event.kind in SIGNS_OF_LIFE


def _active(gaps: Sequence[Gap], given_back: set[int], threshold_ms: int, credit: bool = True) -> int:
    """Looking time that counts: a gap over T counts as T (or as 0 without `credit`)."""
    total = 0
    for number, gap in enumerate(gaps):
        if gap.looking_ms <= threshold_ms or number in given_back:
            total += gap.looking_ms
        elif credit:
            total += threshold_ms
    return total


def _variants(
    gaps: Sequence[Gap],
    given_back: set[int],
    sums: Mapping[str, int],
    active: int,
    wall: int,
    idle_threshold_s: float,
) -> dict[str, int]:
    threshold = round(idle_threshold_s * 1000)
    variants = {f"active_t{t}": _active(gaps, given_back, t * 1000) for t in VARIANT_THRESHOLDS_S}
    return variants | {
        "active_gap_zero": _active(gaps, given_back, threshold, credit=False),
        "active_and_loading": active + sums["loading"],
        "active_and_computing": active + sums["computing"],
        "active_and_loading_and_computing": active + sums["loading"] + sums["computing"],
        "wall_minus_paused": wall - sums["paused"],
    }


def _scoring(placed: Sequence[Placed]) -> int | None:
    """From the last time the score was asked for to the first answer; outside the wall time."""
    scored = next((one.time_ms for one in placed if one.event.kind == "scored"), None)
    if scored is None:
        return None
    shown = [one.time_ms for one in placed if one.event.kind == "score_shown" and one.time_ms <= scored]
    return scored - shown[-1] if shown else None
