"""The methods paragraph, with the settings that were used, and the sources of the methods."""

from importlib.metadata import version

from annotations.statistics.mixed_model import RANDOM_READERS_FROM
from annotations.statistics.permutation import DRAWS
from annotations.statistics.report.missing import SETS, WORST_SCORE, WORST_TIME
from annotations.statistics.report.selection import Selection, endpoint_title
from annotations.statistics.report.tables import Setting

REFERENCES = (
    "Barnard J, Rubin DB. Small-sample degrees of freedom with multiple imputation. Biometrika 1999.",
    "Bland JM, Altman DG. Agreement between methods of measurement with multiple observations per "
    "individual. "
    "J Biopharm Stat 2007.",
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits. Biometrika 1934.",
    "Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 1971.",
    "Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. "
    "Psychol Bull 1969.",
    "Freeman GH, Halton JH. Note on an exact treatment of contingency. Biometrika 1951.",
    "Hodges JL, Lehmann EL. Estimates of location based on rank tests. Ann Math Stat 1963.",
    "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979.",
    "Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of "
    "positive counts. "
    "Surv Methodol 1998.",
    "Rubin DB. Multiple imputation for nonresponse in surveys. Wiley 1987.",
    "Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979.",
)


def methods_paragraph(chosen: Selection) -> str:
    """Ready to paste; says only what was done."""
    parts = [_design(chosen), _sample_size(chosen), _clock(chosen)]
    if chosen.compared is not None:
        parts.append(_comparison(chosen))
    parts += [_quality(chosen), _scores(chosen), _missing(chosen), _multiplicity(chosen), _software(chosen)]
    if chosen.is_synthetic:
        parts.append("The data are synthetic: cases are phantoms or readers are scripts.")
    return " ".join(part for part in parts if part)


def _design(chosen: Selection) -> str:
    settings = chosen.settings
    readers = len({read.reader for read in chosen.of_record})
    cases = len({read.case for read in chosen.of_record})
    kind = {"parallel": "parallel", "crossover": "crossover", "ai_only": "single-arm"}[settings.design]
    arms = " and ".join(arm.title for arm in settings.arms)
    wash_out = ""
    if settings.design == "crossover" and settings.wash_out_days is not None:
        wash_out = f" with a wash-out of at least {settings.wash_out_days:g} days"
    masked = f" Readers were masked to: {', '.join(settings.masked)}." if settings.masked else ""
    order = f"The order of cases was drawn at random for each reader (seed {settings.seed})."
    order = order if settings.is_order_random else "The order of cases was free."
    return (
        f"{_many(readers, 'reader')} read {_many(cases, 'case')} in a {kind} reader study{wash_out} "
        f"(arms: {arms}; "
        f"plan {settings.plan_number}, locked beforehand). {order}{masked}"
    )


def _sample_size(chosen: Selection) -> str:
    """As the plan keeps it; nothing where it gives no reason for its number of cases."""
    said = chosen.settings.sample_size_statement.strip().rstrip(".")
    return f"Sample size, planned beforehand: {said}." if said else ""


def _clock(chosen: Selection) -> str:
    return (
        "Reading time was computed from recorded events, from the first interactive PET image to the "
        "reader's last "
        "'Segmentation final'; declared pauses, hidden tabs, loading and computing were excluded, "
        "and a gap longer "
        f"than {chosen.settings.idle_threshold_s:g} s was counted as "
        f"{chosen.settings.idle_threshold_s:g} s. Other "
        "thresholds and wall time were analysed beside it."
    )


def _comparison(chosen: Selection) -> str:
    assert chosen.compared is not None
    control, test = chosen.compared
    settings = chosen.settings
    readers = len({read.reader for read in chosen.timed})
    random = (
        f"random case, {'random reader and arm slope' if readers >= RANDOM_READERS_FROM else 'fixed reader'}"
    )
    return (
        f"Times of {test.title} and {control.title} were compared by a paired t test on log time over "
        "cases (values "
        "of several readers averaged within a case), giving a geometric mean ratio; beside it stand "
        "the paired t "
        "test, the Wilcoxon signed-rank test and the Hodges-Lehmann estimate with a bootstrap interval "
        f"({settings.resamples} resamples). A linear mixed model of log time by REML held arm, "
        "period, sequence, log "
        f"read number and burden ({random}); its p and interval for the arm come from permuting whole "
        f"cases ({DRAWS} "
        "draws, or all where they are few), because Wald tests are optimistic with few readers. "
        "Carry-over cannot be "
        "tested in such a design."
    )


def _quality(chosen: Selection) -> str:
    settings = chosen.settings
    margin = ""
    if settings.quality_margin:
        margin = (
            f" Non-inferiority of {endpoint_title(settings.quality_endpoint).lower()} was judged by the "
            f"{100 * (1 - settings.alpha):g} % interval against a margin of {settings.quality_margin:g}."
        )
    return (
        "Segmentations were compared with the reference by Dice, precision and sensitivity over "
        "voxels and over "
        f"lesions (components with {settings.connectivity}-connectivity of at least "
        f"{settings.minimum_ml:g} mL); "
        "where a ratio is not defined it was left out and counted. Volumes were compared on the log "
        "scale after "
        "Bland and Altman, and between readers by intraclass correlation (two-way ANOVA)."
        f"{margin}"
    )


def _scores(chosen: Selection) -> str:
    if not any(arm.start == "ai" for arm in chosen.settings.arms):
        return ""
    return (
        "Readers scored each AI result in five rows before any count was shown. Shares have Clopper-Pearson "
        "intervals, corrected for several reads of one case after Korn and Graubard; rows were "
        "compared by kappa "
        "(unweighted, linear, quadratic; Fleiss between readers). Counts were compared by the "
        "chi-squared test, and by "
        "an exact test where an expected count was under 5."
    )


def _missing(chosen: Selection) -> str:
    rule = chosen.settings.missing_rule
    if rule == "worst_case":
        return (
            "Missing reads were analysed as the worst case beside the complete ones: "
            f"{WORST_SCORE}; {WORST_TIME}."
        )
    if rule == "multiple_imputation":
        return (
            f"Missing reads were imputed {SETS} times (seed {chosen.settings.seed}) beside the analysis of "
            "the complete ones: log times by Bayesian linear regression on case, reader, arm and period, "
            "usable scores by their observed share; results were pooled by Rubin's rules with the degrees "
            "of freedom of Barnard and Rubin. Draws are independent within a case, which "
            "understates clustering."
        )
    return ""


def _multiplicity(chosen: Selection) -> str:
    settings = chosen.settings
    secondary = ", ".join(endpoint_title(name).lower() for name in settings.secondary_endpoints)
    held = f"; secondary endpoints ({secondary}) were corrected by Holm" if secondary else ""
    return (
        f"The primary endpoint was {endpoint_title(settings.primary_endpoint).lower()} (two-sided alpha "
        f"{settings.alpha:g}){held}; all other results are exploratory. Analysis set: "
        f"{settings.analysis_set}."
    )


def _software(chosen: Selection) -> str:
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "statsmodels"))
    product = f"PETReview {chosen.settings.product_version}".strip()
    return f"Computed with {product} ({names})."


def settings_list(chosen: Selection) -> tuple[Setting, ...]:
    settings = chosen.settings
    compared = " / ".join(arm.title for arm in reversed(chosen.compared)) if chosen.compared else "none"
    margin = "none" if settings.quality_margin is None else f"{settings.quality_margin:g}"
    rows = (
        ("plan", str(settings.plan_number), f"Locked plan, sha256 {settings.plan_digest or 'not locked'}."),
        ("design", settings.design, "Allocation of readers, cases and arms."),
        ("comparison", compared, "Arms compared, test / control."),
        ("primary_endpoint", settings.primary_endpoint, "Judged against alpha, two-sided."),
        ("secondary_endpoints", ", ".join(settings.secondary_endpoints) or "none", "Corrected by Holm."),
        ("hypothesis", settings.hypothesis or "none stated", "As the plan words it."),
        ("estimand", settings.estimand or "none stated", "As the plan words it."),
        ("quality_endpoint", settings.quality_endpoint, "Of the non-inferiority test."),
        ("quality_margin", margin, "Largest acceptable loss of it."),
        ("alpha", f"{settings.alpha:g}", "Two-sided; intervals at 1 - alpha."),
        ("analysis_set", settings.analysis_set, "Reads that count."),
        ("missing_rule", settings.missing_rule, "Planned handling of missing reads."),
        ("abandoned_rule", settings.abandoned_rule, "Planned handling of abandoned reads."),
        ("idle_threshold_s", f"{settings.idle_threshold_s:g}", "T of record of the clock, seconds."),
        ("wash_out_days", _or_none(settings.wash_out_days), "Submit to open, for each reader and case."),
        ("sample_size", _or_none(settings.sample_size), "Cases the plan asked for."),
        ("masked", ", ".join(settings.masked) or "nothing", "What readers did not see."),
        ("seed", str(settings.seed), "Of bootstrap, permutation and Monte Carlo."),
        ("resamples", str(settings.resamples), "Of every bootstrap."),
        ("connectivity", str(settings.connectivity), "Of lesion-wise metrics."),
        ("minimum_ml", f"{settings.minimum_ml:g}", "Smallest component that counts, mL."),
        ("tolerance_voxels", str(settings.tolerance_voxels), "Difference that makes a lesion partial."),
        ("clock_version", settings.clock_version or "not stated", "Code of the clock."),
        ("product_version", settings.product_version or "not stated", "Code of the analysis."),
    )
    return tuple(Setting(*row) for row in rows)


def _or_none(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _many(count: int, noun: str) -> str:
    return f"One {noun}" if count == 1 and noun == "reader" else f"{count} {noun}{'' if count == 1 else 's'}"
