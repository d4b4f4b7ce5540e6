"""The demo model's training cases: phantoms, brought to nnU-Net's preprocessed form."""

from pathlib import Path
from typing import Any

import inference.segmenters.nnunet.environment  # noqa: F401  isort: skip  (before nnU-Net)
import numpy as np
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.training.dataloading.nnunet_dataset import nnUNetDatasetBlosc2
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from annotations.imaging.geometry import canonical_json
from annotations.imaging.phantom import Phantom, make_phantom
from inference.segmenters.nnunet.prepare import prepare_case
from inference.training import demo_plans

FIRST_TRAINING_SEED = 10_000
NEGATIVE_EVERY = 6
FOLDS = 2
SPLITS = 5


def training_seeds(cases: int) -> list[int]:
    """Seeds of the training phantoms. Seeds below 10 000 are never trained on."""
    return list(range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + cases))


def is_negative(seed: int) -> bool:
    """Every sixth training phantom is a negative control."""
    return seed % NEGATIVE_EVERY == 0


def write_cases(folder: Path, cases: int, part: int, parts: int) -> None:
    """Write every `parts`-th of the `cases` preprocessed phantoms, from the `part`-th on.

    folder: what nnU-Net calls its preprocessed folder. A phantom that is there is not made again.
    """
    plans, dataset = demo_plans.plans(), demo_plans.dataset_json(cases)
    target = folder / demo_plans.DATASET_NAME / demo_plans.DATA_IDENTIFIER
    target.mkdir(parents=True, exist_ok=True)
    for seed in training_seeds(cases)[part::parts]:
        path = target / case_name(seed)
        if not path.with_suffix(".pkl").exists():
            save_case(path, make_phantom(seed, negative=is_negative(seed)), plans, dataset)
            print(f"phantom {seed} made", flush=True)


def write_descriptions(folder: Path, cases: int) -> None:
    """The JSON files that nnU-Net's trainer reads beside the cases."""
    base = folder / demo_plans.DATASET_NAME
    (base / "dataset.json").write_bytes(canonical_json(demo_plans.dataset_json(cases)))
    (base / "dataset_fingerprint.json").write_bytes(canonical_json({"synthetic": True}))
    (base / "splits_final.json").write_bytes(canonical_json(make_splits(training_seeds(cases))))


def case_name(seed: int) -> str:
    return f"phantom_{seed:05d}"


def make_splits(seeds: list[int]) -> list[dict[str, list[str]]]:
    """Fold k leaves out every fifth phantom, counted from the k-th."""
    splits = []
    for fold in range(FOLDS):
        left_out = seeds[fold::SPLITS]
        kept = [seed for seed in seeds if seed not in left_out]
        splits.append({"train": [case_name(s) for s in kept], "val": [case_name(s) for s in left_out]})
    return splits


def save_case(path: Path, phantom: Phantom, plans: dict[str, Any], dataset: dict[str, Any]) -> None:
    case = prepare_case(phantom.pet_suv, phantom.pet_grid, phantom.ct_hu, phantom.ct_grid, crop_to_body=True)
    truth = (phantom.truth[case.window] > 0).astype(np.int16)[None]
    manager = PlansManager(plans)
    configuration = manager.get_configuration(demo_plans.CONFIGURATION)
    spacing = [float(v) for v in reversed(phantom.pet_grid.spacing_xyz_mm)]
    data, seg, properties = DefaultPreprocessor(verbose=False).run_case_npy(
        case.channels, truth, {"spacing": spacing}, manager, configuration, dataset
    )
    block = (1, *(min(32, n) for n in data.shape[1:]))
    chunk = (1, *(min(64, n) for n in data.shape[1:]))
    partial = path.with_name(path.name + ".part")
    nnUNetDatasetBlosc2.save_case(
        data.astype(np.float32), seg.astype(np.int16), properties, str(partial), chunks=chunk, blocks=block
    )
    for ending in (".b2nd", "_seg.b2nd", ".pkl"):
        partial.with_name(partial.name + ending).replace(path.with_name(path.name + ending))
