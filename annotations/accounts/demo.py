"""The demo accounts. Their passwords are published, so they exist only under PETREVIEW_DEMO=1."""

from typing import NamedTuple

from annotations.accounts.models import Role, User
from annotations.accounts.services import create_user


class DemoAccount(NamedTuple):
    username: str
    password: str
    role: str


DEMO_ACCOUNTS = (
    DemoAccount("reader", "demo-reader", Role.READER.value),
    DemoAccount("coordinator", "demo-coordinator", Role.COORDINATOR.value),
    DemoAccount("manager", "demo-manager", Role.DATA_MANAGER.value),
    DemoAccount("admin", "demo-admin", Role.ADMINISTRATOR.value),
)


def ensure_demo_accounts() -> None:
    known = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    for account in DEMO_ACCOUNTS:
        if account.username not in known:
            create_user(
                by=None,
                username=account.username,
                password=account.password,
                roles=[account.role],
                is_demo=True,
            )
