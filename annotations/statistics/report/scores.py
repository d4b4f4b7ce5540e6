"""The score of the AI result: distribution (Table 4), share that is usable, agreement of the rows."""

from collections.abc import Callable, Sequence

import numpy as np

from annotations.statistics.data import ReadRow
from annotations.statistics.kappa import WEIGHTS, clustered_kappa, fleiss_kappa, square_table
from annotations.statistics.proportions import clustered_proportion
from annotations.statistics.report import figures
from annotations.statistics.report.selection import Selection
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table, results_table
from annotations.statistics.results import Result, not_computed

ROWS = (1, 2, 3, 4, 5)
USABLE = 4
MEANING = {
    1: "Perfect/optimal",
    2: "Optimal with minor adjustments",
    3: "Acceptable with minor adjustments",
    4: "Acceptable with major adjustments",
    5: "Non-usable",
}
Getter = Callable[[ReadRow], int | None]
SOURCES: dict[str, Getter] = {
    "Reader": lambda read: read.score_row,
    "Derived": lambda read: read.derived_row,
    "Derived, strict": lambda read: read.strict_row,
    "Against reference": lambda read: read.reference_row,
}
PAIRS = (
    ("Reader", "Derived"),
    ("Reader", "Derived, strict"),
    ("Reader", "Against reference"),
    ("Derived", "Against reference"),
)


def scored_reads(chosen: Selection) -> list[ReadRow]:
    """Planned reads of AI arms: negative controls and altered AI results are out of every denominator."""
    starts = {arm.key for arm in chosen.settings.arms if arm.start == "ai"}
    return [read for read in chosen.planned if read.arm in starts]


def usable_share(chosen: Selection) -> Result:
    rows = [(read.case, read.score_row) for read in scored_reads(chosen) if read.score_row is not None]
    found = clustered_proportion(
        [case for case, _ in rows], [row <= USABLE for _, row in rows], alpha=chosen.settings.alpha
    )
    return found.named(endpoint="AI result usable (rows 1-4)", comparison="Reader", role="descriptive")


def scores(chosen: Selection) -> Section | None:
    """None where the plan has no AI arm or nothing was scored."""
    reads = scored_reads(chosen)
    if not any(getter(read) is not None for read in reads for getter in SOURCES.values()):
        return None
    agreement = _agreement(chosen, reads)
    set_name = chosen.settings.analysis_set
    tables = (
        _distribution(chosen, reads),
        results_table(
            "score_agreement", "Usable share and agreement of the rows", agreement, analysis_set=set_name
        ),
        _by_read(chosen, reads),
    )
    return Section(
        "scores",
        "Score of the AI result",
        "The reader's first score, given before any count was shown, beside the rows that follow "
        "from the voxels.",
        tables=tables,
        figures=(_bars(reads), *_matrices(reads)),
    )


def _distribution(chosen: Selection, reads: Sequence[ReadRow]) -> Table:
    """Counts and shares of rows 1-5 (the paper's Table 4), and of rows 1-4 together with its interval."""
    rows: list[tuple[Cell, ...]] = []
    for source, getter in SOURCES.items():
        known = [(read.case, row) for read in reads if (row := getter(read)) is not None]
        if not known:
            continue
        for row in ROWS:
            rows.append((source, f"{row} ({MEANING[row]})", *_share_cells(known, {row}, chosen)))
        rows.append((source, "1-4 (usable)", *_share_cells(known, {1, 2, 3, 4}, chosen)))
    columns = (
        Column("source", "Row given by"),
        Column("row", "Score"),
        Column("count", "Reads", "integer"),
        Column("n", "n", "integer"),
        Column("share", "Share", "percent", digits=0),
        Column("ci_low", "CI low", "percent", digits=0),
        Column("ci_high", "CI high", "percent", digits=0),
        Column("test", "Interval"),
    )
    notes = (
        "Negative controls and reads with planted errors are out of the denominator. Derived rows: AI result "
        "against the reader's final segmentation, so missing and false lesions are anchored to what the AI "
        "showed; against the reference they are counted again.",
    )
    title = "Score of the AI result (Table 4)"
    return Table("scores", title, columns, tuple(rows), len(reads), chosen.settings.analysis_set, notes)


def _share_cells(known: list[tuple[int, int]], wanted: set[int], chosen: Selection) -> tuple[Cell, ...]:
    outcomes = [row in wanted for _, row in known]
    found = clustered_proportion([case for case, _ in known], outcomes, alpha=chosen.settings.alpha)
    share = sum(outcomes) / len(outcomes)
    return sum(outcomes), len(known), share, found.ci_low, found.ci_high, found.test


def _agreement(chosen: Selection, reads: Sequence[ReadRow]) -> list[Result]:
    settings = chosen.settings
    found = [usable_share(chosen)]
    for first, second in PAIRS:
        pairs = _both(reads, first, second)
        if not pairs:
            continue
        equal = clustered_proportion(
            [c for c, _, _ in pairs], [a == b for _, a, b in pairs], alpha=settings.alpha
        )
        results = [equal.named(estimate_name="share of equal rows")]
        for weights in WEIGHTS:
            results.append(
                clustered_kappa(
                    [case for case, _, _ in pairs],
                    [one for _, one, _ in pairs],
                    [two for _, _, two in pairs],
                    ROWS,
                    weights,
                    seed=settings.seed,
                    resamples=settings.resamples,
                    alpha=settings.alpha,
                )
            )
        found += [one.named(endpoint="Table 1 row", comparison=f"{first} / {second}") for one in results]
    found.append(_between_readers(chosen, reads))
    return found


def _between_readers(chosen: Selection, reads: Sequence[ReadRow]) -> Result:
    """Fleiss' kappa over cases that all readers scored in the same AI arm."""
    rows: dict[tuple[int, str], dict[str, int]] = {}
    for read in reads:
        if read.score_row is not None:
            rows.setdefault((read.case, read.arm), {})[read.reader] = read.score_row
    readers = {reader for one in rows.values() for reader in one}
    complete = [one for one in rows.values() if len(one) == len(readers)]
    if len(readers) < 2:
        found = not_computed("Fleiss' kappa", len(complete), "one reader")
    else:
        counts = [[list(one.values()).count(row) for row in ROWS] for one in complete]
        found = fleiss_kappa(counts, alpha=chosen.settings.alpha)
        left = len(rows) - len(complete)
        found = found.with_notes(
            f"{left} cases without a score by every reader are left out." if left else ""
        )
    return found.named(endpoint="Table 1 row", comparison="Between readers")


def _both(reads: Sequence[ReadRow], first: str, second: str) -> list[tuple[int, int, int]]:
    found = [(read.case, SOURCES[first](read), SOURCES[second](read)) for read in reads]
    return [(case, one, two) for case, one, two in found if one is not None and two is not None]


def _by_read(chosen: Selection, reads: Sequence[ReadRow]) -> Table:
    columns = (
        Column("case", "Case", "integer"),
        Column("pseudonym", "Patient"),
        Column("reader", "Reader"),
        *(
            Column(f"{source.lower().replace(', ', '_').replace(' ', '_')}_row", source, "integer")
            for source in SOURCES
        ),
        Column("missing", "Missing lesions", "integer"),
        Column("false_positive", "False positives", "integer"),
        Column("partial", "Partial", "integer"),
        Column("gross_partial", "Gross partial", "integer"),
        Column("confidence", "Confidence", "integer"),
    )
    rows = [
        (
            read.case,
            chosen.cases[read.case].pseudonym if read.case in chosen.cases else "",
            read.reader,
            *(getter(read) for getter in SOURCES.values()),
            read.missing_lesions,
            read.false_positive_lesions,
            read.partial_lesions,
            read.gross_partial_lesions,
            read.confidence,
        )
        for read in reads
    ]
    set_name = chosen.settings.analysis_set
    return Table("scores_by_read", "Score of each read", columns, tuple(rows), len(rows), set_name)


def _bars(reads: Sequence[ReadRow]) -> Figure:
    rows, sources = [], []
    for source, getter in SOURCES.items():
        known = [row for read in reads if (row := getter(read)) is not None]
        if not known:
            continue
        label = f"{source} (n = {len(known)})"
        sources.append(label)
        start = 0.0
        for row in ROWS:
            share = known.count(row) / len(known)
            if share:
                rows.append(
                    {
                        "source": label,
                        "row": row,
                        "meaning": MEANING[row],
                        "count": known.count(row),
                        "start": start,
                        "end": start + share,
                        "middle": start + share / 2,
                        "label": f"{known.count(row)} ({100 * share:.0f} %)",
                    }
                )
            start += share
    caption = (
        "Share of reads in each row of Table 1; figures in the bars are counts. Negative controls are out."
    )
    return Figure(
        "scores", "Score of the AI result", caption, len(reads), figures.stacked_rows(rows, sources)
    )


def _matrices(reads: Sequence[ReadRow]) -> list[Figure]:
    found = []
    for first, second in PAIRS[:1] + PAIRS[2:3]:
        pairs = _both(reads, first, second)
        if not pairs:
            continue
        table = square_table([a for _, a, _ in pairs], [b for _, _, b in pairs], ROWS)
        rows = [
            {"first": one, "second": two, "count": int(table[i, j])}
            for i, one in enumerate(ROWS)
            for j, two in enumerate(ROWS)
        ]
        key = f"rows_{first}_{second}".lower().replace(", ", "_").replace(" ", "_")
        spec = figures.agreement_matrix(rows, f"{first}: row", f"{second}: row")
        equal = int(np.trace(table))
        caption = f"Reads by both rows; {equal} of {len(pairs)} on the diagonal agree."
        found.append(Figure(key, f"Rows: {first.lower()} and {second.lower()}", caption, len(pairs), spec))
    return found
