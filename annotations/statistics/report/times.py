"""Reading time by arm: description, paired tests, the model, sensitivity to the clock's rules (Figure 4)."""

from collections.abc import Sequence

import numpy as np

from annotations.statistics.crossover import Comparison, compare_arms
from annotations.statistics.data import ReadRow
from annotations.statistics.distribution import summarise_values
from annotations.statistics.mixed_model import TimedRead
from annotations.statistics.paired import hodges_lehmann, paired_t, paired_t_log, wilcoxon_signed_rank
from annotations.statistics.report import figures
from annotations.statistics.report.selection import Pairs, Selection, endpoint_title, values
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table, results_table
from annotations.statistics.results import Result
from annotations.statistics.unpaired import spearman, unpaired_t_log

PARTS = ("paused_s", "hidden_s", "loading_s", "computing_s", "idle_s", "active_s")
PART_TITLES = ("Paused", "Hidden", "Loading", "Computing", "Idle", "Active")


def times(chosen: Selection, comparison: Comparison | None, results: Sequence[Result]) -> Section | None:
    """None where nothing was timed. Shown only together with quality by arm (quality.py)."""
    if not chosen.timed:
        return None
    set_name = chosen.settings.analysis_set
    tables = [_by_arm(chosen)]
    found: list[Figure] = []
    if results:
        tables.append(
            results_table("time_tests", "Comparison of reading times", results, analysis_set=set_name)
        )
    if comparison is not None and comparison.effects:
        tables.append(_model(chosen, comparison))
    if chosen.compared is not None:
        sensitivity = _sensitivity(chosen)
        tables.append(
            results_table(
                "time_sensitivity",
                "Sensitivity to the rules of the clock",
                sensitivity,
                analysis_set=set_name,
                notes=(
                    "The comparison of record is the first row; the others are the same raw events "
                    "read otherwise.",
                ),
            )
        )
        pairs = chosen.pairs(chosen.timed, _minutes, use_logs=True)
        if pairs is not None and len(pairs.cases):
            found.append(_figure_pairs(chosen, pairs, results))
        if any(one.estimate is not None for one in sensitivity):
            found.append(_figure_sensitivity(chosen, sensitivity))
    intro = (
        "Active time: first interactive PET image to the last 'Segmentation final', without declared "
        "pauses, hidden "
        "tabs, loading, computing, and gaps beyond T. Time saved is to be read with the quality by arm below."
    )
    return Section("times", "Reading time", intro, tables=tuple(tables), figures=tuple(found))


def model_of_times(chosen: Selection) -> Comparison | None:
    """The mixed model over all timed reads of the two arms."""
    if chosen.compared is None:
        return None
    control, test = chosen.compared
    reads = [one for one in chosen.timed if one.arm in (control.key, test.key)]
    return compare_arms(
        [_timed(chosen, one, test.key) for one in reads],
        seed=chosen.settings.seed,
        alpha=chosen.settings.alpha,
    )


def _timed(chosen: Selection, read: ReadRow, test_key: str) -> TimedRead:
    case = chosen.cases.get(read.case)
    return TimedRead(
        case=read.case,
        reader=read.reader,
        is_test=read.arm == test_key,
        seconds=read.active_s or 0.0,
        period=read.period,
        sequence=read.sequence,
        read_number=read.read_number,
        burden=(case.burden_stratum if case else "") or "",
    )


def time_results(chosen: Selection, comparison: Comparison | None) -> list[Result]:
    """Paired tests over cases, the model, and the comparison of different cases where nothing is paired."""
    if chosen.compared is None:
        return []
    control, test = chosen.compared
    settings = chosen.settings
    names = {
        "endpoint": endpoint_title("active_s"),
        "comparison": f"{test.title} / {control.title}",
        "analysis_set": settings.analysis_set,
    }
    found = paired_results(chosen, "active_s", scale=60.0, unit="min")
    if comparison is not None:
        found += [comparison.arm, comparison.readers]
    pairs = chosen.pairs(chosen.timed, _minutes)
    if pairs is None or len(pairs.cases) == 0:
        reads = [chosen.of_arm(chosen.timed, arm) for arm in (control, test)]
        first, second = (values(one, chosen.value_of("active_s")) for one in reads)
        found.append(
            unpaired_t_log(first, second, alpha=settings.alpha)
            .named(n_unit="reads")
            .with_notes(_dependence([*reads[0], *reads[1]]))
        )
    return [one.named(**names) for one in found]


def _dependence(reads: Sequence[ReadRow]) -> str:
    """An unpaired test takes reads for independent; said where a case was read more than once."""
    cases = {read.case for read in reads}
    if len(cases) == len(reads):
        return ""
    return (
        f"{len(reads)} reads of {len(cases)} cases are taken as independent: the interval is too narrow and "
        "p too small. No reader read a case in both arms, so nothing is paired."
    )


def paired_results(chosen: Selection, endpoint: str, *, scale: float, unit: str) -> list[Result]:
    settings = chosen.settings
    value = chosen.value_of(endpoint)
    plain = chosen.pairs(chosen.timed, lambda read: _scaled(value(read), scale))
    logs = chosen.pairs(chosen.timed, lambda read: _scaled(value(read), scale), use_logs=True)
    if plain is None or logs is None or len(plain.cases) == 0:
        return []
    note = _averaged(plain)
    found = [
        paired_t_log(logs.control, logs.test, alpha=settings.alpha),
        paired_t(plain.control, plain.test, alpha=settings.alpha, unit=unit),
        wilcoxon_signed_rank(plain.control, plain.test),
        hodges_lehmann(
            plain.control,
            plain.test,
            seed=settings.seed,
            resamples=settings.resamples,
            alpha=settings.alpha,
            unit=unit,
        ),
    ]
    return [one.with_notes(note) for one in found]


def _averaged(pairs: Pairs) -> str:
    if pairs.reads == 2 * len(pairs.cases):
        return ""
    return (
        f"{pairs.reads // 2} pairs of {pairs.readers} readers, averaged within {len(pairs.cases)} cases; "
        "generalises to cases, not to other readers."
    )


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def _minutes(read: ReadRow) -> float | None:
    return None if read.active_s is None else read.active_s / 60


def _by_arm(chosen: Selection) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("reads", "Reads", "integer"),
        Column("cases", "Cases", "integer"),
        Column("median_min", "Median", "number", "min", 1),
        Column("q1_min", "Q1", "number", "min", 1),
        Column("q3_min", "Q3", "number", "min", 1),
        Column("mean_min", "Mean", "number", "min", 1),
        Column("sd_min", "SD", "number", "min", 1),
        Column("wall_min", "Wall, median", "number", "min", 1),
        *(
            Column(f"{name}_share", f"{title}, share of wall", "percent", digits=0)
            for name, title in zip(PARTS, PART_TITLES, strict=True)
        ),
        Column("first_edit_s", "First edit, median", "number", "s", 0),
        Column("actions", "Actions, median", "number", "", 0),
        Column("per_lesion_s", "Active per lesion, median", "number", "s", 0),
        Column("job_s", "AI job beside, median", "number", "s", 0),
    )
    rows = [_arm_row(chosen, arm.title, chosen.of_arm(chosen.timed, arm)) for arm in chosen.settings.arms]
    notes = (
        f"T = {chosen.settings.idle_threshold_s:g} s: a longer gap counts as T. Shares are of the "
        "summed wall time "
        "of the arm's reads; the six parts add up to it. AI jobs finish before the read: their time "
        "stands beside.",
    )
    set_name = chosen.settings.analysis_set
    return Table("times", "Reading time by arm", columns, tuple(rows), len(chosen.timed), set_name, notes)


def _arm_row(chosen: Selection, title: str, reads: Sequence[ReadRow]) -> tuple[Cell, ...]:
    found = summarise_values([read.active_s / 60 for read in reads if read.active_s])
    walls = [read.wall_s for read in reads if read.wall_s is not None]
    whole = [read for read in reads if read.wall_s and all(getattr(read, part) is not None for part in PARTS)]
    total = sum(read.wall_s or 0 for read in whole)
    shares = [sum(getattr(read, part) for read in whole) / total if total else None for part in PARTS]
    per_lesion = [read.active_s / read.lesion_count for read in reads if read.active_s and read.lesion_count]
    return (
        title,
        len(reads),
        len({read.case for read in reads}),
        found.median,
        found.q1,
        found.q3,
        found.mean,
        found.sd,
        _median([one / 60 for one in walls]),
        *shares,
        _median(values(reads, chosen.value_of("time_to_first_edit_s"))),
        _median(values(reads, chosen.value_of("action_count"))),
        _median(per_lesion),
        _median(values(reads, chosen.value_of("job_s"))),
    )


def _median(numbers: Sequence[float]) -> float | None:
    return float(np.median(numbers)) if numbers else None


def _model(chosen: Selection, comparison: Comparison) -> Table:
    rows: list[tuple[Cell, ...]] = [
        ("fixed effect", one.term, one.ratio, one.ci_low, one.ci_high, one.p_wald, None)
        for one in comparison.effects
    ]
    rows += [
        ("random effect", name, None, None, None, None, float(np.sqrt(variance)))
        for name, variance in comparison.variances
    ]
    columns = (
        Column("kind", "Kind"),
        Column("term", "Term"),
        Column("ratio", "Ratio of times", "number", digits=3),
        Column("ci_low", "CI low", "number", digits=3),
        Column("ci_high", "CI high", "number", digits=3),
        Column("p_wald", "p, Wald", "p"),
        Column("sd_log", "SD of log time", "number", digits=3),
    )
    notes = (
        "Wald intervals and p are optimistic with few readers: the test of record is the permutation above.",
        *comparison.arm.notes,
    )
    return Table(
        "time_model",
        "Mixed model of log time",
        columns,
        tuple(rows),
        len(chosen.timed),
        chosen.settings.analysis_set,
        notes,
    )


def _sensitivity(chosen: Selection) -> list[Result]:
    """Paired t on log values for the time of record, wall time and every variant of the clock."""
    assert chosen.compared is not None
    control, test = chosen.compared
    variants = sorted({name for read in chosen.timed for name in read.variants})
    found = []
    for name in ["active_s", "wall_s", *variants]:
        pairs = chosen.pairs(chosen.timed, chosen.value_of(name), use_logs=True)
        if pairs is None:
            continue
        result = paired_t_log(pairs.control, pairs.test, alpha=chosen.settings.alpha)
        found.append(
            result.named(endpoint=endpoint_title(name), comparison=f"{test.title} / {control.title}")
        )
    volumes = [(chosen.cases[r.case].volume_ml, r) for r in chosen.timed if r.case in chosen.cases]
    for arm in (control, test):
        known = [(v, r.active_s) for v, r in volumes if v and r.active_s and r.arm == arm.key]
        rho = spearman([v for v, _ in known], [t for _, t in known]) if known else None
        if rho is not None:
            found.append(
                rho.named(endpoint="Active time and reference TTV", comparison=arm.title, n_unit="reads")
            )
    return found


def _figure_pairs(chosen: Selection, pairs: Pairs, results: Sequence[Result]) -> Figure:
    assert chosen.compared is not None
    arms = [arm.title for arm in chosen.compared]
    kept = set(pairs.cases)
    by_pair: dict[str, list[dict[str, object]]] = {}
    for arm in chosen.compared:
        for read in chosen.of_arm(chosen.timed, arm):
            if read.case in kept:
                pair = f"{read.reader} {read.case}"
                by_pair.setdefault(pair, []).append(
                    {
                        "pair": pair,
                        "arm": arm.title,
                        "minutes": _minutes(read),
                        "reader": read.reader,
                        "case": f"Case {read.case}",
                    }
                )
    rows = [row for pair in by_pair.values() if len(pair) == 2 for row in pair]
    medians = []
    for arm_title in arms:
        middle = float(np.median([float(str(row["minutes"])) for row in rows if row["arm"] == arm_title]))
        medians.append({"arm": arm_title, "minutes": middle, "label": f"{middle:.1f} min"})
    spec = figures.paired_times(rows, medians, arms)
    primary = next((one for one in results if one.role == "primary"), results[0] if results else None)
    said = f" {primary.test}: {p_words(primary.p)}." if primary is not None and primary.p is not None else ""
    caption = f"Each line is one case read by one reader in both arms; bars are medians.{said}"
    return Figure("times", "Reading time by arm (Figure 4)", caption, len(rows) // 2, spec)


def _figure_sensitivity(chosen: Selection, results: Sequence[Result]) -> Figure:
    rows = [
        {
            "name": one.endpoint,
            "estimate": one.estimate,
            "low": one.ci_low,
            "high": one.ci_high,
            "label": f"{one.estimate:.2f} ({one.ci_low:.2f} to {one.ci_high:.2f}), n = {one.n}",
        }
        for one in results
        if one.estimate is not None and one.ci_low is not None and one.estimate_name == "geometric mean ratio"
    ]
    assert chosen.compared is not None
    control, test = chosen.compared
    spec = figures.forest(rows, title=f"Geometric mean ratio, {test.title} / {control.title}")
    n = max(one.n for one in results if one.estimate_name == "geometric mean ratio")
    return Figure(
        "time_sensitivity",
        "Time ratio under other rules of the clock",
        "Ratios with 95 % intervals (paired t test on log values, over cases); below 1 the test arm "
        "is faster.",
        n,
        spec,
    )


def p_words(p: float | None) -> str:
    if p is None:
        return "p not computed"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
