"""Progress of a command: one line that is written over on a terminal, one line a stage elsewhere."""

from django.core.management.base import OutputWrapper


class ProgressLine:
    """Called with (stage, done, total); total 0 where it is not known."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._out.isatty():
            share = f" {done} of {total}" if total else f" {done}" if done else ""
            self._out.write(f"\r{stage}{share}\x1b[K", ending="")
        elif stage != self._stage:
            self._out.write(stage)
        self._stage = stage

    def end(self) -> None:
        if self._out.isatty() and self._stage:
            self._out.write("")
