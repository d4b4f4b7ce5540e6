"""Compare predicted with true masks: voxels, lesions, volumes, and SUV figures where there is a PET."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference.evaluation.pairs import evaluate_folders
from inference.evaluation.tables import to_csv, to_json, to_text


class Command(BaseCommand):
    help = "Compare masks of the same name in two folders (NIfTI or DICOM SEG). Research use only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--truth", type=Path, required=True, metavar="DIR")
        parser.add_argument("--prediction", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--pet", type=Path, metavar="DIR", help="PETs of the same names: NIfTI in SUVbw, or DICOM folders"
        )
        parser.add_argument(
            "--connectivity",
            type=int,
            choices=(6, 18, 26),
            default=26,
            help="what touches is one lesion: faces, edges or corners (default 26); false volumes use it too",
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true")
        form.add_argument("--csv", action="store_true")

    def handle(self, *args: Any, truth: Path, prediction: Path, pet: Path | None, **options: Any) -> None:
        missing = [str(folder) for folder in (truth, prediction, pet) if folder and not folder.is_dir()]
        if missing:
            raise CommandError(f"There is no such folder: {', '.join(missing)}")
        result = evaluate_folders(
            truth, prediction, pet=pet, connectivity=options["connectivity"], on_case=_print_progress
        )
        if not result.cases and not result.failures:
            raise CommandError("Neither folder has a NIfTI or DICOM SEG file.")
        if options["json"]:
            self.stdout.write(json.dumps(to_json(result), indent=2, allow_nan=False))
        else:
            self.stdout.write(to_csv(result) if options["csv"] else to_text(result), ending="")
            self.stdout.write("" if options["csv"] else "\n", ending="")


def _print_progress(done: int, total: int, name: str) -> None:
    sys.stderr.write(f"{done} of {total}: {name}\n")
    sys.stderr.flush()
