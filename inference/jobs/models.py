"""One run of a release on a Volume. The row is the truth; the broker only rings (invariant 5)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.segmentations.models import Version
from annotations.store.models import Blob
from annotations.studies.models import SuvRevision, Volume
from inference.releases.models import ModelRelease


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.ForeignKey(ModelRelease, on_delete=models.PROTECT, related_name="jobs")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="jobs")
    ct_volume = models.ForeignKey(Volume, on_delete=models.PROTECT, null=True, related_name="+")
    suv_revision = models.ForeignKey(SuvRevision, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    override_reason = models.TextField(
        blank=True, help_text="Why a release was run on a tracer it was not made for."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    fencing_token = models.PositiveBigIntegerField(default=0, help_text="Incremented by each claim.")
    lease_expires_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.FloatField(default=0.0, help_text="Share done, 0 to 1.")
    device = models.CharField(max_length=80, blank=True, help_text="cpu or the CUDA device's name.")
    worker = models.CharField(
        max_length=120, blank=True, help_text="Host and process that claimed it last, as 'gpu1:4711:9f3a2c'."
    )
    seconds = models.JSONField(
        default=dict,
        help_text="Wall seconds of the attempt that succeeded: 'read' the volumes from the store, 'segment' "
        "(everything the method does), 'store' the results and measure; waiting in the queue is in none.",
    )
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    version = models.OneToOneField(Version, on_delete=models.PROTECT, null=True, related_name="job")
    probability = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    fold_spread = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    peak_memory_mb = models.FloatField(
        null=True, help_text="Largest resident memory of the worker's process during the attempt, 2^20 bytes."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=1), name="job_progress_share"),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(version__isnull=False), name="job_succeeded_has_version"
            ),
            models.CheckConstraint(
                condition=Q(state="succeeded") | Q(version__isnull=True),
                name="job_version_only_when_succeeded",
            ),
            models.UniqueConstraint(
                fields=["release", "volume", "suv_revision"],
                condition=Q(state__in=["queued", "running"]),
                name="job_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="job_waiting"),
            models.Index(fields=["updated_at"], name="job_changed"),
        ]


class Worker(models.Model):
    """A worker process that lives, or did when it said so last."""

    class Queue(models.TextChoices):
        """`gpu` runs jobs; `cpu` runs imports and other short work, which so never waits for a job."""

        GPU = "gpu"
        CPU = "cpu"

    name = models.CharField(
        primary_key=True, max_length=120, help_text="Host and process, as Job.worker says it."
    )
    queue = models.CharField(max_length=3, choices=Queue.choices)
    seen_at = models.DateTimeField()
