"""Negative controls as the first paper reports them: number of segmentations and mL; and example pictures."""

import numpy as np

from annotations.statistics.data import AnalysisData, MetricRow
from annotations.statistics.proportions import clopper_pearson
from annotations.statistics.report import figures
from annotations.statistics.report.selection import Selection
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table
from annotations.statistics.report.versions import rows_of

LIMIT_ML = 1.5  # the paper's: physiological uptake of an adrenal gland


def controls(chosen: Selection) -> Section | None:
    """None without negative controls. Versions first, then final versions of reads by arm."""
    sources = _sources(chosen)
    if not sources:
        return None
    summary: list[tuple[Cell, ...]] = []
    by_case: list[tuple[Cell, ...]] = []
    for source, rows in sources.items():
        summary.append((source, *_summary(chosen, rows)))
        by_case += [
            (source, row.case, chosen.cases[row.case].pseudonym, row.n_predicted, row.predicted_volume_ml)
            for row in rows
        ]
    columns = (
        Column("version", "Version"),
        Column("n", "n", "integer"),
        Column("none", "Without segmentation", "integer"),
        Column("none_share", "Share", "percent", digits=0),
        Column("none_low", "CI low", "percent", digits=0),
        Column("none_high", "CI high", "percent", digits=0),
        Column("under_limit", f"At most {LIMIT_ML:g} mL", "integer"),
        Column("under_share", "Share", "percent", digits=0),
        Column("median_ml", "Median", "number", "mL", 2),
        Column("largest_ml", "Largest", "number", "mL", 1),
        Column("segmentations", "Segmentations", "integer"),
        Column("most", "Most in one case", "integer"),
    )
    notes = ("Shares with Clopper-Pearson intervals. Dice, precision and sensitivity are not defined here.",)
    n = len({row.case for rows in sources.values() for row in rows})
    case_columns = (
        Column("version", "Version"),
        Column("case", "Case", "integer"),
        Column("pseudonym", "Patient"),
        Column("segmentations", "Segmentations", "integer"),
        Column("volume_ml", "Volume", "number", "mL", 2),
    )
    name = "negative controls"
    return Section(
        "controls",
        "Negative controls",
        "Patients without tumour: everything that is segmented is wrong. They are in no score and no "
        "agreement.",
        tables=(
            Table("controls", "Negative controls", columns, tuple(summary), n, name, notes),
            Table("controls_by_case", "Negative controls, by case", case_columns, tuple(by_case), n, name),
        ),
        figures=(_figure(chosen, n),) if chosen.named_versions else (),
    )


def _sources(chosen: Selection) -> dict[str, list[MetricRow]]:
    found: dict[str, list[MetricRow]] = {}
    for source, rows in chosen.named_versions.items():
        found[source] = [row for row in rows if chosen.is_control(row.case)]
    for arm in chosen.settings.arms:
        reads = [
            r for r in chosen.of_record if r.arm == arm.key and r.repeat == 0 and chosen.is_control(r.case)
        ]
        metrics = [chosen.metric_of_read[r.read] for r in reads if r.read in chosen.metric_of_read]
        found[f"{arm.title}, final"] = metrics
    return {source: rows for source, rows in found.items() if rows}


def _summary(chosen: Selection, rows: list[MetricRow]) -> tuple[Cell, ...]:
    counts = [row.n_predicted for row in rows if row.n_predicted is not None]
    volumes = [row.predicted_volume_ml for row in rows if row.predicted_volume_ml is not None]
    none = clopper_pearson(sum(one == 0 for one in counts), len(counts), alpha=chosen.settings.alpha)
    under = sum(one <= LIMIT_ML for one in volumes)
    return (
        len(rows),
        sum(one == 0 for one in counts),
        none.estimate,
        none.ci_low,
        none.ci_high,
        under,
        under / len(volumes) if volumes else None,
        float(np.median(volumes)) if volumes else None,
        max(volumes, default=None),
        sum(counts),
        max(counts, default=None),
    )


def _figure(chosen: Selection, n: int) -> Figure:
    names = list(chosen.named_versions)
    rows = [
        {
            "case": f"Case {row.case}",
            "source": source,
            "volume_ml": row.predicted_volume_ml,
            "label": f"{row.predicted_volume_ml:.2f} mL, {row.n_predicted} segmentations",
        }
        for source in names
        for row in chosen.named_versions[source]
        if chosen.is_control(row.case) and row.predicted_volume_ml is not None
    ]
    caption = f"Volume segmented in each of {n} patients without tumour (symmetric log axis)."
    return Figure("controls", "Negative controls", caption, n, figures.volumes(rows, names=names))


def example_cases(data: AnalysisData) -> list[int]:
    """Two cases for Figure 3: those at the median and at the lower quartile of Dice of the last named version
    (else of the AI arm's reads), so that examples are chosen by a rule and not by taste."""
    chosen = Selection(data)
    sources = list(chosen.named_versions)
    if sources:
        scored = [(row.dice, row.case) for row in rows_of(chosen, sources[-1]) if row.dice is not None]
    else:
        dice = chosen.value_of("dice")
        scored = [(d, read.case) for read in chosen.planned if (d := dice(read)) is not None]
    scored.sort()
    places = [len(scored) // 2, len(scored) // 4]
    return list(dict.fromkeys(scored[place][1] for place in places)) if scored else []


def examples(chosen: Selection) -> Section | None:
    """None without pictures. Each case needs its three panels."""
    order = {case: place for place, case in enumerate(example_cases(chosen.data))}
    panels = {"PET": 0, "Reference": 1, "AI result": 2}
    pictures = sorted(
        chosen.data.pictures, key=lambda one: (order.get(one.case, len(order)), one.case, panels[one.panel])
    )
    if not pictures:
        return None
    cases = list(dict.fromkeys(picture.case for picture in pictures))
    titles = {
        case: chosen.cases[case].pseudonym if case in chosen.cases else f"Case {case}" for case in cases
    }
    caption = (
        "Maximum intensity projections: PET, reference, AI result without adjustment; every "
        "segmented volume has its "
        "own colour. The cases are those at the median and at the lower quartile of Dice."
    )
    spec = figures.example_pictures(pictures, titles)
    figure = Figure("examples", "Examples of the AI result (Figure 3)", caption, len(cases), spec)
    return Section("examples", "Examples", figures=(figure,))
