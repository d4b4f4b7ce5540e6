"""Which reads there are, which are analysed, and why others are not."""

from collections import Counter

from annotations.statistics.report.selection import Selection
from annotations.statistics.report.tables import Cell, Column, Section, Table

STATES = ("not_opened", "open", "final", "submitted", "abandoned")


def overview(chosen: Selection) -> Section:
    missing = _missing(chosen)
    return Section(
        "reads",
        "Reads",
        "What was planned, what was read, and what the analysis is about.",
        tables=(_flow(chosen), missing) if missing.rows else (_flow(chosen),),
    )


def _flow(chosen: Selection) -> Table:
    """One row an arm: how planned reads become analysed ones."""
    analysed = {read.read for read in chosen.planned}
    timed = {read.read for read in chosen.timed}
    rows: list[tuple[Cell, ...]] = []
    for arm in chosen.settings.arms:
        mine = [read for read in chosen.data.reads if read.arm == arm.key]
        counted = [read for read in chosen.assignments if read.arm == arm.key]
        states = Counter(str(read.state) for read in counted)
        rows.append(
            (
                arm.title,
                len(counted),
                *(states.get(state, 0) for state in STATES),
                len(mine) - len(counted),
                sum(chosen.is_practice(read) for read in mine),
                sum(read.repeat > 0 for read in mine),
                sum(read.has_planted_errors for read in mine),
                sum(read.read in analysed for read in mine),
                sum(read.read in timed for read in mine),
            )
        )
    columns = (
        Column("arm", "Arm"),
        Column("planned", "Planned", "integer"),
        *(Column(state, state.replace("_", " ").capitalize(), "integer") for state in STATES),
        Column("read_again", "Opened again", "integer"),
        Column("training", "Training", "integer"),
        Column("repeats", "Repeats", "integer"),
        Column("planted", "With planted errors", "integer"),
        Column("analysed", "Analysed", "integer"),
        Column("timed", "Timed", "integer"),
    )
    notes = (
        "Analysed: first submissions in the analysis set, of cases with tumour, without training, "
        "repeats and "
        "planted errors. Timed: of these, with a clock and in the timing subgroup where one was drawn.",
    )
    set_name = chosen.settings.analysis_set
    return Table("reads", "Reads by arm", columns, tuple(rows), len(chosen.data.reads), set_name, notes)


def _missing(chosen: Selection) -> Table:
    """Why assignments have no submitted read; blank reasons are said to be blank."""
    titles = {arm.key: arm.title for arm in chosen.settings.arms}
    absent = [
        (titles.get(read.arm, read.arm), read.state, read.missing_reason or "no reason given")
        for read in chosen.assignments
        if read.state != "submitted"
    ]
    counted = Counter(absent)
    rows: list[tuple[Cell, ...]] = [(*key, counted[key]) for key in sorted(counted)]
    columns = (
        Column("arm", "Arm"),
        Column("state", "State"),
        Column("reason", "Reason"),
        Column("reads", "Reads", "integer"),
    )
    rules = (
        f"Missing reads: {chosen.settings.missing_rule.replace('_', ' ')}; abandoned reads: "
        f"{chosen.settings.abandoned_rule.replace('_', ' ')}.",
    )
    return Table("missing_reads", "Missing reads", columns, tuple(rows), len(absent), "all", rules)
