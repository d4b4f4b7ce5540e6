"""An analysis as background work: refused before the data lock but for a look, kept by its inputs."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from annotations.accounts.models import User
from annotations.errors import PetreviewError
from annotations.exports import runs
from annotations.exports.analysis_data import analysis_data, inputs_digest
from annotations.exports.models import Analysis
from annotations.exports.study_data import study_data
from annotations.reads.models import Look, ReaderStudy
from annotations.reads.results import results_are_open
from annotations.reads.services.looks import look_at_results

if TYPE_CHECKING:
    from annotations.statistics.report import Report

WAITING = (Analysis.State.QUEUED, Analysis.State.RUNNING)


def request_analysis(*, study: ReaderStudy, by: User) -> Analysis:
    """The analysis under way, the kept one when nothing has changed, else a new one.

    Audited as a look at the results. Raises ResultsMasked before the data lock and without a look taken.
    """
    look = newest_look(study)
    number = None if results_are_open(study) or look is None else look.number
    cut_off = look_at_results(study=study, by=by, what="analysis", look=number)
    digest = inputs_digest(study, study_data(study))
    kept = newest_analysis(study)
    if kept and (kept.state in WAITING or (kept.state == "done" and _is_of(kept, digest, cut_off))):
        return kept
    made = Analysis(
        reader_study=study,
        requested_by=by,
        is_interim=number is not None,
        cut_off=cut_off,
        inputs_digest=digest,
    )
    try:
        with transaction.atomic():
            runs.queue_run(made)
    except IntegrityError:  # two pages asked at once: the first one's is under way
        other = newest_analysis(study)
        if other is None:
            raise
        return other
    return made


def make_analysis(analysis: Analysis) -> None:
    """Work of one worker."""
    progress = runs.claim(analysis)
    if progress is None:
        return
    try:
        report = compute(analysis.reader_study, analysis, progress)
        progress("keeping the report", 0, 1)
        progress.finish(report=report.to_json())
    except PetreviewError as error:
        progress.fail(error.code, error.message)
    except Exception:
        progress.fail("fault", "The analysis failed by a fault of the software; its log says more.")
        raise


def compute(study: ReaderStudy, analysis: Analysis, progress: runs.RunProgress[Analysis]) -> "Report":
    # Statistics are loaded where they are computed: the web process has no use for them.
    from annotations.statistics.report import analyse

    data = study_data(study)
    rows = analysis_data(data, cut_off=analysis.cut_off, tick=progress)
    progress("computing", 0, 1)
    return analyse(rows)


def newest_analysis(study: ReaderStudy) -> Analysis | None:
    return Analysis.objects.filter(reader_study=study).order_by("-created_at", "-pk").first()


def newest_done(study: ReaderStudy) -> Analysis | None:
    done = Analysis.objects.filter(reader_study=study, state=Analysis.State.DONE)
    return done.order_by("-finished_at", "-pk").first()


def newest_look(study: ReaderStudy) -> Look | None:
    return Look.objects.filter(plan__reader_study=study).order_by("-number").first()


def is_stale(analysis: Analysis) -> bool:
    """Whether a new analysis would show something else. An interim one stays what it was."""
    study = analysis.reader_study
    if analysis.is_interim:
        return results_are_open(study)
    return analysis.inputs_digest != inputs_digest(study, study_data(study))


def _is_of(kept: Analysis, digest: str, cut_off: datetime | None) -> bool:
    """An interim look sees the same for ever; otherwise the same inputs give the same report."""
    return kept.cut_off == cut_off and (cut_off is not None or kept.inputs_digest == digest)
