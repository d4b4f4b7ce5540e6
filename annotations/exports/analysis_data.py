"""What annotations/statistics needs, from the database: flat rows, persons by pseudonym.

Label maps are read once (comparing.py), everything else in a fixed number of queries.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from annotations.exports.acquisition import acquisition_of
from annotations.exports.analysis_sets import memberships, sets_of
from annotations.exports.body_mean import body_mean
from annotations.exports.comparing import CONNECTIVITY, Compared, Tick, compare_study
from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData, seed_of
from annotations.exports.training_set import attributes_of, trained_on, training_attributes, training_rows
from annotations.imaging.geometry import canonical_json
from annotations.reads.clock import CLOCK_VERSION
from annotations.reads.models import CaseRole, Comparison, ReaderStudy, ReadingTime, Score
from annotations.reads.results import comparison
from annotations.reads.selectors import design_of
from annotations.segmentations.measures import MEASURES_VERSION
from annotations.segmentations.selectors import current_measures
from annotations.statistics.data import (
    AnalysisData,
    ArmRow,
    CaseRow,
    Design,
    MetricRow,
    PlanSettings,
    PlantedErrorRow,
    ReadRow,
)
from annotations.studies.models import PatientAttribute
from annotations.studies.selectors import volume_grid
from annotations.version import VERSION

PLANTED_KINDS: dict[str, Literal["false_positive", "missing", "partial", "other"]] = {
    "added": "false_positive",
    "removed": "missing",
    "truncated": "partial",
}


def analysis_data(
    data: StudyData, *, cut_off: datetime | None = None, tick: Tick = lambda stage, done, total: None
) -> AnalysisData:
    """cut_off: of an interim look; what was not submitted by then is not seen."""
    rows = [row for row in data.rows if _is_seen(row, cut_off)]
    compared = [one for one in compare_study(data, tick) if one.row is None or one.row in set(rows)]
    return AnalysisData(
        settings=settings_of(data),
        cases=_cases(data, tick),
        reads=_reads(data, rows, compared),
        metrics=tuple(_metrics(compared)),
        planted_errors=tuple(error for row in rows for error in _planted(row)),
        patients=training_rows(data),
    )


def inputs_digest(study: ReaderStudy, data: StudyData) -> str:
    """sha256 of all that an analysis depends on: changes when a result would, and costs a few queries."""
    reads = [row for row in data.rows if row.read]
    ids = [row.read.pk for row in reads if row.read]
    content = {
        "versions": [VERSION, MEASURES_VERSION, CLOCK_VERSION],
        "plan": [str(data.plan.pk), data.plan.digest],
        "data_locked_at": str(study.data_locked_at),
        "reads": [[str(r.read.pk), r.state, _digest(r.final), _digest(r.start)] for r in reads if r.read],
        "times": sorted(ReadingTime.objects.filter(read__in=ids).values_list("pk", flat=True)),
        "scores": sorted(Score.objects.filter(read__in=ids).values_list("pk", flat=True)),
        "cases": [
            [case.number, case.reference.version_digest if case.reference else None]
            for case in study.cases.select_related("reference").order_by("number")
        ],
        "attributes": sorted(_attribute_values(study)),
        "training": training_attributes(data.plan),
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


def settings_of(data: StudyData) -> PlanSettings:
    """The plan's own words for everything it says; the defaults of PlanSettings for the rest."""
    plan, study, design = data.plan, data.study, design_of(data.plan)
    planned = design.get("analysis") or {}
    margin = planned.get("noninferiority") or {}
    size = planned.get("sample_size") or {}
    said: dict[str, Any] = {
        "alpha": planned.get("alpha"),
        "primary_endpoint": planned.get("primary_endpoint"),
        "estimand": planned.get("estimand"),
        "hypothesis": planned.get("hypothesis"),
        "missing_rule": planned.get("missing_rule"),
        "abandoned_rule": planned.get("abandoned_rule"),
        "secondary_endpoints": tuple(planned.get("secondary_endpoints") or ()),
        "quality_endpoint": margin.get("measure"),
        "sample_size": size.get("cases"),
        "sample_size_statement": size.get("statement"),
        "tolerance_voxels": design.get("partial_tolerance_voxels"),
        "minimum_ml": (design.get("boundary") or {}).get("minimum_ml"),
        "wash_out_days": design.get("washout_days"),
    }
    return PlanSettings(
        reader_study=str(study.pk),
        name=study.name,
        plan_number=plan.number,
        plan_digest=plan.digest,
        is_synthetic=study.is_synthetic,
        arms=_arms(data),
        design=_design(data, design),
        idle_threshold_s=float(plan.idle_threshold_s),
        quality_margin=margin.get("margin"),
        analysis_set=planned.get("primary_set") or sets_of(data)[0]["name"],
        masked=tuple(plan.masked),
        seed=int(seed_of(plan) or 0) % 2**32,
        is_data_locked=not data.masked,
        clock_version=CLOCK_VERSION,
        product_version=VERSION,
        connectivity=CONNECTIVITY,
        **{name: value for name, value in said.items() if value not in (None, "", ())},
    )


def _arms(data: StudyData) -> tuple[ArmRow, ...]:
    known = trained_on(data.plan)
    return tuple(
        ArmRow(arm.key, arm.title, cast(Any, arm.start), arm.producer_name, known.get(arm.key))
        for arm in data.arms
    )


def _design(data: StudyData, design: dict[str, Any]) -> Design:
    if len(data.arms) < 2:
        return "ai_only"
    return "crossover" if design.get("allocation", {}).get("kind") == "crossover" else "parallel"


def _is_seen(row: Row, cut_off: datetime | None) -> bool:
    if cut_off is None or row.read is None:
        return True
    return row.read.submitted_at is not None and row.read.submitted_at <= cut_off


def _cases(data: StudyData, tick: Tick) -> tuple[CaseRow, ...]:
    related = ("suv_revision", "reference", "volume__series__study__patient")
    cases = list(
        data.study.cases.select_related(*related)
        .prefetch_related("reference__measure_sets", "volume__series__study__patient__attributes")
        .order_by("number")
    )
    training = {r.assignment.case_id for r in data.rows if r.assignment.role == CaseRole.TRAINING}
    strata = {r.assignment.case_id: r.assignment.stratum for r in data.rows if r.assignment.stratum}
    made = []
    for number, case in enumerate(cases):
        tick("reading acquisition and contrast", number, len(cases))
        patient = case.volume.series.study.patient
        attributes, centre = attributes_of(patient)
        truth = current_measures(case.reference).summary if case.reference else {}
        ttv = truth.get("ttv_ml")
        made.append(
            CaseRow(
                case=case.number,
                pseudonym=patient.pseudonym,
                is_synthetic=case.volume.series.study.is_synthetic,
                data_set="negative_control" if ttv == 0 else "test",
                attributes=attributes,
                centre=centre,
                burden_stratum=strata.get(case.pk),
                is_negative_control=None if ttv is None else ttv == 0,
                is_training=case.pk in training,
                reference_lesion_count=truth.get("lesion_count"),
                volume_ml=ttv,
                volume_voxels=None if ttv is None else round(ttv / volume_grid(case.volume).voxel_volume_ml),
                contrast=_contrast(case, truth),
                lowest_suv_mean=truth.get("lowest_suv_mean"),
                acquisition=acquisition_of(case.volume),
            )
        )
    return tuple(made)


def _contrast(case: Any, truth: dict[str, Any]) -> float | None:
    """Mean intensity of the reference's tumour over that of the body region (S4, footnote 4)."""
    if not truth.get("ttv_ml") or truth.get("tlg") is None:
        return None
    body = body_mean(case.volume, case.suv_revision)
    return truth["tlg"] / truth["ttv_ml"] / body if body else None


def _reads(data: StudyData, rows: list[Row], compared: list[Compared]) -> tuple[ReadRow, ...]:
    against_reference = {
        one.row: one.derived.row for one in compared if one.row and one.subject == "start" and one.row.is_ai
    }
    in_sets: dict[Row, list[str]] = {}
    for one in memberships(data):
        if one.is_in:
            in_sets.setdefault(one.row, []).append(one.set_name)
    order = _read_numbers(data.rows)
    return tuple(
        _read(row, order.get(row), tuple(in_sets.get(row, ())), against_reference.get(row), data)
        for row in rows
    )


def _read(
    row: Row, number: int | None, sets: tuple[str, ...], reference_row: int | None, data: StudyData
) -> ReadRow:
    one, derived, time = row.assignment, row.derived, row.time
    gap = data.deviations.since_previous(one, row.read) if row.read else None
    times = {} if time is None else {name: getattr(time, name) for name in TIME_FIELDS}
    statuses = row.statuses
    return ReadRow(
        read=str(row.read.pk) if row.read else f"assignment {one.pk}",
        reader=row.reader,
        case=one.case.number,
        arm=one.arm.key,
        period=one.period,
        position=one.position,
        state=cast(Any, row.state),
        sequence=one.sequence,
        read_number=number,
        repeat=one.repeat,
        attempt=row.read.attempt if row.read else 1,
        is_of_record=row.is_record,
        is_training=one.role == CaseRole.TRAINING,
        has_planted_errors=row.is_planted,
        is_timing_subgroup=one.in_timing_subgroup,
        missing_reason="" if row.state == "submitted" else row.state,
        analysis_sets=sets,
        days_since_previous=None if gap is None else gap / timedelta(days=1),
        score_row=row.score.row if row.score else None,
        revised_score_row=row.revised_row,
        confidence=row.score.confidence if row.score else None,
        derived_row=derived.get("row"),
        strict_row=derived.get("strict_row"),
        reference_row=reference_row,
        missing_lesions=derived.get("missing"),
        false_positive_lesions=derived.get("false_positive"),
        partial_lesions=derived.get("partial"),
        gross_partial_lesions=derived.get("gross_partial"),
        variants=dict(time.variants) if time else {},
        job_s=row.job_s,
        clock_flags=tuple(time.flags) if time else (),
        ttv_ml=row.summary.get("ttv_ml"),
        lowest_suv_mean=row.summary.get("lowest_suv_mean"),
        suv_max=row.summary.get("suv_max"),
        tlg=row.summary.get("tlg"),
        lesion_count=row.summary.get("lesion_count"),
        lesions_kept=None if statuses is None else statuses.count("kept"),
        lesions_edited=None if statuses is None else statuses.count("edited"),
        lesions_added=None if statuses is None else statuses.count("added"),
        lesions_deleted=None if statuses is None else statuses.count("deleted"),
        start_ttv_ml=row.start_summary.get("ttv_ml"),
        start_lesion_count=row.start_summary.get("lesion_count"),
        **times,
    )


TIME_FIELDS = (
    "wall_s",
    "active_s",
    "paused_s",
    "hidden_s",
    "loading_s",
    "computing_s",
    "idle_s",
    "time_to_first_edit_s",
    "scoring_s",
    "action_count",
)


def _read_numbers(rows: list[Row]) -> dict[Row, int]:
    """1, 2 ... in the order each reader opened reads, over all periods and training too."""
    found: dict[Row, int] = {}
    for reader in sorted({row.reader for row in rows}):
        opened = [row for row in rows if row.reader == reader and row.read]
        opened.sort(key=lambda row: (row.read.opened_at, str(row.read.pk)) if row.read else ())
        found |= {row: number for number, row in enumerate(opened, start=1)}
    return found


def _metrics(compared: list[Compared]) -> list[MetricRow]:
    """Of final versions those of record; of named versions all, in the order of their names."""
    names = sorted({one.source for one in compared if one.source})
    return [
        _metric(one, names.index(one.source) if one.source else 0)
        for one in compared
        if one.subject == "named" or (one.subject == "final" and one.row and one.row.is_record)
    ]


def _metric(one: Compared, order: int) -> MetricRow:
    return MetricRow(
        case=one.case.number,
        source=one.source,
        read=str(one.row.read.pk) if one.row and one.row.read else None,
        order=order,
        dice=one.voxels.dice,
        precision=one.voxels.precision,
        sensitivity=one.voxels.sensitivity,
        lesion_dice=one.lesions.dice,
        lesion_dice_by_prediction=one.lesions.dice_by_prediction,
        lesion_precision=one.lesions.precision,
        lesion_sensitivity=one.lesions.sensitivity,
        n_true=one.lesions.n_true,
        n_predicted=one.lesions.n_predicted,
        n_found=one.lesions.found,
        n_missed=one.lesions.missed,
        n_false=one.lesions.false,
        true_volume_ml=one.voxels.true_volume_ml,
        predicted_volume_ml=one.voxels.predicted_volume_ml,
        false_positive_volume_ml=one.false.false_positive_volume_ml,
        false_negative_volume_ml=one.false.false_negative_volume_ml,
    )


def _planted(row: Row) -> list[PlantedErrorRow]:
    found = comparison(row.read, Comparison.Kind.START_FINAL) if row.read else None
    return [
        PlantedErrorRow(
            read=str(row.read.pk) if row.read else "",
            error=f"{one['kind']} {one['label']}",
            kind=PLANTED_KINDS.get(one["kind"], "other"),
            is_corrected=one.get("corrected"),
            volume_ml=one.get("volume_ml"),
        )
        for one in (found or {}).get("planted") or ()
    ]


def _digest(version: Any) -> str | None:
    return version.version_digest if version else None


def _attribute_values(study: ReaderStudy) -> list[list[str]]:
    found = PatientAttribute.objects.filter(patient__studies__series__volumes__cases__reader_study=study)
    return [list(row) for row in found.values_list("patient__pseudonym", "name", "value").distinct()]
