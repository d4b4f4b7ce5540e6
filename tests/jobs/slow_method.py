"""The fixed threshold at a pace and with an end that the release decides, so that a test can stop a
worker in the middle. `python -m tests.jobs.slow_method` is `manage.py worker` with this method known.

release.json: suv_above, steps (of 0.1 s each), end ("well", "error", "killed", "refused",
"interrupted").
"""

import os
import signal
import sys
import time
from pathlib import Path

from inference.segmenters.errors import SegmentationCancelled, WrongChannels
from inference.segmenters.options import read_json, read_number
from inference.segmenters.protocol import OnProgress, SegmentationResult, SegmenterInputs, ShouldCancel
from inference.segmenters.table import SEGMENTERS
from inference.segmenters.threshold import FixedThreshold

STEP_SECONDS = 0.1


class SlowThreshold:
    def check_folder(self, folder: Path) -> None:
        read_number(read_json(folder / "release.json"), "steps")

    def segment(
        self, inputs: SegmenterInputs, folder: Path, on_progress: OnProgress, should_cancel: ShouldCancel
    ) -> SegmentationResult:
        options = read_json(folder / "release.json")
        steps = int(options["steps"])
        for step in range(steps):
            if should_cancel():
                raise SegmentationCancelled("The segmentation was cancelled.")
            on_progress("waiting", step / steps)
            time.sleep(STEP_SECONDS)
        end(options.get("end", "well"))
        return FixedThreshold().segment(inputs, folder, lambda *_: None, should_cancel)


def end(how: str) -> None:
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "error":
        raise ArithmeticError("The numbers do not add up.")
    if how == "interrupted":
        raise KeyboardInterrupt
    if how == "refused":
        raise WrongChannels("This method wants other images.")


SEGMENTERS["slow"] = SlowThreshold()

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "worker", *sys.argv[1:]])
