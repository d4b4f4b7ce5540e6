"""`manage.py simulate_reader_study --seed N`: a whole synthetic reader study, read by scripted readers."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.errors import PetreviewError
from petreview.simulation.people import Refused
from petreview.simulation.trial import TrialSize, run_trial


class Command(BaseCommand):
    help = (
        "Make a SYNTHETIC reader study: phantoms, AI results, and scripted readers who work through the "
        "API in simulated time (PETREVIEW_DEMO=1 only). It says nothing about people."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = TrialSize()
        parser.add_argument("--seed", type=int, required=True, help="0 or more; decides everything")
        parser.add_argument(
            "--size", choices=("small", "full"), default="small", help="of the phantoms' images"
        )
        parser.add_argument("--cases", type=int, default=usual.cases)
        parser.add_argument("--controls", type=int, default=usual.controls, help="negative controls")
        parser.add_argument("--readers", type=int, default=usual.readers)
        parser.add_argument(
            "--timing", type=int, default=usual.timing_subgroup, help="cases read in both arms"
        )
        parser.add_argument("--repeats", type=int, default=usual.repeats, help="cases read twice in one arm")

    def handle(self, *args: Any, seed: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("A synthetic reader study is made only under PETREVIEW_DEMO=1.")
        if seed < 0 or options["cases"] < 1 or options["readers"] < 1:
            raise CommandError("The seed is 0 or more, and there is at least one case and one reader.")
        size = TrialSize(
            cases=options["cases"],
            controls=options["controls"],
            readers=options["readers"],
            timing_subgroup=options["timing"],
            repeats=options["repeats"],
            phantom=options["size"],
        )
        began = time.monotonic()
        try:
            study = run_trial(seed, size, self.say)
        except (PetreviewError, Refused) as error:
            raise CommandError(str(error)) from error
        minutes = (time.monotonic() - began) / 60
        self.stdout.write(f"SYNTHETIC reader study {study.pk} ({study.name}), {minutes:.1f} min")

    def say(self, line: str) -> None:
        self.stderr.write(line)
