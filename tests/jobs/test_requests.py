"""Asking for a job: what fits, what is refused by name, and that one runs at a time."""

import pytest

from annotations.accounts.models import Role
from annotations.models import AuditRecord
from inference.jobs.errors import (
    CtMissing,
    JobEnded,
    ReleaseInactive,
    StudyHasNoPet,
    SuvMissing,
    TracerNotSupported,
)
from inference.jobs.services import cancel_job, request_job
from inference.models import Job
from tests.builders import make_user, make_volume
from tests.jobs.scenes import make_job, make_release, make_study

pytestmark = pytest.mark.django_db


def test_a_job_names_the_pet_its_suv_revision_and_the_ct():
    study = make_study()
    release = make_release(channels=[{"name": "PET"}, {"name": "CT"}])
    job, is_new = request_job(study=study, release=release, requested_by=None)
    assert is_new
    assert (job.volume.series.modality, job.ct_volume.series.modality) == ("PT", "CT")
    assert job.suv_revision == job.volume.suv_revisions.get()


def test_the_same_request_again_gives_the_unfinished_job():
    study, release = make_study(), make_release()
    first, _ = request_job(study=study, release=release, requested_by=None)
    again, is_new = request_job(study=study, release=release, requested_by=None)
    assert (again.pk, is_new, Job.objects.count()) == (first.pk, False, 1)


def test_after_its_end_a_job_can_be_asked_for_again():
    study, release = make_study(), make_release()
    first, _ = request_job(study=study, release=release, requested_by=None)
    cancel_job(job=first, cancelled_by=None)
    again, is_new = request_job(study=study, release=release, requested_by=None)
    assert is_new
    assert again.pk != first.pk
    with pytest.raises(JobEnded):
        cancel_job(job=first, cancelled_by=None)


def test_another_tracer_is_refused_unless_someone_says_why():
    study, release = make_study(), make_release(tracers=["FDG"])
    with pytest.raises(TracerNotSupported) as refused:
        request_job(study=study, release=release, requested_by=None)
    assert refused.value.detail == {"tracer": "[64Cu]Cu-DOTATATE", "made_for": ["FDG"]}
    user = make_user("coordinator", Role.COORDINATOR)
    job, _ = request_job(study=study, release=release, requested_by=user, override_reason="a pilot")
    assert job.override_reason == "a pilot"
    audit = AuditRecord.objects.get(action="job_requested", object_id=str(job.pk))
    assert (audit.actor, audit.reason) == (user, "a pilot")


@pytest.mark.parametrize("made_for", ["64Cu-DOTATATE", "[64Cu]Cu-DOTATATE", "any"])
def test_a_tracer_is_known_in_either_spelling(made_for):
    assert make_job(release=make_release(tracers=[made_for])).state == "queued"


def test_a_tracer_that_is_not_said_is_refused():
    study = make_study()
    study.series.filter(modality="PT").update(tracer="")
    with pytest.raises(TracerNotSupported):
        request_job(study=study, release=make_release(tracers=["any"]), requested_by=None)


def test_a_pet_without_suv_is_refused():
    with pytest.raises(SuvMissing):
        make_job(make_study(factor=None))


def test_a_study_without_pet_is_refused():
    study = make_volume(modality="CT").series.study
    with pytest.raises(StudyHasNoPet):
        make_job(study)


def test_a_missing_ct_is_refused_where_the_release_needs_it():
    study = make_study(with_ct=False)
    assert make_job(study).ct_volume is None
    with pytest.raises(CtMissing):
        make_job(study, make_release("with CT", channels=[{"name": "PET"}, {"name": "CT"}]))


def test_a_release_that_is_switched_off_is_refused():
    release = make_release()
    release.is_active = False
    release.save()
    with pytest.raises(ReleaseInactive):
        make_job(release=release)
