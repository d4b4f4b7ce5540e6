"""The nnU-Net method of the table: cheap to import, torch and nnU-Net come with the first scan."""

from pathlib import Path

from inference.segmenters.nnunet.release import read_release
from inference.segmenters.protocol import OnProgress, SegmentationResult, SegmenterInputs, ShouldCancel


class Nnunet:
    def check_folder(self, folder: Path) -> None:
        """See `Segmenter.check_folder`."""
        read_release(folder)

    def segment(
        self, inputs: SegmenterInputs, folder: Path, on_progress: OnProgress, should_cancel: ShouldCancel
    ) -> SegmentationResult:
        """See `Segmenter.segment`."""
        release = read_release(folder)
        release.require_channels(inputs)
        # Importing torch takes seconds, and must not happen before a worker forks.
        from inference.segmenters.nnunet.run import run_release

        return run_release(release, inputs, on_progress, should_cancel)
