"""`manage.py analyse READER_STUDY --out DIR`: the report of the analysis page as a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.audit.services import record
from annotations.errors import PetreviewError
from annotations.exports.analyses import newest_look
from annotations.exports.analysis_data import analysis_data
from annotations.exports.study_data import study_data
from annotations.reads.models import ReaderStudy
from annotations.reads.results import results_are_open
from annotations.statistics.report import analyse, write_report
from petreview.management.named_study import find_reader_study
from petreview.management.progress_line import ProgressLine
from petreview.threads import limit_threads


class Command(BaseCommand):
    help = "Write tables, figures and methods of a reader study. Refused before the data lock but for a look."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("study", metavar="READER_STUDY", help="id or name of the reader study")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")

    def handle(self, *args: Any, study: str, out: Path, **options: Any) -> None:
        limit_threads(1)  # small matrices: more threads are slower, and may change the last digit
        found = find_reader_study(study)
        line = ProgressLine(self.stderr)
        try:
            cut_off = _cut_off(found)
            report = analyse(analysis_data(study_data(found), cut_off=cut_off, tick=line))
            line("writing", 0, 1)
            files = write_report(report, out)
        except PetreviewError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        finally:
            line.end()
        self.stdout.write(f"{out}: {len(files)} files. Research use only.")


def _cut_off(study: ReaderStudy) -> Any:
    """Of the newest look while results are masked; None once they are open. Audited as "system"."""
    look = None if results_are_open(study) else newest_look(study)
    if look is None and not results_are_open(study):
        raise CommandError("results_masked: lock the data, or take an interim look that the plan names.")
    record(
        actor=None,
        action="results_seen",
        object_type="reader_study",
        object_id=study.pk,
        new={"what": "analyse command", "look": look.number if look else None},
    )
    return look.taken_at if look else None
