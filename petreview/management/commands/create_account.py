"""The first administrator of an installation, and accounts by script."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.accounts.models import Role
from annotations.accounts.services import create_user
from annotations.errors import PetreviewError


class Command(BaseCommand):
    help = "Create an account. The password is asked for, or read from standard input when piped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", action="append", required=True, choices=Role.values)

    def handle(self, *args: Any, username: str, role: list[str], **options: Any) -> None:
        password = getpass.getpass("Password: ")
        try:
            create_user(by=None, username=username, password=password, roles=role)
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message} {error.detail or ''}") from error
        self.stdout.write(f"Account {username} created.")
