"""deviations, analysis_sets, audit and missing: what was done, by whom, and what is not there."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from annotations.audit.models import AuditRecord
from annotations.exports.analysis_sets import RULES, WHY_NOT, memberships
from annotations.exports.deviations import deviations_of
from annotations.exports.pseudonyms import People
from annotations.exports.study_data import StudyData
from annotations.exports.table import cell
from annotations.exports.tables.column import Column, Kind, Reason, Table
from annotations.reads.audit_trail import entries_of_reader_study
from annotations.reads.deviations import BREAKS_PROTOCOL, KINDS

SYSTEM = Reason("system", "found by the software, not by a person", lambda one: one.deviation.by is None)
NO_TIME = Reason("no_time", "it has no time of its own", lambda one: one.deviation.at is None)
TELLING_ACTIONS = ("read_scored", "score_revised")
"""Only reads that start from an AI result are scored."""


def deviations(data: StudyData) -> Table:
    people = People(data.readers, entries_of_reader_study(data.study))
    columns = (
        _of_row("read", "text", "Id of the read, as in reads_long.", lambda row: row.read.pk),
        _of_row("reader", "text", "Pseudonym of the reader.", lambda row: row.reader),
        _of_row("case_number", "integer", "Number of the case.", lambda row: row.assignment.case.number),
        Column(
            "kind",
            "text",
            "",
            "What departed from the plan.",
            "server",
            lambda one: one.deviation.kind,
            values=KINDS,
        ),
        Column(
            "breaks_protocol",
            "boolean",
            "",
            "Takes the read out of a per-protocol set.",
            "rule of the analysis sets",
            lambda one: one.deviation.kind in BREAKS_PROTOCOL,
        ),
        Column("at", "time", "UTC", "When.", "clock of the server", lambda one: one.deviation.at, (NO_TIME,)),
        Column(
            "by",
            "text",
            "",
            "Pseudonym of who allowed or did it.",
            "audit",
            lambda one: None if one.deviation.by is None else people.code(one.deviation.by),
            (SYSTEM,),
        ),
        Column(
            "reason",
            "text",
            "",
            "The reason given, or what was found.",
            "the person's words, names replaced",
            lambda one: people.hide_in_text(one.deviation.text) or None,
            (Reason("not_stated", "no reason was stated", lambda one: True),),
        ),
    )
    return Table(
        "deviations",
        "Deviations from the plan",
        "one deviation of one read",
        ("read", "kind"),
        columns,
        lambda: deviations_of(data),
    )


def analysis_sets(data: StudyData) -> Table:
    columns = (
        Column(
            "read",
            "text",
            "",
            "Id of the read, as in reads_long.",
            "read",
            lambda one: one.row.read.pk if one.row.read else None,
            (Reason("not_opened", "the assignment was not opened", lambda one: one.row.read is None),),
        ),
        Column("assignment", "text", "", "Id of the assignment.", "plan", lambda one: one.row.assignment.pk),
        _of_row("reader", "text", "Pseudonym of the reader.", lambda row: row.reader),
        _of_row("case_number", "integer", "Number of the case.", lambda row: row.assignment.case.number),
        Column("analysis_set", "text", "", "Name of the set in the plan.", "plan", lambda one: one.set_name),
        Column("rule", "text", "", "Who is in it.", "plan", lambda one: one.rule, values=RULES),
        Column("is_in", "boolean", "", "The read is in the set.", "rule of the set", lambda one: one.is_in),
        Column(
            "why_not",
            "text",
            "",
            "Why the read is not in the set.",
            "rule of the set",
            lambda one: one.why_not or None,
            (Reason("in_set", "the read is in the set", lambda one: one.is_in),),
            {code: meaning for code, meaning in WHY_NOT.items() if code},
        ),
    )
    return Table(
        "analysis_sets",
        "Analysis sets",
        "one read in one analysis set of the plan",
        ("assignment", "read", "analysis_set"),
        columns,
        lambda: memberships(data),
    )


def audit(data: StudyData) -> Table:
    """Of the reader study, its plans, its reads and their versions; people by pseudonym."""
    entries = entries_of_reader_study(data.study).order_by("at", "pk")
    if data.masked:
        entries = entries.exclude(action__in=TELLING_ACTIONS)
    people = People(data.readers, entries_of_reader_study(data.study))
    unchanged = (Reason("none", "nothing was there", lambda one: True),)

    def hidden(field: str) -> Any:
        return lambda one: people.hide(getattr(one, field))

    columns = (
        Column("entry", "integer", "", "Number of the entry, ascending.", "audit", lambda one: one.pk),
        Column("at", "time", "UTC", "When.", "clock of the server", lambda one: one.at),
        Column(
            "actor", "text", "", "Pseudonym of who did it.", "audit", lambda one: people.code(one.actor_id)
        ),
        Column("action", "text", "", "What was done.", "audit", lambda one: one.action),
        Column("object_type", "text", "", "Kind of the object.", "audit", lambda one: one.object_type),
        Column("object_id", "text", "", "Id of the object.", "audit", lambda one: one.object_id),
        Column(
            "old",
            "json",
            "JSON",
            "Values before.",
            "audit, names replaced",
            hidden("old"),
            unchanged,
            masked_until_lock=True,
        ),
        Column(
            "new",
            "json",
            "JSON",
            "Values after.",
            "audit, names replaced",
            hidden("new"),
            unchanged,
            masked_until_lock=True,
        ),
        Column(
            "reason",
            "text",
            "",
            "The reason given.",
            "the person's words, names replaced",
            lambda one: people.hide_in_text(one.reason) or None,
            (Reason("not_stated", "no reason was stated", lambda one: True),),
            masked_until_lock=True,
        ),
    )
    return Table(
        "audit", "Audit", "one action of one person", ("entry",), columns, lambda: _audit_rows(entries)
    )


def _audit_rows(entries: Any) -> Iterator[AuditRecord]:
    yield from entries.iterator(2_000)


class Gap(NamedTuple):
    table: str
    row: str
    column: str
    reason: str


def missing(tables: Sequence[Table]) -> Table:
    """One row an empty cell of the tables that explain their gaps."""
    columns = (
        Column("table", "text", "", "Table of the empty cell.", "export", lambda gap: gap.table),
        Column(
            "row", "text", "", "Key of its row: name=value, joined by '; '.", "export", lambda gap: gap.row
        ),
        Column("column", "text", "", "Column of the empty cell.", "export", lambda gap: gap.column),
        Column(
            "reason",
            "text",
            "",
            "Why it is empty: the first reason that holds.",
            "rule of the column",
            lambda gap: gap.reason,
            values=_reasons(tables),
        ),
    )
    return Table(
        "missing",
        "Reasons of empty cells",
        "one empty cell",
        ("table", "row", "column"),
        columns,
        lambda: _gaps(tables),
    )


def _reasons(tables: Iterable[Table]) -> dict[str, str]:
    explained = [table for table in tables if table.explains_gaps]
    found = {
        one.code: one.meaning for table in explained for column in table.columns for one in column.missing
    }
    return dict(sorted(found.items()))


def _gaps(tables: Sequence[Table]) -> Iterator[Gap]:
    for table in tables:
        if not table.explains_gaps:
            continue
        key = [column for column in table.columns if column.name in table.key]
        for row in table.rows():
            name = "; ".join(f"{column.name}={cell(column.value(row))}" for column in key)
            for column in table.columns:
                if column.value(row) is None:
                    yield Gap(table.name, name, column.name, column.why_empty(row))


def _of_row(name: str, kind: Kind, meaning: str, value: Any) -> Column:
    return Column(name, kind, "", meaning, "plan", lambda one: value(one.row))
