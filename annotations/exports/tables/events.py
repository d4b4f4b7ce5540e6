"""events: one row a raw event, streamed."""

from collections.abc import Iterator
from typing import Any

from annotations.exports.study_data import StudyData
from annotations.exports.tables.column import Column, Kind, Table
from annotations.reads.models import Event, EventKind

FIELDS = (
    "read_id",
    "page_load",
    "sequence",
    "kind",
    "monotonic_ms",
    "client_time",
    "server_time",
    "late",
    "data",
)
CHUNK = 2_000


def _column(name: str, kind: Kind, unit: str, meaning: str, **more: Any) -> Column:
    place = FIELDS.index("read_id" if name == "read" else name)
    return Column(name, kind, unit, meaning, "as recorded", lambda event: event[place], **more)


COLUMNS = (
    _column("read", "text", "", "Id of the read, as in reads_long."),
    _column("page_load", "text", "", "Id of one load of the page in one tab."),
    _column("sequence", "integer", "count", "Number within the page load, from 0."),
    _column(
        "kind",
        "text",
        "",
        "What happened: one raw, timestamped fact.",
        values={kind.value: str(kind.label) for kind in EventKind},
    ),
    _column("monotonic_ms", "number", "ms", "The page load's monotonic clock (performance.now())."),
    _column("client_time", "time", "UTC", "The reader's own clock, which may be wrong or be set."),
    _column("server_time", "time", "UTC", "When the server received it."),
    _column("late", "boolean", "", "Received after submit: kept, outside all times."),
    _column("data", "json", "JSON", "Lesion and tool of an edit, and the like."),
)


def events(data: StudyData) -> Table:
    return Table(
        "events",
        "Raw events",
        "one event of a read; by read (as in reads_long), page load and sequence",
        ("read", "page_load", "sequence"),
        COLUMNS,
        lambda: _rows(data),
        rows_are_values=True,
    )


def _rows(data: StudyData) -> Iterator[tuple[Any, ...]]:
    for row in data.rows:
        if row.read is None:
            continue
        found = Event.objects.filter(read=row.read.pk).order_by("page_load", "sequence")
        for stored in found.values_list(*FIELDS[1:]).iterator(CHUNK):
            yield (row.read.pk, *stored)
