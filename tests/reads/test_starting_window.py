"""The window a reading opens with follows the tracer."""

import pytest

from annotations.reads.api.reading import starting_window


@pytest.mark.parametrize(
    ("tracer", "upper"),
    [("[64Cu]Cu-DOTATATE", 15), ("[68Ga]Ga-DOTATOC", 15), ("[18F]FDG", 5), ("[18F]PSMA-1007", 10), ("", 10)],
)
def test_the_upper_bound_is_the_tracers(tracer: str, upper: float) -> None:
    assert starting_window(tracer) == {"lower": 0.0, "upper": upper}
