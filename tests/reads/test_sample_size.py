"""The sample size endpoint: its answers are those of statsmodels' own power solver."""

import math

import pytest
from statsmodels.stats.power import TTestPower

from annotations.accounts.models import Role
from annotations.errors import InvalidInput
from annotations.exports.analysis_data import settings_of
from annotations.exports.study_data import study_data
from tests.builders import make_user
from tests.reads.scenes import Reader
from tests.reads.study_scenes import locked, make_cases, make_readers

pytestmark = pytest.mark.django_db
TIME = {"kind": "log_time", "ratio": 0.5, "sd": 0.9}


@pytest.fixture
def coordinator():
    return Reader(make_user("coordinator", Role.COORDINATOR))


def test_cases_for_a_ratio_of_times(coordinator):
    answer = coordinator.post("sample-size/", TIME).json()
    wanted = TTestPower().solve_power(effect_size=math.log(2) / 0.9, power=0.8, alpha=0.05)
    assert answer["cases"] == math.ceil(wanted)
    assert "0.5" in answer["statement"]


def test_cases_for_quality_that_is_not_inferior(coordinator):
    asked = {"kind": "noninferiority", "margin": 0.05, "sd": 0.1, "power": 0.9}
    wanted = TTestPower().solve_power(effect_size=0.5, power=0.9, alpha=0.025, alternative="larger")
    assert coordinator.post("sample-size/", asked).json()["cases"] == math.ceil(wanted)


@pytest.mark.parametrize("change", [{"ratio": 1}, {"ratio": None}, {"sd": 0}, {"power": 1.5}, {"readers": 0}])
def test_what_cannot_be_asked_is_refused_by_name(coordinator, change):
    answer = coordinator.post("sample-size/", TIME | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_readers_have_no_business_with_it():
    assert Reader(make_user("reader", Role.READER)).post("sample-size/", TIME).status_code == 403


def test_an_answer_kept_in_the_plan_reaches_the_analysis(coordinator):
    answer = coordinator.post("sample-size/", TIME).json()
    kept = {"analysis": {"sample_size": TIME | answer}}
    plan = locked(coordinator, make_cases(1), make_readers(1), **kept)
    settings = settings_of(study_data(plan.reader_study))
    assert (settings.sample_size, settings.sample_size_statement) == (answer["cases"], answer["statement"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cases": "many"}, "cases"),
        ({"cases": 1}, "cases"),
        ({"statement": ""}, "statement"),
        ({"reader_correlation": 1.2}, "reader_correlation"),
        ({"ratio": None}, "ratio"),
        ({"ratoi": 0.5}, "ratoi"),
    ],
)
def test_a_sample_size_that_cannot_be_is_refused_by_its_field(coordinator, change, field):
    kept = TIME | coordinator.post("sample-size/", TIME).json() | change
    with pytest.raises(InvalidInput) as refused:
        locked(coordinator, make_cases(1), make_readers(1), analysis={"sample_size": kept})
    assert refused.value.detail["field"] == f"analysis.sample_size.{field}"


@pytest.mark.parametrize("left_out", ["cases", "statement", "ratio", "sd"])
def test_a_sample_size_in_part_is_refused(coordinator, left_out):
    kept = TIME | coordinator.post("sample-size/", TIME).json()
    del kept[left_out]
    with pytest.raises(InvalidInput) as refused:
        locked(coordinator, make_cases(1), make_readers(1), analysis={"sample_size": kept})
    assert refused.value.detail["field"] == f"analysis.sample_size.{left_out}"


def test_the_statement_says_the_correlation_between_readers(coordinator):
    more = {"readers": 3, "reader_correlation": 0.4}
    assert (
        "correlation between readers 0.4" in coordinator.post("sample-size/", TIME | more).json()["statement"]
    )
    assert "correlation" not in coordinator.post("sample-size/", TIME).json()["statement"]
    quality = {"kind": "noninferiority", "margin": 0.05, "sd": 0.1, **more}
    assert "correlation between readers 0.4" in coordinator.post("sample-size/", quality).json()["statement"]
