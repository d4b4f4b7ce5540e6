"""nnU-Net's predictor with progress by tile and an end within one tile when cancelled.

nnU-Net has no hook for either. The tiles are asked for in one place and a tile is computed in another,
so both are overridden. A cancelled run lets the list of tiles end early instead of raising inside the
loop: the thread that feeds the loop then ends as well, and keeps neither itself nor the volume alive.
"""

from collections.abc import Callable, Iterator
from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

from inference.segmenters.errors import SegmentationCancelled
from inference.segmenters.protocol import ShouldCancel

OnTile = Callable[[int, int], None]


class Tiles(list[Any]):
    """A list of tiles whose iteration stops once `should_cancel` is True."""

    should_cancel: ShouldCancel

    def __iter__(self) -> Iterator[Any]:
        for tile in super().__iter__():
            if self.should_cancel():
                return
            yield tile


class ProgressPredictor(nnUNetPredictor):  # type: ignore[misc]  # nnU-Net has no types
    """on_tile(done, total): after each tile of the fold now running. bf16: autocast on the CPU."""

    def __init__(
        self,
        device: torch.device,
        on_tile: OnTile,
        should_cancel: ShouldCancel,
        bf16: bool = False,
        tile_step: float = 0.5,
    ) -> None:
        on_gpu = device.type == "cuda"
        super().__init__(
            tile_step_size=tile_step,
            use_mirroring=on_gpu,
            perform_everything_on_device=on_gpu,
            device=device,
            allow_tqdm=False,
        )
        self.on_tile, self.should_cancel, self.bf16 = on_tile, should_cancel, bf16
        self._done = self._total = 0

    def _internal_get_sliding_window_slicers(self, image_size: tuple[int, ...]) -> Tiles:
        tiles = Tiles(super()._internal_get_sliding_window_slicers(image_size))
        tiles.should_cancel = self.should_cancel
        self._done, self._total = 0, len(tiles)
        return tiles

    def _internal_maybe_mirror_and_predict(self, x: torch.Tensor) -> torch.Tensor:
        enabled = self.bf16 and self.device.type == "cpu"
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            prediction: torch.Tensor = super()._internal_maybe_mirror_and_predict(x)
        self._done += 1
        self.on_tile(self._done, self._total)
        return prediction.float()

    def predict_sliding_window_return_logits(self, input_image: torch.Tensor) -> torch.Tensor:
        """Logits of one fold. Raises SegmentationCancelled, after which nothing of it is left running."""
        logits: torch.Tensor = super().predict_sliding_window_return_logits(input_image)
        if self.should_cancel():
            raise SegmentationCancelled("The segmentation was cancelled.")
        return logits
