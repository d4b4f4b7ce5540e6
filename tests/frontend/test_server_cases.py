"""The browser computes what the server computes: its test cases come from the server's own code."""

import json

import pytest

from tests.frontend.server_cases import PATH, make_cases


@pytest.mark.parametrize("number", range(3))
def test_the_committed_cases_are_what_the_code_gives(number: int) -> None:
    committed = json.loads(PATH.read_text())[number]
    made = json.loads(json.dumps(make_cases()[number]))
    for name, value in made.items():
        assert committed[name] == value, f"{name}: run python -m tests.frontend.server_cases"
