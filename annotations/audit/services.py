"""One function writes the audit, inside the transaction of what it records."""

from typing import Any

from django.contrib.auth.models import AbstractUser

from annotations.audit.models import AuditRecord


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
