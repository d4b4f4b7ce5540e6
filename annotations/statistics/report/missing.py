"""What missing reads could change: the worst case or multiple imputation, as the plan asks."""

from collections.abc import Hashable, Mapping

import numpy as np
from scipy import stats

from annotations.statistics.data import ReadRow
from annotations.statistics.imputation import Pooled, can_be_predicted, draw_normal, draw_outcomes, pool
from annotations.statistics.paired import average_within, paired_t_log, wilcoxon_signed_rank
from annotations.statistics.proportions import clustered_proportion
from annotations.statistics.report.scores import USABLE, scored_reads
from annotations.statistics.report.selection import Selection, endpoint_title
from annotations.statistics.report.tables import Section, results_table
from annotations.statistics.results import Floats, Result, not_computed

SETS = 20
WORST_TIME = (
    "a missing time is the longest observed time of all in the test arm and the shortest in the control arm"
)
WORST_SCORE = "a missing score is row 5 (non-usable)"
AT_RANDOM = (
    "Valid when reads are missing at random given case, reader, arm and period; it fails when a read is "
    "missing because it would have been slow or poor: read the worst case then."
)
CLUSTERING = (
    "Values of one case are drawn independently of each other: the draws understate how much reads of a case "
    "depend on each other (clustering), and where much is missing the interval is too narrow."
)
NOT_PAIRED = (
    "no reader reads a case in both arms, and times are filled in for pairs only: for a design without pairs "
    "(parallel) the table of missing reads gives number and reason by arm"
)
Key = tuple[int, str, str]


def missing_sensitivity(chosen: Selection) -> Section | None:
    """None where the plan keeps to complete cases."""
    settings = chosen.settings
    if settings.missing_rule == "complete_cases":
        return None
    is_worst = settings.missing_rule == "worst_case"
    results = worst_case(chosen) if is_worst else multiple_imputation(chosen)
    title = "Missing reads: worst case" if is_worst else "Missing reads: multiple imputation"
    intro = (
        "The planned sensitivity analysis: every planned read of a case with tumour counts; what was not "
        "read is filled in. The comparison of record stays the one above."
    )
    rule = (
        f"Rule: {WORST_SCORE}; {WORST_TIME}."
        if is_worst
        else f"{SETS} completed data sets, seed {settings.seed}."
    )
    named = [
        one.named(analysis_set=f"{settings.analysis_set}, missing reads filled in", role="exploratory")
        for one in results
    ]
    table = results_table(
        "missing_sensitivity", title, named, analysis_set=settings.analysis_set, notes=(rule,)
    )
    return Section("missing", title, intro, tables=(table,))


def worst_case(chosen: Selection) -> list[Result]:
    """Times against the test arm, scores against the AI."""
    found = []
    if chosen.compared is not None and chosen.timed:
        control, test = chosen.compared
        known = _log_times(chosen)
        absent = missing_times(chosen)
        extreme = {control.key: min(known.values()), test.key: max(known.values())}
        whole = known | {key: extreme[key[2]] for key in absent}
        first, second = _over_cases(chosen, whole)
        both = [
            paired_t_log(np.exp(first), np.exp(second), alpha=chosen.settings.alpha),
            wilcoxon_signed_rank(np.exp(first), np.exp(second)),
        ]
        if not first.size:
            both = [not_computed(one.test, 0, NOT_PAIRED) for one in both]
        note = f"{len(absent)} of {len(whole)} times filled in." if first.size else ""
        skew = (
            "Filled-in times are extremes, so the t interval is wide and not normal."
            if absent and first.size
            else ""
        )
        found += [_of_time(chosen, one.with_notes(note, skew)) for one in both]
    scored, unscored = _scores(chosen)
    if scored or unscored:
        clusters = [case for case, _ in scored] + unscored
        outcomes = [row <= USABLE for _, row in scored] + [False] * len(unscored)
        share = clustered_proportion(clusters, outcomes, alpha=chosen.settings.alpha)
        found.append(_of_score(share.with_notes(f"{len(unscored)} of {len(outcomes)} scores filled in.")))
    return found


def multiple_imputation(chosen: Selection) -> list[Result]:
    generator = np.random.default_rng(chosen.settings.seed)
    found = []
    if chosen.compared is not None and chosen.timed:
        found.append(_of_time(chosen, _imputed_ratio(chosen, generator)))
    if any(_scores(chosen)):
        found.append(_of_score(_imputed_share(chosen, generator)))
    return found


def missing_times(chosen: Selection) -> dict[Key, ReadRow]:
    """Planned timed reads of the compared arms that have no time; one a reader, case and arm.

    Reads that were submitted and stand outside the analysis set are not missing: the plan left them out.
    """
    assert chosen.compared is not None
    keys = {arm.key for arm in chosen.compared}
    has_subgroup = any(read.is_timing_subgroup for read in chosen.data.reads)
    wanted = [one for one in _main_reads(chosen) if one.is_timing_subgroup or not has_subgroup]
    known = set(_log_times(chosen))
    in_set = {read.read for read in chosen.planned}
    left_out = {_key(one) for one in wanted if one.state == "submitted" and one.read not in in_set}
    return {
        _key(one): one
        for one in wanted
        if one.arm in keys and _key(one) not in known and _key(one) not in left_out
    }


def _main_reads(chosen: Selection) -> list[ReadRow]:
    """Every assignment of a case with tumour, whatever became of it; practice, repeats, altered ones out."""
    rows = [
        one
        for one in chosen.data.reads
        if one.repeat == 0
        and not one.has_planted_errors
        and not chosen.is_practice(one)
        and not chosen.is_control(one.case)
    ]
    return sorted(rows, key=lambda one: (one.case, one.reader, one.arm, one.attempt, one.read))


def _key(read: ReadRow) -> Key:
    return read.case, read.reader, read.arm


def _log_times(chosen: Selection) -> dict[Key, float]:
    assert chosen.compared is not None
    keys = {arm.key for arm in chosen.compared}
    reads = [one for one in chosen.timed if one.arm in keys]
    return {_key(one): float(np.log(one.active_s)) for one in reads if one.active_s}


def _over_cases(chosen: Selection, logs: Mapping[Key, float]) -> tuple[Floats, Floats]:
    """Log times of control and test of reader-case pairs, averaged within the case."""
    assert chosen.compared is not None
    control, test = (arm.key for arm in chosen.compared)
    pairs = sorted(
        (case, reader) for case, reader, arm in logs if arm == control and (case, reader, test) in logs
    )
    cases: list[Hashable] = [case for case, _ in pairs]
    _, first = average_within(cases, [logs[(*pair, control)] for pair in pairs])
    _, second = average_within(cases, [logs[(*pair, test)] for pair in pairs])
    return first, second


def _imputed_ratio(chosen: Selection, generator: np.random.Generator) -> Result:
    """Paired t on log time in each completed data set, pooled."""
    test = "paired t test on log values, multiple imputation (Rubin)"
    known, absent = _log_times(chosen), missing_times(chosen)
    rows = {_key(one): one for one in chosen.timed if _key(one) in known} | absent
    design = _design(list(rows.values()))
    places = {key: number for number, key in enumerate(rows)}
    of_known = design[[places[key] for key in known]]
    of_absent = design[[places[key] for key in absent]]
    usable = can_be_predicted(of_known, of_absent)
    filled = [key for key, is_usable in zip(absent, usable, strict=True) if is_usable]
    values = np.array(list(known.values()))
    if len(known) <= np.linalg.matrix_rank(of_known):
        cases = len({case for case, _, _ in known})
        return not_computed(test, cases, "too few times for the imputation model")
    drawn = draw_normal(of_known, values, of_absent[usable], sets=SETS, generator=generator)
    estimates, variances, n = [], [], 0
    for one in drawn:
        first, second = _over_cases(chosen, known | dict(zip(filled, one.tolist(), strict=True)))
        n = first.size
        if not n:
            return not_computed(test, n, NOT_PAIRED)
        if n < 3:
            return not_computed(test, n)
        estimates.append(float((second - first).mean()))
        variances.append(float((second - first).var(ddof=1) / n))
    if max(variances) <= 0:
        return not_computed(test, n, "all differences are equal")
    pooled = pool(estimates, variances, complete_df=n - 1)
    low, high = _interval(pooled, chosen.settings.alpha)
    left = len(absent) - len(filled)
    return _pooled_result(test, n, "cases", pooled, chosen.settings.alpha).named(
        estimate_name="geometric mean ratio",
        estimate=float(np.exp(pooled.estimate)),
        ci_low=float(np.exp(low)),
        ci_high=float(np.exp(high)),
        notes=(
            f"{len(filled)} of {len(rows)} times drawn; {_how(chosen, pooled)}",
            f"{left} times could not be predicted (a case, reader or period never timed) and stay out."
            if left
            else "",
            AT_RANDOM,
            CLUSTERING if filled else "",
        ),
    )


def _design(reads: list[ReadRow]) -> Floats:
    """Indicators of case, reader, arm and period [reads, terms]; not of full rank, which the draws allow."""
    columns = [np.ones(len(reads))]
    for values in (
        [one.case for one in reads],
        [one.reader for one in reads],
        [one.arm for one in reads],
        [one.period for one in reads],
    ):
        levels: list[Hashable] = list(dict.fromkeys(values))
        columns += [np.array([value == level for value in values], dtype=np.float64) for level in levels]
    return np.column_stack(columns)


def _imputed_share(chosen: Selection, generator: np.random.Generator) -> Result:
    """The logit of the usable share, its variance clustered by case, pooled and turned back."""
    test = "share on the logit scale, clustered by case, multiple imputation (Rubin)"
    scored, unscored = _scores(chosen)
    outcomes = [row <= USABLE for _, row in scored]
    clusters = [case for case, _ in scored] + unscored
    n, cases = len(clusters), len(set(clusters))
    if cases < 3 or len(set(outcomes)) < 2:
        why = "fewer than three cases" if cases < 3 else "every score gives the same answer"
        return not_computed(test, n, why, n_unit="reads")
    drawn = draw_outcomes(sum(outcomes), len(outcomes), len(unscored), sets=SETS, generator=generator)
    estimates, variances = [], []
    for one in drawn:
        share, variance = _share(clusters, np.array([*outcomes, *one], dtype=np.float64))
        estimates.append(float(np.log(share / (1 - share))))
        variances.append(variance / (share * (1 - share)) ** 2)
    pooled = pool(estimates, variances, complete_df=cases - 1)
    low, high = _interval(pooled, chosen.settings.alpha)
    return _pooled_result(test, n, "reads", pooled, chosen.settings.alpha).named(
        estimate_name="proportion",
        estimate=float(stats.logistic.cdf(pooled.estimate)),
        ci_low=float(stats.logistic.cdf(low)),
        ci_high=float(stats.logistic.cdf(high)),
        statistic=None,
        p=None,
        notes=(
            f"{len(unscored)} of {n} scores drawn from the observed share; {_how(chosen, pooled)}",
            "Valid when scores are missing completely at random; it fails when poor AI results were scored "
            "less often: read the worst case then.",
            CLUSTERING if unscored else "",
        ),
    )


def _share(clusters: list[int], outcomes: Floats) -> tuple[float, float]:
    """Share and its variance over k cases: k / (k - 1) * sum of squared residual totals / n^2."""
    share = float(outcomes.mean())
    totals: dict[int, float] = {}
    for case, outcome in zip(clusters, outcomes.tolist(), strict=True):
        totals[case] = totals.get(case, 0.0) + outcome - share
    k = len(totals)
    return share, k / (k - 1) * sum(one**2 for one in totals.values()) / outcomes.size**2


def _scores(chosen: Selection) -> tuple[list[tuple[int, int]], list[int]]:
    """(case, row) of scored AI reads, and the cases of planned AI reads without a score."""
    scored = [one for one in scored_reads(chosen) if one.score_row is not None]
    starts = {arm.key for arm in chosen.settings.arms if arm.start == "ai"}
    in_set = {read.read for read in chosen.planned}
    wanted = [one for one in _main_reads(chosen) if one.arm in starts]
    left_out = {_key(one) for one in wanted if one.state == "submitted" and one.read not in in_set}
    known = {_key(one) for one in scored}
    absent = {_key(one) for one in wanted} - known - left_out
    return [(one.case, one.score_row) for one in scored if one.score_row], [key[0] for key in sorted(absent)]


def _interval(pooled: Pooled, alpha: float) -> tuple[float, float]:
    half = float(stats.t.ppf(1 - alpha / 2, pooled.df)) * pooled.se
    return pooled.estimate - half, pooled.estimate + half


def _pooled_result(test: str, n: int, n_unit: str, pooled: Pooled, alpha: float) -> Result:
    t = pooled.estimate / pooled.se
    p = float(2 * stats.t.sf(abs(t), pooled.df))
    return Result(test=test, n=n, n_unit=n_unit, level=1 - alpha, statistic=t, df=pooled.df, p=p)


def _how(chosen: Selection, pooled: Pooled) -> str:
    return (
        f"m = {SETS}, seed {chosen.settings.seed}, Barnard-Rubin df {pooled.df:.1f}, "
        f"{100 * pooled.missing_share:.0f} % of the variance due to missing reads."
    )


def _of_time(chosen: Selection, result: Result) -> Result:
    assert chosen.compared is not None
    control, test = chosen.compared
    return result.named(endpoint=endpoint_title("active_s"), comparison=f"{test.title} / {control.title}")


def _of_score(result: Result) -> Result:
    return result.named(endpoint="AI result usable (rows 1-4)", comparison="Reader")
