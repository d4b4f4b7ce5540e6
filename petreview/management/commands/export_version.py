"""`manage.py export_version VERSION --format rtstruct|seg|nifti --out FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from annotations.exports.versions import FORMATS, export_version, is_unverified
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import with_details


class Command(BaseCommand):
    help = "Write one version as DICOM RTSTRUCT, DICOM SEG or NIfTI. Research use only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version", type=UUID, help="id of the version")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, version: UUID, out: Path, **options: Any) -> None:
        found = with_details(Version.objects.filter(pk=version)).first()
        if found is None:
            raise CommandError(f"There is no version {version}.")
        try:
            made = export_version(found, options["format"])
            out.write_bytes(made.content)
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message} {error.detail or ''}".strip()) from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        mark = "automatic, unverified; " if is_unverified(found) else ""
        self.stdout.write(f"{out}: {len(made.content)} bytes ({mark}research use only)")
