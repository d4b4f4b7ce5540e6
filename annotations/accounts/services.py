"""Accounts are made, changed and switched off by an administrator; each change is audited."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from annotations.accounts.models import Role, RoleGrant, User
from annotations.audit.services import record
from annotations.errors import Conflict, InvalidInput


class UserNameTaken(Conflict):
    code = "user_name_taken"


class WeakPassword(InvalidInput):
    code = "weak_password"


class LastAdministrator(Conflict):
    code = "last_administrator"


def create_user(
    *,
    by: User | None,
    username: str,
    password: str,
    roles: Iterable[str],
    first_name: str = "",
    last_name: str = "",
    is_demo: bool = False,
) -> User:
    """A new account. `by` is None only for the first administrator and for demo accounts."""
    user = User(username=username, first_name=first_name, last_name=last_name, is_demo=is_demo)
    if not is_demo:
        _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            _grant(user, roles)
            record(actor=by, action="user_created", object_type="user", object_id=user.pk, new=_state(user))
    except IntegrityError as error:
        raise UserNameTaken("This user name is taken.", username=username) from error
    return user


@transaction.atomic
def update_user(
    *,
    by: User,
    user: User,
    roles: Iterable[str] | None = None,
    is_active: bool | None = None,
    password: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
) -> User:
    old = _state(user)
    if password is not None:
        _check_password(password, user)
        user.set_password(password)
    user.is_active = user.is_active if is_active is None else is_active
    user.first_name = user.first_name if first_name is None else first_name
    user.last_name = user.last_name if last_name is None else last_name
    user.save()
    if roles is not None:
        user.role_grants.all().delete()
        _grant(user, roles)
    _keep_one_administrator()
    record(actor=by, action="user_changed", object_type="user", object_id=user.pk, old=old, new=_state(user))
    return user


def _grant(user: User, roles: Iterable[str]) -> None:
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise InvalidInput("There is no such role.", roles=sorted(unknown))
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in sorted(set(roles)))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword("Please choose another password.", reasons=error.messages) from error


def _keep_one_administrator() -> None:
    if not User.objects.filter(is_active=True, role_grants__role=Role.ADMINISTRATOR).exists():
        raise LastAdministrator("At least one active administrator must remain.")


def _state(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "is_active": user.is_active,
        "roles": sorted(user.role_grants.values_list("role", flat=True)),
    }
