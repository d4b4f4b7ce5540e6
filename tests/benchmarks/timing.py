"""How every benchmark measures and prints."""

import time
from collections.abc import Callable
from typing import Any

missed: list[str] = []
"""Names of the measurements that missed their target."""


def best_of(work: Callable[[], Any], repeats: int = 3) -> float:
    """Seconds of the fastest of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def report(
    name: str,
    ours: float,
    peer: float | None = None,
    peer_name: str = "",
    *,
    target: str = "",
    met: bool = True,
) -> None:
    """One line: ours, the peer and the ratio, and whether the target is met where there is one."""
    line = f"{name:55s} {ours * 1000:9.1f} ms"
    if peer is not None:
        line += f"   {peer_name:36s} {peer * 1000:9.1f} ms   {peer / ours:6.1f} x"
    if target:
        line += f"   target {target}: {'met' if met else 'MISSED'}"
        if not met:
            missed.append(name)
    print(line, flush=True)


def say(name: str, message: str) -> None:
    """A line without figures: what could not be measured, and why."""
    print(f"{name:55s} not measured: {message}", flush=True)
