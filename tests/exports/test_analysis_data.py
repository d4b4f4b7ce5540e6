"""What the analysis is given, from the hand-made study: by hand."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.exports import analysis_data as module
from annotations.exports.acquisition import acquisition_of
from annotations.exports.analysis_data import analysis_data, inputs_digest
from annotations.exports.study_data import study_data
from annotations.exports.tables.reads import COLUMNS
from annotations.models import Comparison, Read, ReaderStudy, Volume
from inference.models import Job, ModelRelease
from tests.builders import SMALL, boxes
from tests.exports import hand_made
from tests.exports.hand_made import VOXEL_ML
from tests.jobs.scenes import make_job, make_release
from tests.studies.importing import import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> ReaderStudy:
    study = hand_made.make_study()
    patient = study.cases.get(number=1).volume.series.study.patient
    for name, value in (("age", "61"), ("figo", "IIB"), ("ki67_percent", "12.5"), ("centre", "Centre 2")):
        patient.attributes.create(name=name, value=value)
    return study


def test_settings_are_the_plans(study):
    settings = analysis_data(study_data(study)).settings
    assert (settings.design, settings.seed, settings.wash_out_days) == ("crossover", hand_made.SEED, 28)
    assert (settings.analysis_set, settings.is_data_locked, settings.is_synthetic) == ("full", True, True)
    assert [(arm.key, arm.start, arm.release) for arm in settings.arms] == [
        ("ai", "ai", "demo"),
        ("empty", "empty", ""),
    ]


def test_what_the_plan_says_of_missing_reads_reaches_the_analysis(study, monkeypatch):
    """The plan is locked, so its words are changed where they are read."""
    planned = {
        "hypothesis": "AI is faster",
        "missing_rule": "worst_case",
        "abandoned_rule": "time_to_abandon",
    }
    real = module.design_of
    monkeypatch.setattr(module, "design_of", lambda plan: real(plan) | {"analysis": planned})
    settings = analysis_data(study_data(study)).settings
    assert (settings.hypothesis, settings.missing_rule) == ("AI is faster", "worst_case")
    assert settings.abandoned_rule == "time_to_abandon"


def test_a_case_with_attributes_burden_and_contrast(study):
    one, two, three = analysis_data(study_data(study)).cases
    assert one.attributes == {"age": 61.0, "figo": "IIB", "ki67_percent": 12.5}
    assert (one.centre, one.data_set, one.is_negative_control, one.burden_stratum) == (
        "Centre 2", "test", False, "high",
    )  # fmt: skip
    assert (one.reference_lesion_count, one.volume_voxels) == (2, 26)
    assert one.volume_ml == pytest.approx(26 * VOXEL_ML)
    # ramp modulo 3001, times 2 * 0.001: the whole grid above 0.1 SUV after smoothing but for its first corner
    suv = (np.arange(SMALL.voxel_count) % 3001).reshape(SMALL.shape_zyx) * 0.002
    tumour = suv[boxes(SMALL, L1=hand_made.A, L2=hand_made.B) > 0].mean()
    assert one.contrast == pytest.approx(tumour / suv.mean(), rel=0.05)
    assert one.acquisition.voxel_size_xyz_mm == SMALL.spacing_xyz_mm
    assert (two.is_negative_control, two.data_set, two.contrast, two.volume_ml) == (
        True,
        "negative_control",
        None,
        0,
    )
    assert (three.is_negative_control, three.volume_ml) == (None, None)


def test_the_kept_body_mean_is_the_computed_one(study):
    first = [case.contrast for case in analysis_data(study_data(study)).cases]
    assert [case.contrast for case in analysis_data(study_data(study)).cases] == first


def test_reads_with_scores_times_and_sets(study):
    reads = {(r.reader, r.case, r.arm): r for r in analysis_data(study_data(study)).reads}
    ai = reads["R01", 1, "ai"]
    assert (ai.score_row, ai.confidence, ai.derived_row, ai.reference_row) == (3, 4, 3, 3)
    assert (ai.active_s, ai.wall_s, ai.action_count, ai.variants["active_t30_s"]) == (300.0, 400.0, 7, 280.0)
    assert (ai.read_number, ai.analysis_sets, ai.days_since_previous) == (1, ("full", "pp"), None)
    empty = reads["R01", 1, "empty"]
    assert (empty.read_number, empty.analysis_sets, empty.reference_row) == (3, ("full",), None)
    assert empty.days_since_previous == pytest.approx(2 - 420 / 86400)
    assert reads["R02", 1, "empty"].missing_reason == "abandoned"
    unopened = reads["R01", 3, "ai"]
    assert (unopened.state, unopened.active_s, unopened.read_number) == ("not_opened", None, None)


def test_metrics_of_reads_of_record_and_of_named_versions(study):
    metrics = analysis_data(study_data(study)).metrics
    named = {one.case: one for one in metrics if one.source == "demo"}
    assert named[1].dice == pytest.approx(36 / 52)
    assert (named[2].dice, named[2].sensitivity, named[2].n_false) == (0.0, None, 1)
    final = [one for one in metrics if one.source == "" and one.case == 1]
    assert [one.dice for one in final] == pytest.approx([44 / 48, 36 / 44])
    assert all(one.read for one in final)
    (negative,) = [one for one in metrics if one.source == "" and one.case == 2]
    assert negative.dice is None


def test_planted_errors_are_found_or_left(study):
    read = Read.objects.get(assignment__case__number=1, assignment__arm__key="ai")
    errors = [
        {"kind": "added", "label": 9, "volume_ml": 0.5, "corrected": True},
        {"kind": "removed", "label": 1, "volume_ml": 1.0, "corrected": False},
    ]
    Comparison.objects.create(
        read=read,
        kind=Comparison.Kind.START_FINAL,
        truth=read.final_version,
        code_version="1",
        data={"planted": errors},
        created_at=hand_made.BEGIN,
    )
    found = analysis_data(study_data(study)).planted_errors
    assert [(one.kind, one.is_corrected, one.volume_ml) for one in found] == [
        ("false_positive", True, 0.5),
        ("missing", False, 1.0),
    ]


def test_an_interim_look_sees_what_was_submitted_by_then(study):
    cut_off = hand_made.BEGIN + timedelta(days=1, hours=1)
    data = analysis_data(study_data(study), cut_off=cut_off)
    submitted = [(one.case, one.arm) for one in data.reads if one.state == "submitted"]
    assert submitted == [(1, "ai"), (2, "ai")]
    assert [one.case for one in data.metrics if one.source == ""] == [1, 2]


def test_the_digest_of_the_inputs_is_the_same_until_something_changes(study):
    before = inputs_digest(study, study_data(study))
    assert inputs_digest(study, study_data(study)) == before
    study.cases.get(number=3).volume.series.study.patient.attributes.create(name="age", value="50")
    assert inputs_digest(study, study_data(study)) != before


def test_the_number_of_queries_does_not_grow_with_the_reads(study):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        list(study_data(study).rows)
    assert len(queries) < 25


def test_acquisition_comes_from_the_dicom_header(tmp_path):
    import_files(write_pet(tmp_path / "pet"))
    found = acquisition_of(Volume.objects.get())
    assert found.scanner
    assert found.dose_mbq is not None
    assert found.dose_mbq > 1
    assert found.voxel_size_xyz_mm is not None


def test_the_ai_job_is_timed_beside_the_reads_that_start_from_it(study):
    start = Read.objects.get(assignment__case__number=1, assignment__arm__key="ai").start_version
    made = make_job()
    Job.objects.filter(pk=made.pk).update(
        state=Job.State.SUCCEEDED, version=start, seconds={"read": 1.5, "segment": 20.0, "store": 2.5}
    )
    reads = {(r.reader, r.case, r.arm): r for r in analysis_data(study_data(study)).reads}
    assert reads["R01", 1, "ai"].job_s == 24.0
    assert reads["R01", 2, "ai"].job_s is None
    assert reads["R01", 1, "empty"].job_s is None


def test_why_there_is_no_time_of_a_job(study):
    (column,) = [one for one in COLUMNS if one.name == "job_s"]
    said = {
        (r.assignment.case.number, r.assignment.arm.key, r.state): column.why_empty(r)
        for r in study_data(study).rows
    }
    assert said[1, "ai", "submitted"] == "no_job"
    assert said[1, "empty", "submitted"] == "not_ai"
    assert said[3, "ai", "not_opened"] == "not_opened"
    assert column.masked_until_lock


def test_patients_of_the_training_set_and_cases_among_them(study):
    mine = study.cases.get(number=1).volume.series.study.patient.pseudonym
    release = make_release(training_patients=[mine, "PT-ELSEWHERE"])
    before = inputs_digest(study, study_data(study))
    ModelRelease.objects.filter(pk=release.pk).update(fingerprint="f" * 64)  # the hand-made plan's own
    data = analysis_data(study_data(study))
    rows = {row.pseudonym: row for row in data.patients}
    assert set(rows) == {mine, "PT-ELSEWHERE"}
    assert (rows[mine].centre, rows[mine].attributes["age"]) == ("Centre 2", 61.0)
    assert rows["PT-ELSEWHERE"].attributes == {}
    assert {arm.key: arm.trained_on for arm in data.settings.arms} == {
        "ai": (mine, "PT-ELSEWHERE"),
        "empty": None,
    }
    assert inputs_digest(study, study_data(study)) != before


def test_a_release_that_does_not_state_its_patients_is_not_said_to_have_none(study):
    data = analysis_data(study_data(study))
    assert data.patients == ()
    assert {arm.trained_on for arm in data.settings.arms} == {None}
