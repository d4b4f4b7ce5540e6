"""An evaluation as JSON, as CSV and as text. Undefined stays undefined: null, an empty cell, "n/a"."""

import csv
import io
import statistics
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from inference.evaluation.pairs import FIGURES, MERGE_FIGURES, SUV_FIGURES, Case, Evaluation

RATIOS = ("dice", "precision", "sensitivity", "lesion_dice", "lesion_precision", "lesion_sensitivity")
TRUE_NEGATIVE = "n/a (true negative)"


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """{"connectivity", "cases", "summary", "failures"}."""
    return {
        "connectivity": evaluation.connectivity,
        "cases": [case.to_json() for case in evaluation.cases],
        "summary": summarise_cases(evaluation),
        "failures": [asdict(failure) for failure in evaluation.failures],
    }


def summarise_cases(evaluation: Evaluation) -> dict[str, dict[str, float | int | None]]:
    """For each figure mean, SD (n - 1), median, and the n cases in which it is defined."""
    rows = [case.to_json() for case in evaluation.cases]
    return {name: describe(row[name] for row in rows) for name in _figures(evaluation)}


def describe(figures: Iterable[float | None]) -> dict[str, float | int | None]:
    """SD of a single value is undefined; so is everything of none."""
    known = [figure for figure in figures if figure is not None]
    return {
        "mean": statistics.fmean(known) if known else None,
        "sd": statistics.stdev(known) if len(known) > 1 else None,
        "median": statistics.median(known) if known else None,
        "n": len(known),
    }


def to_csv(evaluation: Evaluation) -> str:
    """One row a case, failures at the end with their code; connectivity in each row."""
    columns = ["name", *_figures(evaluation), *MERGE_FIGURES]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, "connectivity", "failure"], lineterminator="\n")
    writer.writeheader()
    for case in evaluation.cases:
        row = {**case.to_json(), **asdict(case.merges), "connectivity": evaluation.connectivity}
        writer.writerow({name: "" if value is None else value for name, value in row.items()})
    for failure in evaluation.failures:
        writer.writerow({"name": failure.name, "failure": failure.code})
    return text.getvalue()


def to_text(evaluation: Evaluation) -> str:
    lines = [f"Research use only. Lesions are {evaluation.connectivity}-connected components."]
    for case in evaluation.cases:
        lines += _case_lines(case)
    summary = summarise_cases(evaluation)
    if evaluation.cases:
        lines.append(f"{'':28}{'mean':>10}{'SD':>10}{'median':>10}{'n':>5}")
    for name, row in summary.items() if evaluation.cases else ():
        cells = "".join(f"{_number(row[key]):>10}" for key in ("mean", "sd", "median"))
        lines.append(f"{name:28}{cells}{row['n']:>5}")
    lines += [f"Failed {one.name}: {one.code}: {one.message}" for one in evaluation.failures]
    return "\n".join(lines)


def _case_lines(case: Case) -> Iterable[str]:
    one = case.figures
    yield one.name
    if one.n_true == one.n_predicted == 0:
        yield f"  Dice {TRUE_NEGATIVE}"
        return
    yield (
        f"  voxels: Dice {_number(one.dice)}, precision {_number(one.precision)}, "
        f"sensitivity {_number(one.sensitivity)}; {one.predicted_volume_ml:.2f} mL predicted, "
        f"{one.true_volume_ml:.2f} mL true"
    )
    yield (
        f"  lesions: Dice {_number(one.lesion_dice)}, precision {_number(one.lesion_precision)}, "
        f"sensitivity {_number(one.lesion_sensitivity)}; {case.merges.n_found} of {one.n_true} found, "
        f"{case.merges.n_hits} of {one.n_predicted} predicted are true"
    )
    yield (
        f"  false positive {one.false_positive_volume_ml:.2f} mL, "
        f"false negative {one.false_negative_volume_ml:.2f} mL"
    )
    if case.suv is not None:
        yield (
            f"  lowest lesion SUVmean {_number(case.suv.predicted_lowest_suv_mean)} predicted, "
            f"{_number(case.suv.true_lowest_suv_mean)} true"
        )


def _figures(evaluation: Evaluation) -> tuple[str, ...]:
    return FIGURES + (SUV_FIGURES if evaluation.has_pet else ())


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"
