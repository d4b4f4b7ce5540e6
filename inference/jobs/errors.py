"""What can be refused about jobs, and the three ways a running one ends early."""

from annotations.errors import Conflict, NotFound, PetreviewError


class JobNotFound(NotFound):
    code = "job_not_found"


class StudyHasNoPet(Conflict):
    code = "pet_missing"


class CtMissing(Conflict):
    code = "ct_missing"


class SuvMissing(Conflict):
    code = "suv_missing"


class ReleaseInactive(Conflict):
    code = "release_inactive"


class TracerNotSupported(Conflict):
    """The release was not made for this tracer; someone may override it with a reason."""

    code = "tracer_not_supported"


class JobEnded(Conflict):
    code = "job_ended"


class JobTooLong(PetreviewError):
    code = "job_too_long"
    http_status = 500


class EndedEarly(PetreviewError):
    """Base of what stops a running attempt without being its failure."""

    code = "ended_early"
    http_status = 409


class LeaseLost(EndedEarly):
    """The lease ran out, or another worker claimed the job: nothing is written any more."""

    code = "lease_lost"


class JobCancelled(EndedEarly):
    code = "job_cancelled"


class WorkerStopping(EndedEarly):
    """The worker was told to stop; the job goes back into the queue without losing an attempt."""

    code = "worker_stopping"
