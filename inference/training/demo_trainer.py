"""nnU-Net's trainer with what one CPU core can do in half an hour."""

from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import numpy as np
import torch
from nnunetv2.training.nnUNetTrainer.variants.data_augmentation.nnUNetTrainerNoDA import nnUNetTrainerNoDA

EPOCHS = 24
ITERATIONS = 50
VALIDATION_ITERATIONS = 6
PEAK_LEARNING_RATE = 3e-3


class DemoTrainer(nnUNetTrainerNoDA):  # type: ignore[misc]  # nnU-Net has no types
    """No augmentation (there are always more phantoms), no deep supervision, AdamW, bf16.

    Mirroring must stay off in any case: the liver is on the right.
    """

    def __init__(
        self,
        plans: dict[str, Any],
        configuration: str,
        fold: int,
        dataset_json: dict[str, Any],
        device: torch.device,
    ) -> None:
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.num_epochs = EPOCHS
        self.num_iterations_per_epoch = ITERATIONS
        self.num_val_iterations_per_epoch = VALIDATION_ITERATIONS
        self.initial_lr = PEAK_LEARNING_RATE
        self.weight_decay = 1e-3
        self.enable_deep_supervision = False
        self.probabilistic_oversampling = True
        self.oversample_foreground_percent = 0.85
        self.save_every = 1000

    def configure_optimizers(self) -> tuple[torch.optim.Optimizer, "EpochSchedule"]:
        optimizer = torch.optim.AdamW(
            self.network.parameters(), self.initial_lr, weight_decay=self.weight_decay
        )
        return optimizer, EpochSchedule(optimizer, self.initial_lr, self.num_epochs)

    def train_step(self, batch: dict[str, Any]) -> dict[str, Any]:
        """One step with the network in bfloat16 and the loss in float32."""
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            output = self.network(batch["data"].to(self.device))
        loss = self.loss(output.float(), batch["target"].to(self.device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 12)
        self.optimizer.step()
        return {"loss": loss.detach().cpu().numpy()}

    def validation_step(self, batch: dict[str, Any]) -> dict[str, Any]:
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            result: dict[str, Any] = super().validation_step(batch)
        return result

    def set_deep_supervision_enabled(self, enabled: bool) -> None:
        self.network.decoder.deep_supervision = enabled and self.enable_deep_supervision

    def plot_network_architecture(self) -> None:
        """Nothing: the plot needs a program that is not installed."""

    def _save_debug_information(self) -> None:
        """Nothing: it would write the name of the machine."""


class EpochSchedule:
    """Sets the learning rate of an epoch: one epoch of warm-up, then half a cosine down to 2 %."""

    def __init__(self, optimizer: torch.optim.Optimizer, peak: float, epochs: int) -> None:
        self.optimizer, self.peak, self.epochs = optimizer, peak, epochs

    def step(self, epoch: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.peak * share_of_peak(epoch, self.epochs)


def share_of_peak(epoch: int, epochs: int) -> float:
    if epoch < 1:
        return 0.3
    return float(0.02 + 0.49 * (1 + np.cos(np.pi * (epoch - 1) / max(1, epochs - 2))))
