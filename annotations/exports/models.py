"""Background work on a reader study: exports and analyses. The row is the truth, the broker only rings."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.reads.models import ReaderStudy


class BackgroundRun(models.Model):
    """queued -> running -> done | failed | cancelled; a worker that is lost gives it back to the queue."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveIntegerField(
        default=0, help_text="Starts so far; a worker writes only under its own number."
    )
    stage = models.CharField(max_length=80, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Steps of the stage that are done.")
    total = models.PositiveIntegerField(default=0, help_text="Steps of the stage; 0: not known.")
    cancel_requested = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="Last sign of life.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Export(BackgroundRun):
    """One package of files. The file lies under PETREVIEW_HOME/exports, named by the export's id."""

    reader_study = models.ForeignKey(ReaderStudy, on_delete=models.PROTECT, related_name="exports")
    parts = models.JSONField(help_text="tables, forms, versions, dataset.")
    formats = models.JSONField(help_text="csv, xlsx, json, parquet.")
    is_masked = models.BooleanField(help_text="Made before the data lock: nothing in it tells an arm.")
    file_name = models.CharField(max_length=240, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    file_removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="done") | ~Q(sha256=""), name="export_done_has_file"),
        ]
        indexes = [models.Index(fields=["state", "updated_at"], name="export_waiting")]


class Analysis(BackgroundRun):
    """One analysis of a reader study; its report is kept with the digest of what went into it."""

    reader_study = models.ForeignKey(ReaderStudy, on_delete=models.PROTECT, related_name="analyses")
    is_interim = models.BooleanField(default=False)
    cut_off = models.DateTimeField(null=True, help_text="Of an interim look: what was submitted by then.")
    inputs_digest = models.CharField(max_length=64, blank=True)
    report = models.JSONField(null=True)

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(report__isnull=False), name="analysis_done_has_report"
            ),
            models.UniqueConstraint(
                fields=["reader_study"],
                condition=Q(state__in=["queued", "running"]),
                name="analysis_one_at_a_time",
            ),
        ]
