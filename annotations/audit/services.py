"""One function writes the audit, inside the transaction of what it records."""

from typing import Any

from annotations.accounts.models import User
from annotations.audit.models import AuditRecord


def record(
    *,
    actor: User | None,
    action: str,
    object_type: str,
    object_id: object,
    old: Any = None,
    new: Any = None,
    reason: str = "",
) -> AuditRecord:
    return AuditRecord.objects.create(
        actor=actor,
        actor_name=actor.username if actor else "system",
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        old=old,
        new=new,
        reason=reason,
    )
