"""`manage.py export_reader_study NAME --out FOLDER|FILE.zip`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from annotations.exports.package import package_files, zip_files
from annotations.reads.models import ReaderStudy
from annotations.reads.selectors import with_plan


class Command(BaseCommand):
    help = "Write a reader study's scores, times and events with a code book and a manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="STUDY", help="id or name of the reader study")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="PATH", help="a folder, or a .zip file"
        )

    def handle(self, *args: Any, study: str, out: Path, **options: Any) -> None:
        found = list(with_plan(ReaderStudy.objects.filter(_named(study))))
        if len(found) != 1:
            raise CommandError(f"{len(found)} reader studies are named {study!r}; give the id.")
        files = package_files(found[0])
        try:
            if out.suffix == ".zip":
                out.write_bytes(zip_files(files))
            else:
                out.mkdir(parents=True, exist_ok=True)
                for name, content in files.items():
                    (out / name).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{out}: {', '.join(files)}")


def _named(study: str) -> Q:
    plain = study.replace("-", "").lower()
    is_id = len(plain) == 32 and set(plain) <= set("0123456789abcdef")
    return Q(pk=study) if is_id else Q(name=study)
