"""Prove that everything stored is what it was."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from petreview.store_proof import files_without_row, prove_store


class Command(BaseCommand):
    help = "Recompute every digest of the store; ends with an error when something is missing or changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(prove_store())
        loose = [path.name for path in files_without_row()]
        if options["json"]:
            result = {"faults": [fault._asdict() for fault in faults], "files_without_row": loose}
            self.stdout.write(json.dumps(result, indent=2))
        else:
            for fault in faults:
                self.stdout.write(f"{fault.kind} {fault.object_id}: {fault.code}: {fault.message}")
            if loose:
                self.stdout.write(f"{len(loose)} files belong to nothing (left by a crash; harmless).")
        if faults:
            raise CommandError(f"{len(faults)} faults were found in the store.")
        if not options["json"]:
            self.stdout.write("The store is sound.")
