"""A real nnU-Net model folder that is tiny and untrained, and a scan of a few voxels to give it."""

import copy
import json
from pathlib import Path
from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import numpy as np
import torch
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from annotations.imaging.geometry import Grid
from inference.segmenters.protocol import SegmenterInputs
from inference.training import demo_plans

PET_GRID = Grid((40, 30, 50), (4.0, 4.0, 5.0), (-98.0, -58.0, 0.0))
CT_GRID = Grid((50, 60, 100), (2.0, 2.0, 4.0), (-99.0, -59.0, 0.0))
RELEASE = {
    "method": "nnunet",
    "tracers": ["64Cu-DOTATATE"],
    "channels": [{"name": "PET"}, {"name": "CT"}],
    "folds": [0, 1],
    "crop_to_body": True,
}


def tiny_plans() -> dict[str, Any]:
    plans = copy.deepcopy(demo_plans.plans())
    configuration = plans["configurations"][demo_plans.CONFIGURATION]
    configuration.update(patch_size=[16, 16, 16], spacing=[5.0, 4.0, 4.0])
    configuration["architecture"]["arch_kwargs"].update(
        n_stages=2,
        features_per_stage=[4, 8],
        kernel_sizes=[[3, 3, 3]] * 2,
        strides=[[1, 1, 1], [2, 2, 2]],
        n_conv_per_stage=[1, 1],
        n_conv_per_stage_decoder=[1],
    )
    return plans


def write_model(folder: Path, **release: Any) -> Path:
    """Two folds with different random weights (always the same ones)."""
    plans, dataset = tiny_plans(), demo_plans.dataset_json(0)
    manager = PlansManager(plans)
    for fold in (0, 1):
        torch.manual_seed(fold)
        network = nnUNetTrainer.build_network_architecture(
            manager, manager.get_configuration(demo_plans.CONFIGURATION), 2, 2, enable_deep_supervision=False
        )
        checkpoint = {
            "network_weights": network.state_dict(),
            "trainer_name": "nnUNetTrainer",
            "init_args": {"configuration": demo_plans.CONFIGURATION},
            "inference_allowed_mirroring_axes": None,
        }
        (folder / f"fold_{fold}").mkdir(parents=True, exist_ok=True)
        torch.save(checkpoint, folder / f"fold_{fold}" / "checkpoint_final.pth")
    for name, content in (("plans", plans), ("dataset", dataset), ("release", {**RELEASE, **release})):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def tiny_scan() -> SegmenterInputs:
    """A body of SUV 1 with a hot ball of SUV 20 in it, and a CT that reaches a little less far."""
    z, y, x = np.indices(PET_GRID.shape_zyx)
    body = ((x - 25) / 15) ** 2 + ((y - 15) / 10) ** 2 < 1
    ball = (x - 22) ** 2 + (y - 15) ** 2 + (z - 20) ** 2 < 16
    noise = np.random.default_rng(0).uniform(0, 0.02, PET_GRID.shape_zyx)
    pet = (body * 1.0 + ball * 19.0 + noise).astype(np.float32)
    ct = np.full(CT_GRID.shape_zyx, -1000, dtype=np.float32)
    ct[:, 20:50, 20:80] = 40
    return SegmenterInputs(pet, PET_GRID, ct, CT_GRID)
