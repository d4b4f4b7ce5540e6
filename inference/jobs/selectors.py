"""Reads of jobs."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from annotations.accounts.models import User
from annotations.segmentations.visibility import masked_volumes
from annotations.studies.models import Study, SuvRevision, Volume
from annotations.studies.selectors import current_suv_revision, default_ct_volume, default_pet_volume
from annotations.studies.visibility import studies_visible_to
from inference.jobs.errors import JobNotFound, StudyHasNoPet, SuvMissing
from inference.jobs.models import Job, Worker


@dataclass(frozen=True)
class Inputs:
    """What a job of a study runs on. `pet` has its series loaded."""

    pet: Volume
    suv_revision: SuvRevision
    ct: Volume | None


def inputs_of_study(study: Study) -> Inputs:
    """The PET that is read by default, its newest SUV revision, and the CT that is shown under it.

    Raises StudyHasNoPet, or SuvMissing when the PET has no valid SUV.
    """
    pet = default_pet_volume(study)
    if pet is None:
        raise StudyHasNoPet("The study has no PET volume.", study=str(study.pk))
    revision = current_suv_revision(pet)
    if revision is None or revision.factor is None:
        raise SuvMissing("The PET of this study has no valid SUV.", volume=str(pet.pk))
    return Inputs(pet, revision, default_ct_volume(study, pet))


def all_jobs() -> QuerySet[Job]:
    """With what the API says of a job, newest first."""
    joined = Job.objects.select_related("release", "version", "volume__series__study__patient")
    return joined.order_by("-created_at")


def jobs_visible_to(user: User) -> QuerySet[Job]:
    """Jobs on the studies the user may see; none for a reader, nor on a case that staff read masked."""
    jobs = all_jobs().filter(volume__series__study__in=studies_visible_to(user))
    return jobs.exclude(volume__in=masked_volumes(user))


def visible_job(*, user: User, job_id: uuid.UUID) -> Job:
    job = jobs_visible_to(user).filter(pk=job_id).first()
    if job is None:
        raise JobNotFound("There is no such job, or it is not yours to see.", job=str(job_id))
    return job


def seconds_of_versions(versions: Collection[uuid.UUID]) -> dict[uuid.UUID, float]:
    """Wall seconds of the attempt that made each version: read, segment and store, without the queue.

    A version that no job made, or whose job did not time itself, is left out.
    """
    made = Job.objects.filter(version__in=set(versions)).values_list("version_id", "seconds")
    return {version: float(sum(seconds.values())) for version, seconds in made if seconds}


def running_jobs_of(worker: str) -> int:
    """How many jobs a worker holds claims on, its lost ones included until their leases run out."""
    return Job.objects.filter(state=Job.State.RUNNING, worker=worker).count()


def living_workers(queue: Worker.Queue) -> int:
    """How many workers of a queue have said lately that they live; three missed words end one."""
    lately = timedelta(seconds=3 * settings.JOB_SWEEP_SECONDS + 2)
    return Worker.objects.filter(queue=queue, seen_at__gt=Now() - lately).count()
