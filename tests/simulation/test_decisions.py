"""What scripted readers do, on label maps drawn by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from django.utils import timezone

from petreview.simulation.clock import SimulatedClock
from petreview.simulation.decisions import Skill, find_liver, plan_steps

PERFECT = Skill(finds=1.0, removes=1.0, reshapes=1.0, spread=0.0)
BLIND = replace(PERFECT, finds=0.0, removes=0.0, reshapes=0.0)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """AI: lesion 1 is right, 2 is none, 3 is far off. Truth: those two, and one that is missing."""
    truth = np.zeros((12, 12, 12), dtype=np.uint16)
    truth[1:4, 1:4, 1:4] = 1
    truth[8:11, 8:11, 8:9] = 2
    truth[1:4, 8:11, 1:4] = 3
    found = np.zeros_like(truth)
    found[1:4, 1:4, 1:4] = 1
    found[6:8, 1:3, 1:3] = 2
    found[8:11, 8:11, 8:12] = 3
    return found, truth


def steps_of(skill: Skill, seed: int = 1):
    found, truth = scene()
    return list(plan_steps(found, truth, 4, skill, np.random.default_rng(seed))), found, truth


def test_a_perfect_reader_deletes_reshapes_and_adds():
    steps, found, truth = steps_of(PERFECT)
    assert [step.tool for step in steps] == ["delete", "erase", "add_seed"]
    assert not (steps[0].labels == 2).any()
    np.testing.assert_array_equal(steps[1].labels == 3, (found == 3) & (truth == 2))
    drawn = steps[2].labels == 4
    assert drawn.any()
    assert (truth[drawn] == 3).all()
    assert [step.seconds for step in steps] == [4.0, 28.0, 13.0]


def test_each_step_changes_one_lesion_only():
    steps, before, _ = steps_of(PERFECT)
    for step in steps:
        changed = np.unique(
            np.concatenate([before[before != step.labels], step.labels[before != step.labels]])
        )
        assert len(set(changed.tolist()) - {0}) == 1
        before = step.labels


def test_a_reader_who_sees_nothing_does_nothing():
    assert steps_of(BLIND)[0] == []


def test_the_same_seed_gives_the_same_steps():
    first, second = steps_of(PERFECT, 5)[0], steps_of(PERFECT, 5)[0]
    assert all(np.array_equal(a.labels, b.labels) for a, b in zip(first, second, strict=True))


def test_the_number_that_is_never_used_is_left_out():
    found, truth = np.zeros((6, 6, 6), dtype=np.uint16), np.zeros((6, 6, 6), dtype=np.uint16)
    truth[1:3, 1:3, 1:3] = 1
    (step,) = plan_steps(found, truth, 255, PERFECT, np.random.default_rng(0))
    assert set(np.unique(step.labels)) == {0, 256}


def test_the_liver_is_the_even_part_on_the_right():
    suv = np.random.default_rng(0).uniform(0, 2, (40, 40, 60)).astype(np.float32)
    suv[15:30, 10:30, 5:25] = 6.0
    suv[15:30, 10:30, 35:55] = 6.0  # as even, on the left
    x, y, z = find_liver(suv, (5.0, 4.0, 4.0))
    assert 5 <= x < 25
    assert suv[z - 2 : z + 3, y - 3 : y + 4, x - 3 : x + 4].std() == 0


def test_the_clock_moves_only_when_it_is_told_to():
    clock = SimulatedClock(datetime(2030, 1, 7, 8, tzinfo=UTC))
    with clock.rules():
        assert timezone.now() == timezone.now() == datetime(2030, 1, 7, 8, tzinfo=UTC)
        clock.advance(90)
        assert timezone.now() == datetime(2030, 1, 7, 8, 1, 30, tzinfo=UTC)
        clock.next_morning()
        assert timezone.now() == datetime(2030, 1, 8, 8, tzinfo=UTC)
        clock.wait_until(datetime(2029, 1, 1, tzinfo=UTC))
        assert timezone.now() == datetime(2030, 1, 8, 8, tzinfo=UTC)
    assert timezone.now().year < 2030
