"""Who may call an endpoint: signed in, active, and holding one of the named roles."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.accounts.models import Role, User


def signed_in_user(request: Request) -> User:
    """The user of a request that passed IsAuthenticated, typed as ours."""
    user = request.user
    assert isinstance(user, User)
    return user


def roles(*allowed: Role) -> type[BasePermission]:
    """A permission class for the holders of at least one of `allowed`."""

    class HasRole(BasePermission):
        message = "Your account does not have the role for this."

        def has_permission(self, request: Request, view: APIView) -> bool:
            return isinstance(request.user, User) and request.user.has_role(*allowed)

    return HasRole


IsReader = roles(Role.READER)
IsCoordinator = roles(Role.COORDINATOR)
IsDataManager = roles(Role.DATA_MANAGER)
IsAdministrator = roles(Role.ADMINISTRATOR)
IsStaffRole = roles(Role.COORDINATOR, Role.DATA_MANAGER, Role.ADMINISTRATOR)
