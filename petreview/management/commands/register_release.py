"""`manage.py register_release NAME FOLDER`: register the weights in a folder as a model release."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from inference.releases.services import register_release


class Command(BaseCommand):
    help = "Register a folder with weights, plans and release.json; only registered folders are loaded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, name: str, folder: Path, **options: Any) -> None:
        try:
            release = register_release(name=name, folder=folder, registered_by=None)
        except PetreviewError as error:
            raise CommandError(f"{error.message} {error.detail or ''}".strip()) from error
        self.stdout.write(f"{release.name}: {release.method}, sha256 {release.fingerprint}")
