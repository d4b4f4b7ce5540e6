"""Measure the demo model on phantoms it never saw: `python -m inference.training.evaluate_demo_model`.

With --write the figures go into MODEL_CARD.md and demo_evaluation.json, from which a test recomputes
three of the seeds.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotations.imaging.agreement import compare_lesions, compare_voxels
from annotations.imaging.phantom import Phantom, make_phantom
from inference.segmenters.protocol import SegmentationResult, SegmenterInputs
from inference.segmenters.table import SEGMENTERS

MODEL = Path(__file__).resolve().parents[1] / "demo_model"
RESULTS = Path(__file__).with_name("demo_evaluation.json")
LESION_SEEDS = tuple(range(101, 121))
CONTROL_SEEDS = tuple(range(201, 211))
MARKS = ("<!-- figures -->", "<!-- end of figures -->")


@dataclass(frozen=True)
class CaseFigures:
    """One phantom. Lesions are 26-connected components; a true one is found when a voxel touches it.

    dice: of voxels, None for a negative control. seconds: of the segmentation alone.
    """

    seed: int
    negative: bool
    true_lesions: int
    found: int
    false_positives: int
    predicted_lesions: int
    dice: float | None
    true_ml: float
    predicted_ml: float
    seconds: float


def evaluate_seed(seed: int, negative: bool, model: Path = MODEL) -> CaseFigures:
    """Make the small phantom of `seed`, segment it, compare with its truth."""
    phantom = make_phantom(seed, "small", negative)
    began = time.monotonic()
    result = segment_phantom(phantom, model)
    seconds = time.monotonic() - began
    voxels = compare_voxels(phantom.truth, result.labels, phantom.pet_grid)
    lesions = compare_lesions(phantom.truth, result.labels, phantom.pet_grid, connectivity=26)
    return CaseFigures(
        seed=seed,
        negative=negative,
        true_lesions=lesions.n_true,
        found=lesions.found,
        false_positives=lesions.false,
        predicted_lesions=lesions.n_predicted,
        dice=None if negative or voxels.dice is None else round(voxels.dice, 4),
        true_ml=round(voxels.true_volume_ml, 2),
        predicted_ml=round(voxels.predicted_volume_ml, 2),
        seconds=round(seconds, 1),
    )


def segment_phantom(phantom: Phantom, model: Path = MODEL) -> SegmentationResult:
    inputs = SegmenterInputs(phantom.pet_suv, phantom.pet_grid, phantom.ct_hu, phantom.ct_grid)
    return SEGMENTERS["nnunet"].segment(inputs, model, lambda stage, share: None, lambda: False)


def summarise(cases: Sequence[CaseFigures]) -> dict[str, Any]:
    """Mean Dice over phantoms with lesions, sensitivity over all their lesions, median false positives."""
    with_lesions = [case for case in cases if not case.negative]
    controls = [case for case in cases if case.negative]
    dices = [case.dice for case in with_lesions if case.dice is not None]
    true = sum(case.true_lesions for case in with_lesions)
    return {
        "phantoms": len(with_lesions),
        "lesions": true,
        "mean_dice": round(statistics.mean(dices), 4) if dices else None,
        "lowest_dice": min(dices, default=None),
        "lesion_sensitivity": round(sum(c.found for c in with_lesions) / true, 4) if true else None,
        "false_positives_per_phantom": _mean([c.false_positives for c in with_lesions]),
        "controls": len(controls),
        "median_control_false_positives": _median([c.false_positives for c in controls]),
        "median_control_ml": _median([c.predicted_ml for c in controls]),
    }


def _mean(values: list[int]) -> float | None:
    return round(statistics.mean(values), 2) if values else None


def _median(values: Sequence[float]) -> float | None:
    return round(float(statistics.median(values)), 2) if values else None


def format_table(cases: Sequence[CaseFigures], summary: dict[str, Any]) -> str:
    """Markdown: the summary, then a row for each phantom."""
    lines = [f"- {name.replace('_', ' ')}: {value}" for name, value in summary.items()]
    lines += [
        "",
        "| seed | lesions | found | false | Dice | true mL | predicted mL |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case in cases:
        name = f"{case.seed} (control)" if case.negative else str(case.seed)
        dice = "n/a" if case.dice is None else f"{case.dice:.3f}"
        lines.append(
            f"| {name} | {case.true_lesions} | {case.found} | {case.false_positives} | {dice} "
            f"| {case.true_ml:.1f} | {case.predicted_ml:.1f} |"
        )
    return "\n".join(lines) + "\n"


def write_figures(cases: Sequence[CaseFigures], summary: dict[str, Any], model: Path) -> None:
    """Put the figures into the model card, between its marks, and into demo_evaluation.json."""
    stored = [{key: value for key, value in asdict(case).items() if key != "seconds"} for case in cases]
    RESULTS.write_text(json.dumps({"summary": summary, "cases": stored}, indent=1) + "\n")
    card = model / "MODEL_CARD.md"
    before, _, rest = card.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    card.write_text(f"{before}{MARKS[0]}\n{format_table(cases, summary)}{MARKS[1]}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(LESION_SEEDS))
    parser.add_argument("--controls", type=int, nargs="*", default=list(CONTROL_SEEDS))
    parser.add_argument("--write", action="store_true", help="store the figures")
    chosen = parser.parse_args()
    cases = []
    for seed, negative in [*((s, False) for s in chosen.seeds), *((s, True) for s in chosen.controls)]:
        cases.append(evaluate_seed(seed, negative, chosen.model))
        print(cases[-1], flush=True)
    summary = summarise(cases)
    print(format_table(cases, summary))
    if chosen.write:
        write_figures(cases, summary, chosen.model)


if __name__ == "__main__":
    main()
