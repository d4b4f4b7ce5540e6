"""Train the demo model on phantoms: `python -m inference.training.train_demo_model --out FOLDER`.

Seeded; two folds; about 40 minutes on two cores. What it writes is a model folder as nnU-Net itself
lays it out, with stripped half-precision weights.
"""

import argparse
import json
import os
import random
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import numpy as np
import torch

from inference.training import demo_data, demo_plans

SEED = 640
CASES = 80


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--work", type=Path, help="folder to keep phantoms and logs in (default: temporary)")
    parser.add_argument("--cases", type=int, default=CASES, help="number of phantoms")
    parser.add_argument("--epochs", type=int, help="epochs a fold, to try something out")
    chosen = parser.parse_args()
    if chosen.work:
        train(chosen.out, chosen.work, chosen.cases, chosen.epochs)
        return
    with TemporaryDirectory(prefix="petreview-train-") as work:
        train(chosen.out, Path(work), chosen.cases, chosen.epochs)


def train(out: Path, work: Path, cases: int, epochs: int | None) -> None:
    """Make phantoms, train each fold, write the stripped model folder to `out`."""
    started = time.monotonic()
    plans = demo_data.write_dataset(work / "preprocessed", cases)
    print(f"phantoms made in {time.monotonic() - started:.0f} s", flush=True)
    os.environ["nnUNet_preprocessed"] = str(work / "preprocessed")  # noqa: SIM112
    os.environ["nnUNet_results"] = str(work / "results")  # noqa: SIM112
    seconds = {}
    for fold in range(demo_data.FOLDS):
        began = time.monotonic()
        folder = _train_fold(fold, plans, demo_plans.dataset_json(cases), epochs)
        seconds[fold] = round(time.monotonic() - began)
        strip_checkpoint(folder / "checkpoint_final.pth", out / f"fold_{fold}" / "checkpoint_final.pth")
        print(f"fold {fold} trained in {seconds[fold]} s", flush=True)
    _write_description(out, plans, cases)
    print(f"done in {time.monotonic() - started:.0f} s, fold seconds {seconds}", flush=True)


def _train_fold(fold: int, plans: dict[str, Any], dataset: dict[str, Any], epochs: int | None) -> Path:
    from inference.training.demo_trainer import DemoTrainer

    random.seed(SEED + fold)
    np.random.seed(SEED + fold)
    torch.manual_seed(SEED + fold)
    settings = {**plans, "continue_training": False}
    trainer = DemoTrainer(settings, demo_plans.CONFIGURATION, fold, dataset, torch.device("cpu"))
    if epochs is not None:
        trainer.num_epochs = epochs
    trainer.run_training()
    return Path(trainer.output_folder)


def strip_checkpoint(source: Path, target: Path) -> None:
    """Keep what inference needs, weights in half precision, and name nnU-Net's own trainer.

    The stock predictor looks the trainer up by name inside nnU-Net to build the network; the demo
    trainer changes nothing about the network.
    """
    checkpoint = torch.load(source, map_location="cpu", weights_only=False)
    weights = checkpoint["network_weights"]
    stripped = {
        "network_weights": {name: value.half().clone() for name, value in weights.items()},
        "trainer_name": "nnUNetTrainer",
        "init_args": {"configuration": demo_plans.CONFIGURATION},
        "inference_allowed_mirroring_axes": None,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(stripped, target)


def _write_description(out: Path, plans: dict[str, Any], cases: int) -> None:
    for name, content in (("plans.json", plans), ("dataset.json", demo_plans.dataset_json(cases))):
        (out / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    release = Path(__file__).with_name("demo_release.json")
    shutil.copyfile(release, out / "release.json")


if __name__ == "__main__":
    main()
