"""`manage.py export_reader_study STUDY --out FOLDER|FILE.zip`: the same files as an export in the browser."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from annotations.exports.archive import zip_folder
from annotations.exports.package import build_package
from annotations.exports.wish import FORMATS, PARTS, Wish
from petreview.management.named_study import find_reader_study
from petreview.management.progress_line import ProgressLine


class Command(BaseCommand):
    help = "Write a reader study's tables, forms, segmentations or training data set, with a manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="id or name of the reader study")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="PATH", help="an empty folder, or a .zip file"
        )
        parser.add_argument("--parts", nargs="+", choices=PARTS, default=["tables"])
        parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))

    def handle(self, *args: Any, study: str, out: Path, **options: Any) -> None:
        found = find_reader_study(study)
        wish = Wish(tuple(options["parts"]), tuple(options["formats"]))
        line = ProgressLine(self.stderr)
        try:
            if out.suffix == ".zip":
                with tempfile.TemporaryDirectory(dir=out.parent) as folder:
                    names = build_package(found, Path(folder), wish, line)
                    zip_folder(Path(folder), names, out)
            else:
                names = build_package(found, _empty(out), wish, line)
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        finally:
            line.end()
        self.stdout.write(f"{out}: {len(names)} files. Research use only.")


def _empty(folder: Path) -> Path:
    """A manifest names every file of its folder, so nothing else may lie there."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise CommandError(f"{folder} is not empty.")
    return folder
