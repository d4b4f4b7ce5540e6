"""Which number is the primary one, which are secondary (Holm), and that all others are exploratory."""

from collections.abc import Sequence

from annotations.statistics.crossover import TEST as MODEL
from annotations.statistics.data import PlanSettings
from annotations.statistics.multiplicity import holm
from annotations.statistics.report.selection import endpoint_title
from annotations.statistics.results import Result, Role

PAIRED = ("paired t test on log values", "paired t test", "unpaired t test on log values (Welch)")
NON_INFERIORITY = "non-inferiority"


def give_roles(settings: PlanSettings, results: Sequence[Result]) -> list[Result]:
    """Primary: the model of the primary endpoint, else its paired t test. Secondary: one test for each
    secondary endpoint, and the planned non-inferiority test; their p are adjusted by Holm together.
    """
    primary = _test_of(settings.primary_endpoint, results)
    secondary = [
        place
        for name in settings.secondary_endpoints
        if name != settings.primary_endpoint and (place := _test_of(name, results)) is not None
    ]
    planned = [n for n, one in enumerate(results) if one.test.startswith(NON_INFERIORITY) and n != primary]
    family = list(dict.fromkeys([*planned, *secondary]))
    adjusted = dict(zip(family, holm([_two_sided(results[place]) for place in family]), strict=True))
    found = []
    for place, one in enumerate(results):
        role: Role = "primary" if place == primary else "secondary" if place in adjusted else "exploratory"
        found.append(one.named(role=role, p_adjusted=adjusted.get(place)))
    return found


def _test_of(endpoint: str, results: Sequence[Result]) -> int | None:
    """Place of the test of record of an endpoint: the computed model, else the first t test there is."""
    title = endpoint_title(endpoint)
    mine = [(place, one) for place, one in enumerate(results) if one.endpoint == title and one.p is not None]
    for test in (MODEL, *PAIRED):
        for place, one in mine:
            if one.test == test:
                return place
    return None


def _two_sided(result: Result) -> float | None:
    """A one-sided p is judged against alpha / 2: doubled, it joins the others."""
    if result.p is None or not result.test.startswith(NON_INFERIORITY):
        return result.p
    return min(1.0, 2 * result.p)
