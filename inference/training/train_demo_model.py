"""Train the demo model on phantoms: `python -m inference.training.train_demo_model --out FOLDER`.

Seeded; two folds, side by side on one core each, so that the result does not depend on how many cores
there are; about 25 minutes on two free cores. What it writes is a model folder as nnU-Net itself lays it out,
with stripped half-precision weights. It runs itself once for the phantoms of each half and once for each
fold (`--part`).
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
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
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--work", type=Path, help="folder to keep phantoms and logs in (default: temporary)")
    parser.add_argument("--cases", type=int, default=CASES, help="number of phantoms")
    parser.add_argument("--epochs", type=int, help="epochs a fold, to try something out")
    parser.add_argument("--part", choices=("phantoms", "fold"), help="internal: one part of the work")
    parser.add_argument("--number", type=int, default=0, help="internal: which half or fold")
    chosen = parser.parse_args()
    if chosen.part == "phantoms":
        demo_data.write_cases(preprocessed(chosen.work), chosen.cases, chosen.number, demo_data.FOLDS)
    elif chosen.part == "fold":
        train_fold(chosen.work, chosen.out, chosen.number, chosen.cases, chosen.epochs)
    elif chosen.work:
        train(chosen.out, chosen.work, chosen.cases, chosen.epochs)
    else:
        with TemporaryDirectory(prefix="petreview-train-") as work:
            train(chosen.out, Path(work), chosen.cases, chosen.epochs)


def train(out: Path, work: Path, cases: int, epochs: int | None) -> None:
    """Make phantoms, train the folds, write the stripped model folder to `out`."""
    started = time.monotonic()
    arguments = ["--out", str(out), "--work", str(work), "--cases", str(cases)]
    if epochs is not None:
        arguments += ["--epochs", str(epochs)]
    _run_side_by_side("phantoms", arguments)
    demo_data.write_descriptions(preprocessed(work), cases)
    print(f"phantoms made after {time.monotonic() - started:.0f} s", flush=True)
    _run_side_by_side("fold", arguments)
    write_descriptions(out, cases)
    print(f"done after {time.monotonic() - started:.0f} s", flush=True)


def preprocessed(work: Path) -> Path:
    return work / "preprocessed"


def _run_side_by_side(part: str, arguments: list[str]) -> None:
    """This command for each half or fold at once, one thread each; raises CalledProcessError."""
    command = [sys.executable, "-m", "inference.training.train_demo_model", *arguments, "--part", part]
    environment = {**os.environ, **ONE_THREAD}
    running = [
        subprocess.Popen([*command, "--number", str(number)], env=environment)
        for number in range(demo_data.FOLDS)
    ]
    for process in running:
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, process.args)


def train_fold(work: Path, out: Path, fold: int, cases: int, epochs: int | None) -> None:
    """Train one fold in this process and write its stripped weights to `out`."""
    os.environ["nnUNet_preprocessed"] = str(preprocessed(work))  # noqa: SIM112  nnU-Net's own name
    os.environ["nnUNet_results"] = str(work / "results")  # noqa: SIM112  nnU-Net's own name
    from inference.training.demo_trainer import DemoTrainer

    torch.set_num_threads(1)
    random.seed(SEED + fold)
    np.random.seed(SEED + fold)  # nnU-Net's loader draws from the global generator
    torch.manual_seed(SEED + fold)
    settings = {**demo_plans.plans(), "continue_training": False}
    dataset = demo_plans.dataset_json(cases)
    trainer = DemoTrainer(settings, demo_plans.CONFIGURATION, fold, dataset, torch.device("cpu"))
    if epochs is not None:
        trainer.num_epochs = epochs
    trainer.run_training()
    checkpoint = Path(trainer.output_folder) / "checkpoint_final.pth"
    strip_checkpoint(checkpoint, out / f"fold_{fold}" / checkpoint.name)


def strip_checkpoint(source: Path, target: Path) -> None:
    """Keep what inference needs, weights in half precision, and name nnU-Net's own trainer.

    The stock predictor looks the trainer up by name inside nnU-Net to build the network; the demo
    trainer changes nothing about the network.
    """
    checkpoint: dict[str, Any] = torch.load(source, map_location="cpu", weights_only=False)
    weights = checkpoint["network_weights"]
    stripped = {
        "network_weights": _halve(weights),
        "trainer_name": "nnUNetTrainer",
        "init_args": {"configuration": demo_plans.CONFIGURATION},
        "inference_allowed_mirroring_axes": None,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(stripped, target)


def _halve(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Half precision; names of one and the same tensor (nnU-Net's networks have many) keep sharing it."""
    halves: dict[int, torch.Tensor] = {}
    return {
        name: halves.setdefault(value.data_ptr(), value.half().clone()) for name, value in weights.items()
    }


def write_descriptions(out: Path, cases: int) -> None:
    """plans.json, dataset.json and release.json of the model folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("plans.json", demo_plans.plans()),
        ("dataset.json", demo_plans.dataset_json(cases)),
    ):
        (out / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    shutil.copyfile(Path(__file__).with_name("demo_release.json"), out / "release.json")


if __name__ == "__main__":
    main()
