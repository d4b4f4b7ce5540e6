"""From the rows of a reader study to its report. The order of sections is the order of the papers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from annotations.statistics.data import AnalysisData
from annotations.statistics.report.controls import controls, examples
from annotations.statistics.report.methods import REFERENCES, methods_paragraph, settings_list
from annotations.statistics.report.missing import missing_sensitivity
from annotations.statistics.report.overview import overview
from annotations.statistics.report.patients import patients
from annotations.statistics.report.quality import planted_of, quality, quality_results
from annotations.statistics.report.roles import give_roles
from annotations.statistics.report.scores import scored_reads, scores, usable_share
from annotations.statistics.report.selection import Selection
from annotations.statistics.report.subgroups import subgroups
from annotations.statistics.report.tables import Headline, Report, Section
from annotations.statistics.report.times import model_of_times, p_words, time_results, times
from annotations.statistics.report.versions import versions
from annotations.statistics.results import Result


def analyse(data: AnalysisData) -> Report:
    """Everything that can be computed from `data`. Seeded: the same rows give the same report.

    Computes whatever it is given: hiding results by arm before the data lock is the caller's task.
    """
    chosen = Selection(data)
    comparison = model_of_times(chosen)
    of_time = time_results(chosen, comparison)
    results = give_roles(chosen.settings, [*of_time, *quality_results(chosen)])
    time_tests, quality_tests = results[: len(of_time)], results[len(of_time) :]
    sections = (
        overview(chosen),
        patients(chosen),
        scores(chosen),
        examples(chosen),
        times(chosen, comparison, time_tests),
        quality(chosen, quality_tests),
        missing_sensitivity(chosen),
        versions(chosen),
        subgroups(chosen),
        controls(chosen),
    )
    return Report(
        reader_study=chosen.settings.reader_study,
        name=chosen.settings.name,
        plan_number=chosen.settings.plan_number,
        plan_digest=chosen.settings.plan_digest,
        product_version=chosen.settings.product_version,
        is_synthetic=chosen.is_synthetic,
        is_interim=not chosen.settings.is_data_locked,
        headlines=tuple(_headlines(chosen, results)),
        sections=tuple(_marked(one, chosen.is_synthetic) for one in sections if one is not None),
        methods=methods_paragraph(chosen),
        references=REFERENCES,
        settings=settings_list(chosen),
        warnings=tuple(_warnings(chosen)),
    )


def _marked(section: Section, is_synthetic: bool) -> Section:
    """Synthetic data are marked on every table and figure, not once somewhere."""
    return replace(
        section,
        tables=tuple(replace(one, is_synthetic=is_synthetic) for one in section.tables),
        figures=tuple(replace(one, is_synthetic=is_synthetic) for one in section.figures),
    )


def _headlines(chosen: Selection, results: Sequence[Result]) -> list[Headline]:
    submitted = sum(read.state == "submitted" for read in chosen.assignments)
    found = [Headline(f"{submitted} / {len(chosen.assignments)}", "", "reads submitted")]
    primary = next((one for one in results if one.role == "primary"), None)
    if primary is not None and primary.estimate is not None:
        interval = ""
        if primary.ci_low is not None and primary.ci_high is not None:
            interval = f"{100 * primary.level:g} % CI {primary.ci_low:.2f} to {primary.ci_high:.2f}, "
        said = (
            f"{primary.endpoint}, {primary.comparison}: {primary.estimate_name}, "
            f"{interval}{p_words(primary.p)}"
        )
        found.append(Headline(f"{primary.estimate:.2f}", "", f"{said} (n = {primary.n} {primary.n_unit})"))
    if chosen.compared is not None and chosen.timed:
        found.append(_medians(chosen))
    share = usable_share(chosen) if scored_reads(chosen) else None
    if share is not None and share.estimate is not None:
        found.append(_usable(share))
    return found + _quality_headlines(chosen)


def _medians(chosen: Selection) -> Headline:
    """Medians by arm never stand alone: the label carries Dice by arm."""
    assert chosen.compared is not None
    control, test = chosen.compared
    middle, quality_of = [], []
    dice = chosen.value_of("dice")
    for arm in (test, control):
        times_of = [read.active_s / 60 for read in chosen.of_arm(chosen.timed, arm) if read.active_s]
        middle.append(f"{np.median(times_of):.1f}" if times_of else "–")
        known = [one for read in chosen.of_arm(chosen.planned, arm) if (one := dice(read)) is not None]
        quality_of.append(f"{np.mean(known):.2f}" if known else "–")
    label = (
        f"median active time, {test.title} and {control.title}; mean Dice {quality_of[0]} and {quality_of[1]}"
    )
    return Headline(f"{middle[0]} vs {middle[1]}", "min", label)


def _usable(share: Result) -> Headline:
    count = round((share.estimate or 0) * share.n)
    interval = ""
    if share.ci_low is not None and share.ci_high is not None:
        interval = f", {100 * share.level:g} % CI {100 * share.ci_low:.0f}-{100 * share.ci_high:.0f}"
    label = f"AI result usable, rows 1-4 ({100 * (share.estimate or 0):.0f} %{interval})"
    return Headline(f"{count} / {share.n}", "", label)


def _quality_headlines(chosen: Selection) -> list[Headline]:
    errors = [error for arm in chosen.settings.arms for _, error in planted_of(chosen, arm)]
    judged = [error for error in errors if error.is_corrected is not None]
    if not judged:
        return []
    corrected = sum(error.is_corrected is True for error in judged)
    return [Headline(f"{corrected} / {len(judged)}", "", "planted errors corrected by the readers")]


def _warnings(chosen: Selection) -> list[str]:
    found = []
    if not chosen.settings.is_data_locked:
        found.append("Interim: the data are not locked, and these numbers may still change.")
    known = set(chosen.cases)
    met = {read.case for read in chosen.data.reads} | {row.case for row in chosen.data.metrics}
    strangers = sorted(met - known)
    if strangers:
        found.append(f"Rows of cases that the study does not have were met: {strangers}.")
    flagged = sum(bool(read.clock_flags) for read in chosen.timed)
    if flagged:
        found.append(f"{flagged} timed reads carry a flag of the clock; they are included.")
    if chosen.planned and not chosen.metric_of_read:
        found.append(
            "No read has a reference: quality by arm cannot be shown, and time must not be read alone."
        )
    return found
