"""The user's side: ask for a job, cancel it."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.studies.models import Study
from inference.jobs.doorbell import ring_on_commit
from inference.jobs.errors import CtMissing, JobEnded, ReleaseInactive, TracerNotSupported
from inference.jobs.models import Job
from inference.jobs.selectors import Inputs, inputs_of_study
from inference.releases.models import ModelRelease
from inference.releases.selectors import is_made_for, needs_ct

State = Job.State


def request_job(
    *, study: Study, release: ModelRelease, requested_by: User | None, override_reason: str = ""
) -> tuple[Job, bool]:
    """Queue a run of `release` on the study's PET (and CT) and ring for it.

    Returns (job, True), or (the unfinished job of this release and volume, False). Raises StudyHasNoPet,
    SuvMissing, CtMissing, ReleaseInactive, or TracerNotSupported when there is no `override_reason`.
    """
    inputs = inputs_of_study(study)
    _refuse_unfit(release, inputs, override_reason.strip())
    try:
        with transaction.atomic():
            return _create_job(inputs, release, requested_by, override_reason.strip()), True
    except IntegrityError:
        running = unfinished_job(inputs=inputs, release=release)
        if running is None:
            raise
        return running, False


def unfinished_job(*, inputs: Inputs, release: ModelRelease) -> Job | None:
    waiting = Job.objects.filter(state__in=[State.QUEUED, State.RUNNING])
    return waiting.filter(release=release, volume=inputs.pet, suv_revision=inputs.suv_revision).first()


def cancel_job(*, job: Job, cancelled_by: User | None) -> Job:
    """A queued job ends now; a running one within seconds, by its worker. Raises JobEnded."""
    with transaction.atomic():
        queued = Job.objects.filter(pk=job.pk, state=State.QUEUED)
        running = Job.objects.filter(pk=job.pk, state=State.RUNNING)
        done = queued.update(
            state=State.CANCELLED, cancel_requested=True, finished_at=Now(), updated_at=Now()
        ) or running.update(cancel_requested=True, updated_at=Now())
        if not done:
            raise JobEnded("The job has already ended.", job=str(job.pk))
        record(actor=cancelled_by, action="job_cancel_requested", object_type="job", object_id=job.pk)
    job.refresh_from_db()
    return job


def _create_job(
    inputs: Inputs, release: ModelRelease, requested_by: User | None, override_reason: str
) -> Job:
    job = Job.objects.create(
        release=release,
        volume=inputs.pet,
        ct_volume=inputs.ct if needs_ct(release) else None,
        suv_revision=inputs.suv_revision,
        requested_by=requested_by,
        override_reason=override_reason,
        max_attempts=settings.JOB_MAX_ATTEMPTS,
    )
    record(
        actor=requested_by,
        action="job_requested",
        object_type="job",
        object_id=job.pk,
        new={"release": release.fingerprint, "volume": str(inputs.pet.pk), "suv": inputs.suv_revision.digest},
        reason=override_reason,
    )
    ring_on_commit(job.pk)
    return job


def _refuse_unfit(release: ModelRelease, inputs: Inputs, override_reason: str) -> None:
    if not release.is_active:
        raise ReleaseInactive("This model release is switched off.", release=release.name)
    if needs_ct(release) and inputs.ct is None:
        raise CtMissing("This model release needs the CT of the same examination.", release=release.name)
    tracer = inputs.pet.series.tracer
    if not override_reason and not is_made_for(release, tracer):
        raise TracerNotSupported(
            "This model release was not made for the tracer of this study.",
            tracer=tracer,
            made_for=release.options["tracers"],
        )
