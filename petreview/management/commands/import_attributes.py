"""Clinical attributes from a CSV file."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from annotations.studies.models import Project
from annotations.studies.services import import_attributes


class Command(BaseCommand):
    help = "Import clinical attributes (CSV: pseudonym or PatientID, then one column for each attribute)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True)
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, file: Path, project: str, **options: Any) -> None:
        try:
            content = file.read_bytes()
            result = import_attributes(project=Project.objects.get(name=project), content=content)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except Project.DoesNotExist as error:
            raise CommandError(f"There is no project {project!r}.") from error
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message} {error.detail or ''}") from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(result), indent=2))
            return
        self.stdout.write(f"Attributes of {result.updated} patients changed.")
        for refusal in result.refusals:
            self.stdout.write(f"Refused {refusal.file}: {refusal.code}: {refusal.message}")
