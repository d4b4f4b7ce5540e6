"""An electronic signature: password again, name, time with the signer's zone, meaning, and what is signed."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotations.accounts.models import User
from annotations.errors import InvalidInput
from annotations.reads.errors import WrongPassword


def sign(*, by: User, password: str, meaning: str, zone: str, at: datetime, digest: str) -> dict[str, Any]:
    """The record of a signature under `digest`. zone: IANA name of where the signer is.

    Raises WrongPassword, InvalidInput (no meaning, no such zone).
    """
    if not by.check_password(password):
        raise WrongPassword("The password is wrong: nothing was signed.")
    if not meaning.strip():
        raise InvalidInput("Please say what your signature means.", field="meaning")
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput("There is no such time zone.", field="zone", got=zone[:60]) from error
    return {
        "name": by.get_full_name() or by.username,
        "user": by.pk,
        "meaning": meaning.strip(),
        "at": at.isoformat(),
        "zone": zone,
        "local_time": local.isoformat(),
        "digest": digest,
    }
