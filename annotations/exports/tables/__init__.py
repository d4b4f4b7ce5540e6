"""All tables of an export, in the order of the package."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from annotations.exports.comparing import Tick
from annotations.exports.study_data import StudyData
from annotations.exports.tables.allocation import allocation
from annotations.exports.tables.column import Table
from annotations.exports.tables.events import events
from annotations.exports.tables.lesions import lesions
from annotations.exports.tables.metrics import metrics
from annotations.exports.tables.reads import reads_long
from annotations.exports.tables.records import analysis_sets, audit, deviations, missing
from annotations.exports.tables.wide import reads_wide

TABLES = (
    "reads_long",
    "reads_wide",
    "events",
    "lesions",
    "metrics",
    "allocation",
    "deviations",
    "audit",
    "analysis_sets",
    "missing",
)
ONLY_RESULTS = ("reads_wide", "events", "lesions", "metrics")
"""Nothing is left of these before the data lock."""


def tables_of(data: StudyData, tick: Tick = lambda stage, done, total: None) -> list[Table]:
    """As they may leave now: masked, neither arms nor results are in them.

    tick: told while versions are compared with their references.
    """
    makers: dict[str, Callable[[StudyData], Table]] = {
        "reads_long": reads_long,
        "reads_wide": reads_wide,
        "events": events,
        "lesions": lesions,
        "metrics": partial(metrics, tick=tick),
        "allocation": allocation,
        "deviations": deviations,
        "audit": audit,
        "analysis_sets": analysis_sets,
    }
    made = [make(data) for name, make in makers.items() if not (data.masked and name in ONLY_RESULTS)]
    shown = [mask(table) if data.masked else table for table in made]
    return [*shown, missing(shown)]


def mask(table: Table) -> Table:
    return replace(table, columns=tuple(column for column in table.columns if not column.masked_until_lock))


def columns_left_out(data: StudyData) -> dict[str, list[str]]:
    """Table to the columns that the mask takes away; a whole table has ["*"]."""
    if not data.masked:
        return {}
    whole = StudyData(data.study, data.plan, masked=False)
    found = {name: ["*"] for name in ONLY_RESULTS}
    for table in tables_of(whole):
        names = [column.name for column in table.columns if column.masked_until_lock]
        if names and table.name not in found:
            found[table.name] = names
    return found
