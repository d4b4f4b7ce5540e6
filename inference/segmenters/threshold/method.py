"""A fixed SUV threshold over the whole body: the baseline a model is compared with, in seconds.

Physiological uptake above the threshold is included: a reader deletes it. Settings of release.json:
suv_above (SUVbw, a voxel must exceed it; for FDG the fixed 4.0 is common), minimum_ml.
"""

from pathlib import Path

from annotations.imaging.components import MINIMUM_LESION_ML, number_lesions
from inference.segmenters.errors import SegmentationCancelled
from inference.segmenters.options import read_json, read_number
from inference.segmenters.protocol import OnProgress, SegmentationResult, SegmenterInputs, ShouldCancel


class FixedThreshold:
    def check_folder(self, folder: Path) -> None:
        """See `Segmenter.check_folder`."""
        _read_settings(folder)

    def segment(
        self, inputs: SegmenterInputs, folder: Path, on_progress: OnProgress, should_cancel: ShouldCancel
    ) -> SegmentationResult:
        """See `Segmenter.segment`."""
        suv_above, minimum_ml = _read_settings(folder)
        on_progress("threshold", 0.0)
        if should_cancel():
            raise SegmentationCancelled("The segmentation was cancelled.")
        mask = inputs.pet_suv > suv_above
        on_progress("components", 0.5)
        labels = number_lesions(mask, inputs.pet_grid, minimum_ml=minimum_ml)
        on_progress("components", 1.0)
        return SegmentationResult(
            labels=labels,
            probability=None,
            fold_spread=None,
            device="cpu",
            parameters={"suv_above": suv_above, "minimum_ml": minimum_ml},
            mask=mask,
        )


def _read_settings(folder: Path) -> tuple[float, float]:
    options = read_json(folder / "release.json")
    return read_number(options, "suv_above"), read_number(options, "minimum_ml", MINIMUM_LESION_ML)
