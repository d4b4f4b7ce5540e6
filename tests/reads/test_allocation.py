"""The allocation: balanced, without repeats, the same from the same seed. Properties and hand-made cases."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.reads.allocation import Design, allocate, split_strata

NO_DEADLINE = settings(deadline=None)  # these ask what is drawn, not how fast a busy machine draws it


@st.composite
def designs(draw):
    kind = draw(st.sampled_from(["single", "parallel", "crossover"]))
    arms = {"single": 1, "crossover": 2}.get(kind) or draw(st.integers(2, 4))
    count, readers = draw(st.integers(1, 24)), draw(st.integers(1, 5))
    cases = [f"c{n}" for n in range(count)]
    return Design(
        kind=kind,
        seed=draw(st.integers(0, 2**32)),
        readers=range(readers),
        arms=[f"arm{n}" for n in range(arms)],
        cases=cases,
        training=[f"t{n}" for n in range(draw(st.integers(0, 3)))],
        strata={case: draw(st.sampled_from(["low", "high"])) for case in cases},
        timing_size=draw(st.none() | st.integers(0, count)),
        only_timing_crosses=draw(st.booleans()),
        repeated=draw(st.integers(0, count)),
    )


def main_rows(design, **wanted):
    rows = [row for row in allocate(design).rows if row.role == "main" and not is_repeat(design, row)]
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def is_repeat(design, row):
    return row.period > (2 if design.kind == "crossover" else 1)


@given(designs())
@NO_DEADLINE
def test_the_same_seed_gives_the_same_allocation(design):
    assert allocate(design) == allocate(design)


@given(designs())
@NO_DEADLINE
def test_the_order_of_the_lists_does_not_matter(design):
    turned = Design(**{**vars(design), "cases": design.cases[::-1], "readers": list(design.readers)[::-1]})
    assert sorted(allocate(design).rows) == sorted(allocate(turned).rows)


@given(designs())
@NO_DEADLINE
def test_no_case_comes_twice_in_a_period_and_no_row_twice(design):
    rows = allocate(design).rows
    seen = Counter((row.reader, row.case, row.period) for row in rows if row.role == "main")
    assert set(seen.values()) == {1}
    assert len({(r.reader, r.case, r.arm, r.period, r.repeat) for r in rows}) == len(rows)


@given(designs())
@NO_DEADLINE
def test_positions_count_from_one_within_each_readers_period(design):
    groups: dict[tuple[int, int], list[int]] = {}
    for row in allocate(design).rows:
        groups.setdefault((row.reader, row.period), []).append(row.position)
    assert all(sorted(positions) == list(range(1, len(positions) + 1)) for positions in groups.values())


@given(designs())
@NO_DEADLINE
def test_arms_are_balanced_within_each_reader_and_stratum(design):
    if design.only_timing_crosses and design.kind == "crossover":
        return
    for reader in design.readers:
        for stratum in ("low", "high"):
            rows = main_rows(design, reader=reader, stratum=stratum, period=1)
            counts = [sum(row.arm == arm for row in rows) for arm in design.arms]
            assert max(counts) - min(counts) <= 1


@given(designs())
@NO_DEADLINE
def test_arms_are_balanced_for_each_case_over_the_readers(design):
    if design.only_timing_crosses and design.kind == "crossover":
        return
    rows = main_rows(design, period=1)
    for case in design.cases:
        counts = [sum((row.case, row.arm) == (case, arm) for row in rows) for arm in design.arms]
        assert max(counts) - min(counts) <= 1


@given(designs())
@NO_DEADLINE
def test_a_crossover_reads_every_crossing_case_in_both_arms(design):
    if design.kind != "crossover":
        return
    timing = allocate(design).timing_subgroup
    for reader in design.readers:
        for case in design.cases:
            arms = [row.arm for row in main_rows(design, reader=reader, case=case)]
            once = design.only_timing_crosses and case not in timing
            assert sorted(arms) == (["arm0"] if once else ["arm0", "arm1"])


@given(designs())
@NO_DEADLINE
def test_cases_that_do_not_cross_are_spread_over_both_periods(design):
    if design.kind != "crossover" or not design.only_timing_crosses:
        return
    for reader in design.readers:
        rows = [row for row in main_rows(design, reader=reader) if ">" not in row.sequence]
        counts = [sum(row.period == period for row in rows) for period in (1, 2)]
        assert abs(counts[0] - counts[1]) <= 1


@given(designs())
@NO_DEADLINE
def test_training_is_done_in_every_arm_before_anything_else(design):
    rows = [row for row in allocate(design).rows if row.role == "training"]
    wanted = {(r, c, a) for r in design.readers for c in design.training for a in design.arms}
    assert {(row.reader, row.case, row.arm) for row in rows} == wanted
    assert all(row.period == 0 and not row.in_timing_subgroup for row in rows)


@given(designs())
@NO_DEADLINE
def test_the_timing_subgroup_has_its_size_and_is_spread_over_the_strata(design):
    chosen = allocate(design).timing_subgroup
    size = design.timing_size or 0
    assert len(chosen) == size
    assert chosen <= set(design.cases)
    for stratum in ("low", "high"):
        group = [case for case in design.cases if design.strata[case] == stratum]
        share = size * len(group) / len(design.cases)
        assert abs(len(chosen & set(group)) - share) <= 1.5


@given(designs())
@NO_DEADLINE
def test_repeated_cases_are_read_once_more_and_last(design):
    rows = [row for row in allocate(design).rows if row.role == "main" and is_repeat(design, row)]
    assert len(rows) == design.repeated * len(design.readers)
    assert len({row.case for row in rows}) == design.repeated
    assert all(row.repeat == 1 for row in rows)


def test_readers_have_orders_of_their_own_and_seeds_differ():
    def order(seed, reader):
        design = Design("single", seed, [1, 2], ["ai"], [f"c{n}" for n in range(12)])
        return [row.case for row in allocate(design).rows if row.reader == reader]

    assert len({tuple(order(seed, reader)) for seed in (1, 2) for reader in (1, 2)}) == 4


def test_the_papers_timing_study_can_be_drawn():
    """41 cases with AI, 10 of them drawn at random also with the other method, half of them first."""
    cases = [f"c{n:02d}" for n in range(41)]
    design = Design("crossover", 5, [1], ["ai", "semi"], cases, timing_size=10, only_timing_crosses=True)
    rows = allocate(design).rows
    assert len(rows) == 51
    assert Counter(row.sequence for row in rows if row.in_timing_subgroup) == {"ai>semi": 10, "semi>ai": 10}
    assert Counter(row.arm for row in rows) == {"ai": 41, "semi": 10}


def test_strata_by_median_and_by_thresholds():
    burdens = {"a": 1.0, "b": 2.0, "c": 3.0, "d": None, "e": 4.0}
    assert split_strata(burdens, split="median") == {
        "a": "low",
        "b": "low",
        "c": "high",
        "d": "unknown",
        "e": "high",
    }
    by_limit = split_strata(burdens, split="thresholds", thresholds=[2.0, 4.0])
    assert by_limit == {"a": "T1", "b": "T2", "c": "T2", "d": "unknown", "e": "T3"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "latin"},
        {"arms": ["one"]},
        {"cases": []},
        {"readers": []},
        {"cases": ["a", "a"]},
        {"training": ["a"]},
        {"timing_size": 3},
        {"repeated": 3},
        {"repeat_arm": "third"},
    ],
)
def test_a_design_that_cannot_be_is_refused(change):
    sound = {"kind": "crossover", "seed": 1, "readers": [1], "arms": ["one", "two"], "cases": ["a", "b"]}
    with pytest.raises(InvalidInput):
        allocate(Design(**(sound | change)))
