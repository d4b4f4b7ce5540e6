"""Where else a read is open: told from its own events, so that nobody draws the same thing twice."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Max, Q
from django.utils import timezone

from annotations.reads.models import Event, EventKind, Read

SIGN_OF_LIFE = timedelta(minutes=10)
"""A page that has recorded nothing for this long is taken for gone: a crashed browser says no goodbye."""


def open_elsewhere(read: Read, page_load: UUID) -> list[UUID]:
    """Other loads of the page that show the read and have not been closed."""
    pages = (
        Event.objects.filter(read=read, server_time__gte=timezone.now() - SIGN_OF_LIFE)
        .exclude(page_load=page_load)
        .values("page_load")
        .annotate(last=Max("sequence"), closed=Max("sequence", filter=Q(kind=EventKind.PAGE_CLOSED)))
        .filter(Q(closed__isnull=True) | Q(closed__lt=F("last")))
    )
    return sorted(page["page_load"] for page in pages)
