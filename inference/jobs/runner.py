"""One attempt at one job: claim, segment, store, finish. For the task and for `manage.py segment --here`."""

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded

from annotations.errors import PetreviewError, StorageFull
from annotations.imaging.geometry import canonical_json
from annotations.imaging.volume import FloatArray
from annotations.segmentations.models import CompanionMap, ProducerKind
from annotations.segmentations.services import PreparedVersion, prepare_version, with_companion
from annotations.store.models import Blob
from annotations.store.services import put_blob
from annotations.studies.selectors import read_volume
from inference.jobs import worker_state
from inference.jobs.errors import EndedEarly, JobCancelled, LeaseLost, WorkerStopping
from inference.jobs.memory import peak_memory_mb, reset_peak_memory
from inference.jobs.models import Job
from inference.jobs.pulse import Pulse
from inference.jobs.services.claims import (
    Claim,
    claim_job,
    end_cancelled,
    fail_job,
    finish_job,
    hand_back,
)
from inference.releases.errors import ReleaseChanged
from inference.releases.models import ModelRelease
from inference.segmenters.errors import OutOfMemory
from inference.segmenters.fingerprint import fingerprint_folder
from inference.segmenters.protocol import SegmentationResult, SegmenterInputs
from inference.segmenters.table import SEGMENTERS

log = logging.getLogger(__name__)

# A refusal stays one however often it is tried; disk and memory may be free again.
WORTH_RETRYING = (StorageFull, OutOfMemory)
SEGMENTED_SHARE = 0.95
"""The share of a job that is done once the method has ended."""


def run_job(job_id: uuid.UUID) -> bool:
    """Run the job if it is there to be taken. False when it was not, or when this worker stops.

    Every failure is written to the job's row; one that is not of our own errors is raised again, so
    that the worker's log has its trace.
    """
    if worker_state.is_stopping():
        return False
    claim = claim_job(job_id=job_id, worker=worker_state.worker_name())
    if claim is None:
        return False
    try:
        _run_claimed(claim)
    except EndedEarly as ending:
        _end_early(claim, ending)
    except SoftTimeLimitExceeded:
        message = "The job ran longer than it may (setting PETREVIEW_JOB_TIME_LIMIT_SECONDS)."
        _fail(claim, "job_too_long", message, retry=False)
    except PetreviewError as error:
        _fail(claim, error.code, _sentence(error), retry=isinstance(error, WORTH_RETRYING))
    except (KeyboardInterrupt, SystemExit):
        hand_back(claim=claim)
        raise
    except Exception as error:
        _fail(claim, type(error).__name__, str(error) or repr(error), retry=True)
        raise
    return True


def _run_claimed(claim: Claim) -> None:
    """Everything slow happens before the one short transaction of finish_job (invariant 9)."""
    job = Job.objects.select_related("release", "volume__series__study", "ct_volume", "suv_revision").get(
        pk=claim.job_id
    )
    seconds: dict[str, float] = {}
    reset_peak_memory()
    with Pulse(claim, worker_state.is_stopping) as pulse:
        with _timed(seconds, "read"):
            pulse.tick("reading", 0.0)
            inputs = read_inputs(job)
        with _timed(seconds, "segment"):
            result = segment(job.release, inputs, pulse)
        seconds |= {f"segment {stage}": spent for stage, spent in result.timings.items()}
        with _timed(seconds, "store"):
            pulse.tick("measuring", SEGMENTED_SHARE)
            probability = store_share(result.probability, job)
            fold_spread = store_share(result.fold_spread, job)
            prepared = prepare_result(job, result, fold_spread)
        pulse.beat(renew=True)
        pulse.raise_if_stopped()
    finish_job(
        claim=claim,
        prepared=prepared,
        probability=probability,
        fold_spread=fold_spread,
        device=result.device,
        peak_memory_mb=peak_memory_mb(),
        seconds=seconds,
    )


def read_inputs(job: Job) -> SegmenterInputs:
    """PET in SUV of the job's revision, CT in HU."""
    pet = read_volume(job.volume)
    assert job.suv_revision.factor is not None  # request_job refuses a PET without
    ct = None if job.ct_volume is None else read_volume(job.ct_volume)
    return SegmenterInputs(
        pet_suv=pet.values(job.suv_revision.factor),
        pet_grid=pet.grid,
        ct_hu=None if ct is None else ct.values(),
        ct_grid=None if ct is None else ct.grid,
    )


def segment(release: ModelRelease, inputs: SegmenterInputs, pulse: Pulse) -> SegmentationResult:
    """Raises ReleaseChanged when the folder is not the registered one any more, and what stops the job."""
    folder = Path(release.folder)
    if fingerprint_folder(folder) != release.fingerprint:
        raise ReleaseChanged("The model's files are not those that were registered.", release=release.name)

    def on_progress(stage: str, share: float) -> None:
        pulse.tick(stage, share * SEGMENTED_SHARE)

    try:
        result = SEGMENTERS[release.method].segment(inputs, folder, on_progress, pulse.should_stop)
    except PetreviewError:
        pulse.raise_if_stopped()
        raise
    pulse.raise_if_stopped()
    return result


def prepare_result(job: Job, result: SegmentationResult, fold_spread: Blob | None) -> PreparedVersion:
    """Label map stored and measured; its id comes from the job's, so that one job has one version.

    fold_spread: stored beside the version as its disagreement map; None where there is none.
    """
    release, study = job.release, job.volume.series.study
    prepared = prepare_version(
        volume=job.volume,
        title=release.name,
        labels=result.labels,
        suv_revision=job.suv_revision,
        producer_kind=ProducerKind.MODEL,
        producer_name=release.name,
        producer_fingerprint=release.fingerprint,
        producer_parameters={"method": release.method, **result.parameters},
        tool="segment",
        source=ProducerKind.MODEL,
        is_synthetic=release.is_synthetic or study.is_synthetic,
        version_id=uuid.uuid5(job.pk, "version 1"),
    )
    if fold_spread is None:
        return prepared
    return with_companion(prepared, CompanionMap.Kind.DISAGREEMENT, fold_spread)


def store_share(share: FloatArray | None, job: Job) -> Blob | None:
    """A probability or spread [z, y, x], 0 to 1, as uint8 in steps of 1/255; None where a method has none."""
    if share is None:
        return None
    content = np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8).tobytes()
    geometry = canonical_json(job.volume.grid)
    return put_blob(content=content, kind="probability", compress=True, suffix=geometry)


def _sentence(error: PetreviewError) -> str:
    details = ", ".join(f"{name}: {value}" for name, value in error.detail.items())
    return f"{error.message} ({details})" if details else error.message


def _end_early(claim: Claim, ending: EndedEarly) -> None:
    log.info("job %s: %s", claim.job_id, ending.message)
    try:
        if isinstance(ending, JobCancelled):
            end_cancelled(claim=claim)
        elif isinstance(ending, WorkerStopping):
            hand_back(claim=claim)
    except LeaseLost:
        log.info("job %s was taken back meanwhile", claim.job_id)


def _fail(claim: Claim, code: str, message: str, *, retry: bool) -> None:
    log.warning("job %s failed: %s: %s", claim.job_id, code, message)
    try:
        fail_job(claim=claim, code=code, message=message, retry=retry)
    except LeaseLost:
        log.info("job %s was taken back meanwhile; its error is not recorded", claim.job_id)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = round(time.monotonic() - began, 3)
