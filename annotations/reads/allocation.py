"""Who reads which case in which arm, in which order: drawn by a seed, balanced, reproducible. Pure Python.

- single: every reader reads every case once, in the one arm.
- parallel: every reader reads every case once; within each reader and stratum the arms are as equal in
  number as can be, and so they are for each case over the readers.
- crossover: every reader reads every case in both arms, one a period; within each reader and stratum half
  of the cases are read in the order AB and half BA. Where only the timing subgroup crosses over, the other
  cases are read once, in the first arm, spread over both periods so that a period tells nothing.
Training is period 0, in every arm; repeated cases are read again in a period after all others. The order
within a period is random for each reader; the same case is never twice in one period but in training.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotations.errors import InvalidInput

KINDS = ("single", "parallel", "crossover")
TRAINING_PERIOD = 0
UNKNOWN_STRATUM = "unknown"


class Row(NamedTuple):
    """One assignment. case: its key. position counts from 1 within the reader's period."""

    reader: int
    case: str
    arm: str
    period: int
    position: int
    repeat: int
    role: str
    stratum: str
    sequence: str
    in_timing_subgroup: bool


@dataclass(frozen=True)
class Design:
    """What is allocated. strata: case -> name of its burden stratum (all in one when empty).

    timing_size: how many main cases the timing subgroup holds (None: no subgroup).
    repeat_arm: None means the first arm, in a parallel design the arm the case was read in.
    """

    kind: str
    seed: int
    readers: Sequence[int]
    arms: Sequence[str]
    cases: Sequence[str]
    training: Sequence[str] = ()
    strata: Mapping[str, str] = field(default_factory=dict)
    timing_size: int | None = None
    only_timing_crosses: bool = False
    repeated: int = 0
    repeat_arm: str | None = None


class Allocation(NamedTuple):
    rows: list[Row]
    timing_subgroup: frozenset[str]


class _Draft(NamedTuple):
    case: str
    arm: str
    period: int
    repeat: int
    role: str
    sequence: str


def allocate(design: Design) -> Allocation:
    """All rows by reader, period and position. Raises InvalidInput for a design that cannot be."""
    _check(design)
    timing = _draw_timing_subgroup(design)
    repeated = _draw(design, "repeats", design.cases, design.repeated)
    rows: list[Row] = []
    for turn, reader in enumerate(sorted(design.readers)):
        drafts = _training(design) + _main(design, turn, timing)
        drafts += _repeats(design, drafts, repeated)
        rows += _ordered(design, reader, drafts, timing)
    return Allocation(rows, timing)


def split_strata(
    burdens: Mapping[str, float | None], *, split: str, thresholds: Sequence[float] = ()
) -> dict[str, str]:
    """case -> stratum. "median": up to the median is low, above it high; "thresholds": T1, T2 ... by the
    number of thresholds a burden reaches. A case of unknown burden is in a stratum of its own.
    """
    known = sorted(value for value in burdens.values() if value is not None)
    middle = len(known) // 2
    median = None
    if known:
        median = known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2

    def name(value: float | None) -> str:
        if value is None or median is None:
            return UNKNOWN_STRATUM
        if split == "median":
            return "low" if value <= median else "high"
        return f"T{1 + sum(value >= limit for limit in thresholds)}"

    return {case: name(value) for case, value in burdens.items()}


def _check(design: Design) -> None:
    wanted = {"single": 1, "crossover": 2}.get(design.kind)
    if design.kind not in KINDS:
        raise InvalidInput("There is no such allocation.", got=design.kind, known=list(KINDS))
    if wanted is not None and len(design.arms) != wanted:
        raise InvalidInput(f"A {design.kind} allocation has {wanted} arm(s).", got=len(design.arms))
    if design.kind == "parallel" and len(design.arms) < 2:
        raise InvalidInput("A parallel allocation has at least two arms.", got=len(design.arms))
    cases = [*design.cases, *design.training]
    for name, values in (("readers", design.readers), ("arms", design.arms), ("cases", cases)):
        if len(set(values)) != len(values):
            raise InvalidInput(f"One of the {name} is named twice.")
    if not design.cases or not design.readers:
        raise InvalidInput("A reader study needs at least one case and one reader.")
    for name, size in (("timing subgroup", design.timing_size or 0), ("repeated cases", design.repeated)):
        if not 0 <= size <= len(design.cases):
            raise InvalidInput(f"The {name} cannot be larger than the cases.", got=size)
    if design.repeat_arm is not None and design.repeat_arm not in design.arms:
        raise InvalidInput("The repeated cases name an arm that is not there.", got=design.repeat_arm)


def _random(design: Design, *purpose: object) -> random.Random:
    """A generator of its own for each purpose, so that a change of one draw leaves the others alone."""
    return random.Random("/".join(str(part) for part in (design.seed, *purpose)))


def _strata(design: Design, cases: Sequence[str]) -> dict[str, list[str]]:
    """Cases by stratum, each in an order drawn for the whole study (not by the order they were listed)."""
    groups: dict[str, list[str]] = {}
    for case in sorted(cases):
        groups.setdefault(design.strata.get(case, ""), []).append(case)
    for name, group in sorted(groups.items()):
        _random(design, "strata", name).shuffle(group)
    return dict(sorted(groups.items()))


def _draw(design: Design, purpose: str, cases: Sequence[str], size: int) -> frozenset[str]:
    """`size` of the cases, spread over the strata as evenly as their sizes allow."""
    queues = [list(group) for group in _strata(design, cases).values()]
    generator = _random(design, purpose)
    ranked = []
    for group in queues:
        generator.shuffle(group)
        ranked += [((rank + generator.random()) / len(group), case) for rank, case in enumerate(group)]
    return frozenset(case for _, case in sorted(ranked)[:size])


def _draw_timing_subgroup(design: Design) -> frozenset[str]:
    return _draw(design, "timing", design.cases, design.timing_size or 0)


def _training(design: Design) -> list[_Draft]:
    return [
        _Draft(case, arm, TRAINING_PERIOD, 0, "training", arm)
        for arm in design.arms
        for case in sorted(design.training)
    ]


def _main(design: Design, turn: int, timing: frozenset[str]) -> list[_Draft]:
    """The reader's main reads. `turn` (the reader's number) moves the arms on by one from reader to
    reader, so that each case is balanced over the readers too; the running number goes on from stratum
    to stratum, so that odd strata do not all lean to the same arm.
    """
    count = len(design.arms)
    first = _random(design, "first").randrange(count)
    crossing = design.cases
    if design.kind == "crossover" and design.only_timing_crosses:
        crossing = [case for case in design.cases if case in timing]
    drafts, number = [], first + turn
    for group in _strata(design, crossing).values():
        for case in group:
            order = [design.arms[(number + step) % count] for step in range(count)]
            number += 1
            if design.kind == "crossover":
                name = ">".join(order)
                drafts += [_Draft(case, arm, n, 0, "main", name) for n, arm in enumerate(order, start=1)]
            else:
                drafts.append(_Draft(case, order[0], 1, 0, "main", order[0]))
    once = [case for case in design.cases if case not in set(crossing)]
    for group in _strata(design, once).values():
        for case in group:
            drafts.append(_Draft(case, design.arms[0], 1 + number % 2, 0, "main", design.arms[0]))
            number += 1
    return drafts


def _repeats(design: Design, drafts: Sequence[_Draft], repeated: frozenset[str]) -> list[_Draft]:
    last = 2 if design.kind == "crossover" else 1
    own = {one.case: one.arm for one in drafts if one.role == "main"}
    again = []
    for case in sorted(repeated):
        fallback = own[case] if design.kind == "parallel" else design.arms[0]
        arm = design.repeat_arm or fallback
        # The first reading of a case in an arm is number 0: in a parallel design it may be the only one.
        was_read = any((one.case, one.arm, one.role) == (case, arm, "main") for one in drafts)
        again.append(_Draft(case, arm, last + 1, int(was_read), "main", arm))
    return again


def _ordered(design: Design, reader: int, drafts: Sequence[_Draft], timing: frozenset[str]) -> list[Row]:
    rows = []
    for period in sorted({one.period for one in drafts}):
        here = sorted(one for one in drafts if one.period == period)
        _random(design, "order", reader, period).shuffle(here)
        rows += [
            Row(
                reader=reader,
                case=one.case,
                arm=one.arm,
                period=period,
                position=position,
                repeat=one.repeat,
                role=one.role,
                stratum=design.strata.get(one.case, "") if one.role == "main" else "",
                sequence=one.sequence,
                in_timing_subgroup=one.role == "main" and one.case in timing,
            )
            for position, one in enumerate(here, start=1)
        ]
    return rows
