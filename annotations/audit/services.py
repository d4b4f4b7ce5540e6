"""One function writes the audit, inside the transaction of what it records; another says who looked."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.utils import timezone

from annotations.audit.models import AuditRecord

ACCESS_SPAN = timedelta(hours=1)
"""A person who looks at the same object again within this time is recorded once."""


def record(
    *,
    actor: AbstractUser | None,
    action: str,
    object_type: str,
    object_id: object,
    old: Any = None,
    new: Any = None,
    reason: str = "",
) -> AuditRecord:
    return AuditRecord.objects.create(
        actor_id=actor.pk if actor else None,
        actor_name=actor.username if actor else "system",
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        old=old,
        new=new,
        reason=reason,
    )


def record_access(*, actor: AbstractUser, action: str, object_type: str, object_id: object) -> None:
    """That `actor` looked at patient data. A range request or a reload within the hour adds nothing."""
    same = AuditRecord.objects.filter(
        object_type=object_type,
        object_id=str(object_id),
        action=action,
        actor=actor.pk,
        at__gte=timezone.now() - ACCESS_SPAN,
    )
    if not same.exists():
        record(actor=actor, action=action, object_type=object_type, object_id=object_id)
