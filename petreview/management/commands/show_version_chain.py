"""`manage.py show_version_chain VERSION`: the lineage of a version, newest first, each digest proved."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from annotations.segmentations.models import Version
from annotations.segmentations.services import verify_chain


class Command(BaseCommand):
    help = "Show a version and all it grew from, and prove the hash chain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=UUID, help="id of the version")

    def handle(self, *args: Any, version: UUID, **options: Any) -> None:
        first = Version.objects.filter(pk=version).first()
        if first is None:
            raise CommandError(f"There is no version {version}.")
        here: Version | None = first
        while here is not None:
            self.stdout.write(
                f"{here.created_at:%Y-%m-%d %H:%M:%S} {here.pk} {here.number:>4} {here.producer_kind:<14} "
                f"{here.tool:<12} {here.version_digest[:16]}"
            )
            here = here.parent
        faults = verify_chain(first.segmentation)
        for fault in faults:
            self.stdout.write(f"{fault.version}: {fault.code}: {fault.message}")
        if faults:
            raise CommandError(f"{len(faults)} faults were found in the chain.")
        self.stdout.write("The chain is sound.")
