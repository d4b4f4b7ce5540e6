"""Raw events in batches. Nothing is thresholded, nothing is counted twice, nothing is lost after submit."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.errors import InvalidInput
from annotations.imaging.geometry import canonical_json
from annotations.reads.errors import EventConflict
from annotations.reads.models import Event, Read

MOST_IN_A_BATCH = 500
MOST_DATA_BYTES = 4_000


class NewEvent(NamedTuple):
    """As a client sends it; monotonic_ms is performance.now() of its page load."""

    id: UUID
    page_load: UUID
    sequence: int
    kind: str
    monotonic_ms: float
    client_time: datetime
    data: Mapping[str, Any]


class Recorded(NamedTuple):
    stored: int
    known: int
    late: int


def record_events(*, read: Read, events: Sequence[NewEvent]) -> Recorded:
    """Store what is not stored yet. An event is known by its id; what comes after submit is kept as late.

    Raises EventConflict when an id or a sequence number means another event already, InvalidInput.
    """
    _check(events)
    if not events:
        return Recorded(stored=0, known=0, late=0)
    try:
        return _insert(read, events)
    except IntegrityError:
        # The same batch came twice at once: the first has won, so now all of it is known.
        try:
            return _insert(read, events)
        except IntegrityError as error:
            raise EventConflict("A sequence number of this page was used before.") from error


@transaction.atomic
def _insert(read: Read, events: Sequence[NewEvent]) -> Recorded:
    # The row is held so that an event is either before the submit, and in the times, or late.
    state = Read.objects.select_for_update().values_list("state", flat=True).get(pk=read.pk)
    late = state in (Read.State.SUBMITTED, Read.State.ABANDONED)
    known = {event.pk: event for event in Event.objects.filter(pk__in=[event.id for event in events])}
    for event in events:
        if event.id in known and not _same(known[event.id], read, event):
            raise EventConflict("An event of this id was stored before.", id=str(event.id))
    new = {event.id: event for event in events if event.id not in known}
    now = timezone.now()
    Event.objects.bulk_create(
        Event(read=read, server_time=now, late=late, **_fields(event)) for event in new.values()
    )
    return Recorded(stored=len(new), known=len(events) - len(new), late=len(new) if late else 0)


def _fields(event: NewEvent) -> dict[str, Any]:
    return event._asdict() | {"data": dict(event.data)}


def _same(stored: Event, read: Read, sent: NewEvent) -> bool:
    return (stored.read_id, stored.page_load, stored.sequence, stored.kind) == (
        read.pk,
        sent.page_load,
        sent.sequence,
        sent.kind,
    )


def _check(events: Sequence[NewEvent]) -> None:
    if len(events) > MOST_IN_A_BATCH:
        raise InvalidInput("Too many events in a batch.", most=MOST_IN_A_BATCH, got=len(events))
    for event in events:
        if not math.isfinite(event.monotonic_ms) or event.monotonic_ms < 0:
            raise InvalidInput("The time of an event is not a number of milliseconds.", id=str(event.id))
        if len(canonical_json(dict(event.data))) > MOST_DATA_BYTES:
            raise InvalidInput("The data of an event is too long.", id=str(event.id), most=MOST_DATA_BYTES)
