"""Reads of the audit. Which rows belong to a study or a read is said by the room that knows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from annotations.audit.models import AuditRecord


class AuditFilter(NamedTuple):
    """Empty text and None narrow nothing. actor: user name at that time. until: before this time."""

    object_type: str = ""
    object_id: str = ""
    action: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None


def all_entries() -> QuerySet[AuditRecord]:
    """Oldest first."""
    return AuditRecord.objects.order_by("pk")


def entries_of(object_type: str, *object_ids: object) -> QuerySet[AuditRecord]:
    return all_entries().filter(about(object_type, object_ids))


def about(object_type: str, object_ids: Iterable[object]) -> Q:
    """A filter: entries of these objects of one type."""
    return Q(object_type=object_type, object_id__in=[str(one) for one in object_ids])


def filtered(entries: QuerySet[AuditRecord], wanted: AuditFilter) -> QuerySet[AuditRecord]:
    exact = {
        "object_type": wanted.object_type,
        "object_id": wanted.object_id,
        "action": wanted.action,
        "actor_name": wanted.actor,
    }
    found = entries.filter(**{name: value for name, value in exact.items() if value})
    if wanted.since is not None:
        found = found.filter(at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(at__lt=wanted.until)
    return found
