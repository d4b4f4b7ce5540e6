"""Quality by arm beside time by arm: metrics, volumes, planted errors, agreement between readers.

Time saved is never shown without this section (algorithms.md, Timing and statistics).
"""

from collections.abc import Sequence

import numpy as np

from annotations.statistics.bland_altman import Agreement, bland_altman_log
from annotations.statistics.data import ArmRow, PlantedErrorRow, ReadRow
from annotations.statistics.distribution import summarise_values
from annotations.statistics.icc import FORMS, intraclass_correlations
from annotations.statistics.multiplicity import non_inferiority
from annotations.statistics.paired import paired_t, wilcoxon_signed_rank
from annotations.statistics.proportions import clustered_proportion
from annotations.statistics.report import figures
from annotations.statistics.report.selection import Selection, endpoint_title, values
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table, results_table
from annotations.statistics.results import Result

SHARES = ("dice", "precision", "sensitivity", "lesion_dice", "lesion_precision", "lesion_sensitivity")
COUNTS = ("n_false", "n_missed", "false_positive_volume_ml", "false_negative_volume_ml")
COMPARED = (*SHARES, *COUNTS)


def quality(chosen: Selection, results: Sequence[Result]) -> Section | None:
    """None where no read was made."""
    if not chosen.planned:
        return None
    set_name = chosen.settings.analysis_set
    tables = [_by_arm(chosen), _planted(chosen)]
    if results:
        tables.append(
            results_table("quality_tests", "Comparison of quality by arm", results, analysis_set=set_name)
        )
    volumes = _volume_agreements(chosen)
    agreement = [one for found in volumes.values() for one in found.rows]
    agreement += _between_readers(chosen) + _within_readers(chosen)
    if agreement:
        tables.append(
            results_table("volume_agreement", "Agreement of tumour volume", agreement, analysis_set=set_name)
        )
    found = [one for one in (_boxes(chosen), _figure_volumes(chosen, volumes)) if one is not None]
    intro = (
        "Final segmentations against the reference of their case, on the same reads as the times and "
        "all others."
    )
    return Section("quality", "Quality by arm", intro, tables=tuple(tables), figures=tuple(found))


def quality_results(chosen: Selection) -> list[Result]:
    """Non-inferiority where the plan has a margin, then paired tests of every metric."""
    if chosen.compared is None:
        return []
    control, test = chosen.compared
    settings = chosen.settings
    found: list[Result] = []
    if settings.quality_margin:
        pairs = chosen.pairs(chosen.planned, chosen.value_of(settings.quality_endpoint))
        if pairs is not None:
            result = non_inferiority(
                pairs.control, pairs.test, margin=settings.quality_margin, alpha=settings.alpha
            )
            found.append(result.named(endpoint=endpoint_title(settings.quality_endpoint)))
    for name in COMPARED:
        pairs = chosen.pairs(chosen.planned, chosen.value_of(name))
        if pairs is None or len(pairs.cases) == 0:
            continue
        both = [
            paired_t(pairs.control, pairs.test, alpha=settings.alpha),
            wilcoxon_signed_rank(pairs.control, pairs.test),
        ]
        found += [one.named(endpoint=endpoint_title(name)) for one in both]
    names = {"comparison": f"{test.title} - {control.title}", "analysis_set": settings.analysis_set}
    return [one.named(**names) for one in found]


def _by_arm(chosen: Selection) -> Table:
    rows = [_arm_row(chosen, arm) for arm in chosen.settings.arms]
    columns = (
        Column("arm", "Arm"),
        Column("reads", "Reads", "integer"),
        Column("active_min", "Active time, median", "number", "min", 1),
        Column("compared", "With reference", "integer"),
        *(
            column
            for name in COMPARED
            for column in (
                Column(f"{name}_mean", endpoint_title(name), "number", _unit(name), 2),
                Column(f"{name}_sd", "SD", "number", _unit(name), 2),
            )
        ),
        Column("not_defined", "Not defined", "integer"),
        Column("ttv_bias", "TTV bias", "percent", digits=1),
        Column("planted", "Planted errors", "integer"),
        Column("planted_left", "Left uncorrected", "integer"),
    )
    notes = (
        "Means and SDs over reads. Not defined: both masks empty or the prediction empty, so that a "
        "ratio has no "
        "value; such reads are counted, not scored. TTV bias: geometric mean of TTV / reference TTV, "
        "minus 1.",
    )
    set_name = chosen.settings.analysis_set
    title = "Quality beside time, by arm"
    return Table("quality", title, columns, tuple(rows), len(chosen.planned), set_name, notes)


def _arm_row(chosen: Selection, arm: ArmRow) -> tuple[Cell, ...]:
    reads = chosen.of_arm(chosen.planned, arm)
    timed = chosen.of_arm(chosen.timed, arm)
    known = [read for read in reads if read.read in chosen.metric_of_read]
    cells: list[Cell] = []
    for name in COMPARED:
        found = summarise_values(values(known, chosen.value_of(name)))
        cells += [found.mean, found.sd]
    undefined = sum(
        chosen.value_of("dice")(read) is None or chosen.value_of("precision")(read) is None for read in known
    )
    ratios = [
        np.log(read.ttv_ml / volume)
        for read in reads
        if read.ttv_ml and (volume := chosen.cases[read.case].volume_ml)
    ]
    errors = [one for _, one in planted_of(chosen, arm)]
    return (
        arm.title,
        len(reads),
        float(np.median([read.active_s / 60 for read in timed if read.active_s])) if timed else None,
        len(known),
        *cells,
        undefined,
        float(np.expm1(np.mean(ratios))) if ratios else None,
        len(errors) or None,
        sum(one.is_corrected is False for one in errors) if errors else None,
    )


def planted_of(chosen: Selection, arm: ArmRow) -> list[tuple[ReadRow, PlantedErrorRow]]:
    reads = {read.read: read for read in chosen.of_record if read.arm == arm.key}
    rows = [(reads[one.read], one) for one in chosen.data.planted_errors if one.read in reads]
    return sorted(rows, key=lambda pair: (pair[0].case, pair[0].reader, pair[1].error))


def _planted(chosen: Selection) -> Table:
    """Planted errors that were corrected, by arm and kind, with an interval clustered by case."""
    rows: list[tuple[Cell, ...]] = []
    for arm in chosen.settings.arms:
        found = planted_of(chosen, arm)
        kinds = sorted({error.kind for _, error in found})
        for kind in [*kinds, "all"] if kinds else []:
            mine = [(read, error) for read, error in found if kind in ("all", error.kind)]
            judged = [
                (read.case, bool(error.is_corrected))
                for read, error in mine
                if error.is_corrected is not None
            ]
            share = clustered_proportion(
                [case for case, _ in judged], [done for _, done in judged], alpha=chosen.settings.alpha
            )
            corrected = sum(done for _, done in judged)
            rows.append(
                (
                    arm.title,
                    kind.replace("_", " "),
                    len({read.read for read, _ in mine}),
                    len(mine),
                    len(judged),
                    corrected,
                    len(judged) - corrected,
                    share.estimate,
                    share.ci_low,
                    share.ci_high,
                    share.test if share.estimate is not None else " ".join(share.notes),
                )
            )
    columns = (
        Column("arm", "Arm"),
        Column("kind", "Kind"),
        Column("reads", "Reads", "integer"),
        Column("planted", "Planted", "integer"),
        Column("judged", "Judged", "integer"),
        Column("corrected", "Corrected", "integer"),
        Column("left", "Left uncorrected", "integer"),
        Column("share", "Share corrected", "percent", digits=0),
        Column("ci_low", "CI low", "percent", digits=0),
        Column("ci_high", "CI high", "percent", digits=0),
        Column("test", "Interval"),
    )
    title = "Planted errors found"
    set_name = chosen.settings.analysis_set
    return Table("planted_errors", title, columns, tuple(rows), len(chosen.data.planted_errors), set_name)


def _volume_agreements(chosen: Selection) -> dict[str, Agreement]:
    """Bland-Altman of TTV against the reference, by arm."""
    found: dict[str, Agreement] = {}
    for arm in chosen.settings.arms:
        reads = _with_volumes(chosen, arm)
        if not reads:
            continue
        result = bland_altman_log(
            [chosen.cases[read.case].volume_ml or 0.0 for read in reads],
            [read.ttv_ml or 0.0 for read in reads],
            [read.case for read in reads],
            alpha=chosen.settings.alpha,
        )
        names = {"endpoint": "TTV", "comparison": f"{arm.title} / reference"}
        found[arm.title] = Agreement(
            result.bias.named(**names),
            result.lower.named(**names),
            result.upper.named(**names),
            result.mean_ml,
            result.ratio,
            result.excluded,
        )
    return found


def _with_volumes(chosen: Selection, arm: ArmRow) -> list[ReadRow]:
    return [
        read
        for read in chosen.of_arm(chosen.planned, arm)
        if read.ttv_ml is not None and read.case in chosen.cases and chosen.cases[read.case].volume_ml
    ]


def _between_readers(chosen: Selection) -> list[Result]:
    """ICC of log TTV over cases that every reader read in the arm."""
    found: list[Result] = []
    for arm in chosen.settings.arms:
        rows: dict[int, dict[str, float]] = {}
        for read in chosen.of_arm(chosen.planned, arm):
            if read.ttv_ml:
                rows.setdefault(read.case, {})[read.reader] = float(np.log(read.ttv_ml))
        readers = sorted({reader for one in rows.values() for reader in one})
        if len(readers) < 2:
            continue
        complete = [[one[r] for r in readers] for one in rows.values() if len(one) == len(readers)]
        left = len(rows) - len(complete)
        note = (
            f"{left} cases not read by every reader, or without tumour drawn, are left out." if left else ""
        )
        for form in FORMS:
            result = intraclass_correlations(complete, alpha=chosen.settings.alpha)[form]
            found.append(
                result.with_notes(note).named(
                    endpoint="log TTV", comparison=f"{arm.title}, {len(readers)} readers"
                )
            )
    return found


def _within_readers(chosen: Selection) -> list[Result]:
    """Repeated reads: first against second TTV of the same reader, case and arm."""
    first = {(r.reader, r.case, r.arm): r.ttv_ml for r in chosen.of_record if r.repeat == 0}
    pairs = [
        (read.case, before, read.ttv_ml)
        for read in chosen.of_record
        if read.repeat == 1 and read.ttv_ml and (before := first.get((read.reader, read.case, read.arm)))
    ]
    if not pairs:
        return []
    result = bland_altman_log(
        [before for _, before, _ in pairs], [after for _, _, after in pairs], [case for case, _, _ in pairs]
    )
    return [one.named(endpoint="TTV", comparison="Repeat / first read") for one in result.rows]


def _boxes(chosen: Selection) -> Figure | None:
    titles = {
        name: endpoint_title(name) for name in ("dice", "sensitivity", "precision", "lesion_sensitivity")
    }
    rows = []
    arms = chosen.arm_titles
    for arm in chosen.settings.arms:
        for read in chosen.of_arm(chosen.planned, arm):
            for name, title in titles.items():
                value = chosen.value_of(name)(read)
                if value is not None:
                    rows.append(
                        {"group": title, "series": arm.title, "value": value, "case": f"Case {read.case}"}
                    )
    if not rows:
        return None
    spec = figures.box_plots(
        rows,
        value="Agreement with the reference",
        group="",
        groups=list(titles.values()),
        series="Arm",
        names=arms,
    )
    n = sum(row["group"] == titles["dice"] for row in rows)
    caption = (
        f"{n} reads with a reference. Box: quartiles; whiskers: within 1.5 interquartile ranges; "
        "rings: outliers."
    )
    return Figure("quality", "Quality by arm", caption, n, spec)


def _figure_volumes(chosen: Selection, agreements: dict[str, Agreement]) -> Figure | None:
    rows: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for arm in chosen.settings.arms:
        found = agreements.get(arm.title)
        if found is None or found.bias.estimate is None:
            continue
        reads = [read for read in _with_volumes(chosen, arm) if read.ttv_ml]
        for read, mean, ratio in zip(reads, found.mean_ml, found.ratio, strict=True):
            rows.append(
                {
                    "arm": arm.title,
                    "mean_ml": float(mean),
                    "ratio": float(ratio),
                    "case": f"Case {read.case}",
                    "reader": read.reader,
                    "kind": None,
                }
            )
        for kind, one in (("bias", found.bias), ("limit", found.lower), ("limit", found.upper)):
            label = f"{one.estimate_name}: {one.estimate:.2f}"
            lines.append({"arm": arm.title, "ratio": one.estimate, "kind": kind, "label": label})
    if not rows:
        return None
    arms = [title for title in chosen.arm_titles if title in agreements]
    caption = (
        "Bland-Altman on log volume: final TTV over reference TTV; lines are bias and 95 % limits of "
        "agreement."
    )
    spec = figures.bland_altman(rows, lines, arms)
    return Figure("volume_agreement", "Tumour volume against the reference", caption, len(rows), spec)


def _unit(name: str) -> str:
    return "mL" if name.endswith("_ml") else ""
