"""Reader study, plan, case, arm, assignment; read, event, score, reading time (design.md, The clock)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.segmentations.models import Segmentation, Version
from annotations.studies.models import Project, SuvRevision, Volume


class ReaderStudy(models.Model):
    """An observer study. Routine review is one too: AI start, nothing masked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="reader_studies")
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    data_locked_at = models.DateTimeField(null=True)
    data_locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    data_lock_signature = models.JSONField(default=dict, help_text="As a plan's signature.")

    class Meta:
        verbose_name_plural = "reader studies"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="reader_study_name_once")]


class Plan(models.Model):
    """What was planned. Once locked it is only ever followed by an amendment with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader_study = models.ForeignKey(ReaderStudy, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amendment")
    reason = models.TextField(blank=True)
    masked = models.JSONField(
        default=list, help_text="What readers must not see: others, past_times, release, arm ..."
    )
    options = models.JSONField(
        default=dict, help_text="Starting window, boundary rule, smallest volume, seed ..."
    )
    design = models.JSONField(default=dict, help_text="All that was planned (annotations/reads/design.py).")
    revision = models.PositiveIntegerField(default=1, help_text="Raised by each change of a draft.")
    idle_threshold_s = models.PositiveIntegerField(default=60, help_text="T of record of the clock, seconds.")
    digest = models.CharField(
        max_length=64, blank=True, help_text="sha256 of the canonical plan at the lock."
    )
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    signature = models.JSONField(default=dict, help_text="Name, meaning and zone of the locking signature.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader_study", "number"], name="plan_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="plan_amendment_has_reason"),
            models.CheckConstraint(
                condition=Q(locked_at__isnull=True, locked_by__isnull=True, digest="")
                | (Q(locked_at__isnull=False, locked_by__isnull=False) & ~Q(digest="")),
                name="plan_lock_complete",
            ),
        ]


class Case(models.Model):
    """A Volume enrolled in a reader study, with the CT shown beside it and the SUV revision it is read in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reader_study = models.ForeignKey(ReaderStudy, on_delete=models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField()
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="cases")
    ct_volume = models.ForeignKey(Volume, on_delete=models.PROTECT, null=True, related_name="+")
    suv_revision = models.ForeignKey(SuvRevision, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader_study", "number"], name="case_number_once"),
            models.UniqueConstraint(fields=["reader_study", "volume"], name="case_volume_once"),
        ]


class Arm(models.Model):
    """What a read starts from."""

    class Start(models.TextChoices):
        AI = "ai", "AI result"
        SEMI_AUTOMATIC = "semi_automatic", "semi-automatic method"
        EMPTY = "empty", "empty"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="arms")
    key = models.CharField(max_length=20)
    title = models.CharField(max_length=80)
    start = models.CharField(max_length=16, choices=Start.choices)
    producer_name = models.CharField(max_length=200, blank=True, help_text="Model release of an AI arm.")
    producer_fingerprint = models.CharField(max_length=64, blank=True)
    uses_chosen_versions = models.BooleanField(
        default=False, help_text="Every case of this AI arm names its own start version."
    )
    tools = models.JSONField(null=True, help_text="Tools of the reading room; null: the same for all arms.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="arm_key_once"),
            models.CheckConstraint(
                condition=~Q(start="ai") | ~Q(producer_fingerprint="") | Q(uses_chosen_versions=True),
                name="arm_ai_names_its_release",
            ),
        ]


class CaseStart(models.Model):
    """The version a case starts from in one arm, where it is not the release's own result."""

    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="case_starts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="starts")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    is_planted = models.BooleanField(default=False, help_text="Holds planted errors; readers are never told.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["arm", "case"], name="case_start_once")]


class CaseRole(models.TextChoices):
    MAIN = "main"
    TRAINING = "training"


class Assignment(models.Model):
    """One row of a locked plan."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="assignments")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="assignments")
    period = models.PositiveIntegerField(default=1)
    position = models.PositiveIntegerField(help_text="Order within the reader's period, from 1.")
    repeat = models.PositiveIntegerField(
        default=0, help_text="0 is the first reading of this case in this arm."
    )
    shown_number = models.PositiveIntegerField(help_text="Case number as this reader sees it.")
    role = models.CharField(max_length=8, choices=CaseRole.choices, default=CaseRole.MAIN)
    stratum = models.CharField(max_length=40, blank=True, help_text="Burden stratum it was balanced in.")
    sequence = models.CharField(max_length=60, blank=True, help_text="Arms of this case in order of reading.")
    in_timing_subgroup = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "reader", "case", "arm", "period", "repeat"], name="assignment_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "reader", "period", "position"], name="assignment_position_once"
            ),
        ]


class Read(models.Model):
    """One attempt at an assignment. Frozen by service, API and triggers once submitted."""

    class State(models.TextChoices):
        OPEN = "open"
        FINAL = "final", "segmentation final"
        SUBMITTED = "submitted"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reads")
    attempt = models.PositiveIntegerField(default=1)
    reason = models.TextField(blank=True, help_text="Why it was opened again; empty for the first attempt.")
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    segmentation = models.OneToOneField(Segmentation, on_delete=models.PROTECT, related_name="read")
    start_version = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="What the read started from.",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    final_at = models.DateTimeField(null=True)
    final_version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)
    abandoned_reason = models.TextField(blank=True)
    last_event_number = models.PositiveIntegerField(
        null=True, help_text="Count of events named at submit; later ones are kept as late."
    )
    derived = models.JSONField(
        null=True, help_text="Derived Table 1 row with its counts, computed at submit."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "attempt"], name="read_attempt_once"),
            models.CheckConstraint(condition=Q(attempt=1) | ~Q(reason=""), name="read_again_has_reason"),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False, final_version__isnull=False),
                name="read_submitted_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="abandoned") | (Q(abandoned_at__isnull=False) & ~Q(abandoned_reason="")),
                name="read_abandoned_has_reason",
            ),
        ]


class EventKind(models.TextChoices):
    FIRST_IMAGE = "first_image", "first interactive PET image (clock starts)"
    ACTIVITY = "activity", "pointer, wheel or key"
    VISIBLE = "visible"
    HIDDEN = "hidden"
    FOCUS = "focus"
    BLUR = "blur"
    LOADING_BEGIN = "loading_begin"
    LOADING_END = "loading_end"
    COMPUTING_BEGIN = "computing_begin"
    COMPUTING_END = "computing_end"
    EDIT = "edit"
    PAUSE_BEGIN = "pause_begin"
    PAUSE_END = "pause_end"
    STILL_READING = "still_reading", "answered 'Still reading? Yes'"
    PAGE_OPENED = "page_opened"
    PAGE_CLOSED = "page_closed"
    FINAL = "final", "segmentation final (clock ends)"
    RESUMED = "resumed", "editing taken up again before the score"
    SCORE_SHOWN = "score_shown"
    SCORED = "scored"
    WINDOW = "window", "display window changed"


class Event(models.Model):
    """One raw, timestamped fact in a read. Nothing is thresholded in the client."""

    id = models.UUIDField(primary_key=True, editable=False)
    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="events")
    page_load = models.UUIDField(help_text="One load of the page in one tab.")
    sequence = models.PositiveIntegerField(help_text="From 0 within the page load.")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    monotonic_ms = models.FloatField(help_text="performance.now() of the page load, ms.")
    client_time = models.DateTimeField(help_text="The reader's clock.")
    server_time = models.DateTimeField(help_text="When the server received it.")
    data = models.JSONField(default=dict, help_text="Lesion and tool of an edit, and the like.")
    late = models.BooleanField(default=False, help_text="Came after submit: kept, outside the times.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["read", "page_load", "sequence"], name="event_sequence_once"),
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values),
                name="event_known_kind",
            ),
        ]


class Score(models.Model):
    """The Table 1 row given in a read of an AI arm. The first is immutable; revisions are kept beside it."""

    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="scores")
    revision = models.PositiveIntegerField(
        default=0, help_text="0 is the first score, given before any count."
    )
    row = models.PositiveSmallIntegerField()
    confidence = models.PositiveSmallIntegerField(null=True, help_text="1 low to 5 high.")
    comment = models.TextField(blank=True)
    lesion_flags = models.JSONField(
        null=True,
        help_text="The reader's own remarks on single lesions: label, flag, remark. Null: none.",
    )
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["read", "revision"], name="score_revision_once"),
            models.CheckConstraint(condition=Q(row__gte=1, row__lte=5), name="score_row_1_to_5"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=1, confidence__lte=5),
                name="score_confidence_1_to_5",
            ),
            models.CheckConstraint(condition=Q(revision=0) | ~Q(reason=""), name="score_revision_has_reason"),
        ]


class ReadingTime(models.Model):
    """The clock of a submitted read, computed from its events by one version of the code."""

    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="reading_times")
    code_version = models.CharField(max_length=32)
    idle_threshold_s = models.FloatField()
    wall_s = models.FloatField(help_text="First interactive PET image to the last 'Segmentation final'.")
    paused_s = models.FloatField(help_text="Declared pauses.")
    hidden_s = models.FloatField(help_text="No tab of the read visible, outside pauses.")
    loading_s = models.FloatField(help_text="Blocking load of images, outside the above.")
    computing_s = models.FloatField(help_text="Waiting for a method, outside the above.")
    idle_s = models.FloatField(help_text="Gaps beyond T, outside the above.")
    active_s = models.FloatField(help_text="The rest: wall minus all parts above.")
    variants = models.JSONField(help_text="Sensitivity variants, seconds by name.")
    time_to_first_edit_s = models.FloatField(null=True)
    scoring_s = models.FloatField(
        null=True, help_text="Score panel shown to score given; outside the wall time."
    )
    action_count = models.PositiveIntegerField()
    flags = models.JSONField(default=list, help_text="Clock jump, missing events and the like, by name.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["read", "code_version"], name="reading_time_once")]


class Comparison(models.Model):
    """Two versions compared for one read, by one version of the code. Never changed."""

    class Kind(models.TextChoices):
        START_FINAL = "start_final", "AI version against final version"
        START_REFERENCE = "start_reference", "AI version against the reference"
        FINAL_REFERENCE = "final_reference", "final version against the reference"

    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="comparisons")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    truth = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    code_version = models.CharField(max_length=32)
    data = models.JSONField(help_text="annotations/reads/scoring: row, agreement, lesions, planted errors.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["read", "kind", "truth", "code_version"], name="comparison_once")
        ]


class Exemption(models.Model):
    """A coordinator lets a reader depart from the plan, with a reason: kept as a deviation."""

    class Rule(models.TextChoices):
        ORDER = "order", "out of the planned order"
        WASHOUT = "washout", "before the wash-out is over"
        TRAINING = "training", "before the training is passed"

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="exemptions")
    rule = models.CharField(max_length=8, choices=Rule.choices)
    reason = models.TextField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "rule"], name="exemption_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="exemption_has_reason"),
        ]


class Look(models.Model):
    """A planned interim look at the results by arm: it sees what was submitted by then, no more."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="looks")
    number = models.PositiveIntegerField(help_text="From 1, in the order of the plan.")
    reason = models.TextField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(help_text="Reads submitted up to here are seen.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="look_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="look_has_reason"),
        ]
