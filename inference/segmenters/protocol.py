"""What every segmentation method takes and gives. Methods live in one folder each, listed in table.py."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from annotations.imaging.geometry import Grid
from annotations.imaging.volume import BoolArray, FloatArray, LabelArray

OnProgress = Callable[[str, float], None]
ShouldCancel = Callable[[], bool]


@dataclass(frozen=True)
class SegmenterInputs:
    """pet_suv: float32 SUVbw [z, y, x]; ct_hu: float32 HU on its own grid, None when there is no CT."""

    pet_suv: FloatArray
    pet_grid: Grid
    ct_hu: FloatArray | None = None
    ct_grid: Grid | None = None


@dataclass(frozen=True)
class SegmentationResult:
    """Everything on the PET grid.

    labels: uint16 [z, y, x], one label a lesion after clean-up. probability: float32 of the foreground,
    0..1, mean over the folds; fold_spread: largest minus smallest fold probability, 0..1 (None with one
    fold); mask: probability > 0.5 before clean-up. All three are None for a method without probabilities.
    device: "cpu" or "cuda". parameters: what was done, for the producer's record (JSON-able). folds: the
    folds used. timings: seconds by stage.
    """

    labels: LabelArray
    probability: FloatArray | None
    fold_spread: FloatArray | None
    device: str
    parameters: dict[str, Any]
    mask: BoolArray | None = None
    folds: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


class Segmenter(Protocol):
    """One method. It keeps nothing between calls: `folder` is the release it works with."""

    def check_folder(self, folder: Path) -> None:
        """Raises ReleaseFolderInvalid unless `folder` holds a release of this method. Reads no weights."""
        ...

    def segment(
        self, inputs: SegmenterInputs, folder: Path, on_progress: OnProgress, should_cancel: ShouldCancel
    ) -> SegmentationResult:
        """Segment one scan.

        on_progress(stage, share): share 0..1 of the whole work, never falling, 1 at the end.
        should_cancel: asked at least once a tile; True ends the work within seconds with
        SegmentationCancelled. Raises WrongChannels, OutOfMemory, ReleaseFolderInvalid, NoBody.
        """
        ...
