"""`manage.py make_phantom --seed N --out DIR`: a synthetic PET/CT with known truth, as DICOM files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.dicom.phantom_folder import write_phantom_folder
from annotations.errors import PetreviewError
from annotations.imaging.phantom import make_phantom


class Command(BaseCommand):
    help = "Write a SYNTHETIC whole-body 64Cu-DOTATATE PET/CT with its true lesions (SEG, NIfTI, JSON)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, required=True, help="0 or more; decides everything")
        parser.add_argument("--out", type=Path, required=True, help="folder to write to")
        parser.add_argument("--size", choices=("small", "full"), default="small")
        parser.add_argument("--negative", action="store_true", help="a negative control, without lesions")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            phantom = make_phantom(options["seed"], options["size"], options["negative"])
            truth = write_phantom_folder(phantom, options["out"])
        except (PetreviewError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"SYNTHETIC phantom {truth['seed']} ({truth['size']}) written to {options['out']}: "
            f"{truth['lesion_count']} lesions, {truth['total_tumour_volume_ml']:.1f} mL"
        )
