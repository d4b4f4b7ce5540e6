"""The demo accounts and phantoms of `make run`. Doing it again changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.accounts.demo import ensure_demo_accounts
from petreview import demo


class Command(BaseCommand):
    help = "Make the demo accounts and synthetic phantoms (PETREVIEW_DEMO=1 only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        part = parser.add_mutually_exclusive_group()
        part.add_argument("--accounts-only", action="store_true")
        part.add_argument("--first", action="store_true", help="what has to be there before the first page")
        part.add_argument("--rest", action="store_true", help="what may come while the app already runs")

    def handle(self, *args: Any, accounts_only: bool, first: bool, rest: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data is made only under PETREVIEW_DEMO=1.")
        ensure_demo_accounts()
        if accounts_only:
            return
        if not rest and not demo.is_first_case_there():
            self.stdout.write("Making the first synthetic patient of the demo ...")
            self.stdout.flush()
            demo.prepare_first_case()
        if not first and not demo.is_complete():
            demo.prepare_other_cases()
