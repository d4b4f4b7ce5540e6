"""Who a socket belongs to: asked of the stored session, so that signing out elsewhere is noticed."""

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from annotations.accounts.models import User


@database_sync_to_async
def user_of_session(session_key: str | None) -> User | None:
    """The active user of a session as it is stored now; None when there is none (any more)."""
    if not session_key:
        return None
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first()
    if user is None:
        return None
    same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if same else None
