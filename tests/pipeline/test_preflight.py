"""A missing Node, an old Python, a taken port, a full disk: one clear line each."""

import socket

import pytest

from petreview import preflight


def test_a_good_machine_has_no_problems() -> None:
    assert preflight.problems_of_setup((3, 11), "v22.1.0", 100 * 2**30) == []


@pytest.mark.parametrize(
    ("python", "node", "words"),
    [
        ((3, 12), "v22.1.0", "Python 3.11"),
        ((3, 11), None, "Node.js is missing"),
        ((3, 11), "v20.18.9", "too old"),
    ],
)
def test_each_missing_thing_is_one_line(python: tuple[int, int], node: str | None, words: str) -> None:
    (line,) = preflight.problems_of_setup(python, node, 100 * 2**30)
    assert words in line
    assert "\n" not in line


def test_a_full_disk_is_named_before_installing(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(preflight, "ROOT", tmp_path)
    (line,) = preflight.problems_of_setup((3, 11), "v22.1.0", 2**30)
    assert "1.0 GB free" in line


def test_a_taken_port_is_named_with_a_way_out(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (line,) = preflight.problems_of_run("127.0.0.1", port, tmp_path / "home")
    assert f"Port {port} is taken" in line
    assert preflight.problems_of_run("127.0.0.1", port, tmp_path / "home") == []
