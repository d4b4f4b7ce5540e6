"""One attempt at one job: claim, segment, store, finish. Called by the task and by `manage.py segment --here`."""

import logging
import time
import uuid
from pathlib import Path

import numpy as np
from celery.exceptions import SoftTimeLimitExceeded

from annotations.errors import PetreviewError, StorageFull
from annotations.imaging.volume import FloatArray
from annotations.segmentations.models import ProducerKind
from annotations.segmentations.services import PreparedVersion, prepare_version
from annotations.store.models import Blob
from annotations.store.services import put_blob
from annotations.studies.selectors import read_volume, volume_grid
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
from inference.segmenters.fingerprint import fingerprint_folder
from inference.segmenters.protocol import SegmentationResult, SegmenterInputs
from inference.segmenters.table import SEGMENTERS

log = logging.getLogger(__name__)

# A refusal stays one however often it is tried; a full disk may be emptied meanwhile.
WORTH_RETRYING = (StorageFull,)


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
        fail_job(claim=claim, code="job_too_long", message=message, retry=False)
    except PetreviewError as error:
        retry = isinstance(error, WORTH_RETRYING)
        fail_job(claim=claim, code=error.code, message=_sentence(error), retry=retry)
    except Exception as error:
        fail_job(claim=claim, code=type(error).__name__, message=str(error) or repr(error), retry=True)
        raise
    return True
