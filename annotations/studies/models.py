"""Projects, patients and what DICOM brought: study, series, instance, and the voxel grid of a series."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.store.models import Blob


class Project(models.Model):
    """A group of patients with its own pseudonyms and data managers."""

    class Deidentification(models.TextChoices):
        NONE = "none"
        BASIC = "basic"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    pseudonym_prefix = models.CharField(max_length=12, default="PT")
    data_managers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="managed_projects"
    )
    is_synthetic = models.BooleanField(default=False, help_text="Every study of the project is a phantom.")
    deidentification = models.CharField(
        max_length=12,
        choices=Deidentification.choices,
        default=Deidentification.NONE,
        help_text="What an import does to each object before it is stored. Fixed when the project is made.",
    )
    deidentification_secret = models.CharField(
        max_length=64,
        default=secrets.token_hex,
        editable=False,
        help_text="Key of the project's replaced UIDs, dates and codes; leaves the server as little as the "
        "key table does.",
    )
    created_at = models.DateTimeField(auto_now_add=True)


class Patient(models.Model):
    """A pseudonym in a project. Who it is stands in PatientKey only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="patients")
    pseudonym = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "pseudonym"], name="patient_pseudonym_once"),
        ]


class PatientKey(models.Model):
    """The key table: which PatientID a pseudonym stands for. Data managers of the project only."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="key")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    source_patient_id = models.CharField(max_length=128)
    source_patient_name = models.CharField(max_length=400, blank=True)
    date_offset_days = models.IntegerField(
        null=True, help_text="Added to all dates of the patient's objects; null when none was changed."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "source_patient_id"], name="patient_key_once"),
        ]


class PatientAttribute(models.Model):
    """One clinical attribute of a patient (age, sex, primary_site, who_grade, ki67_percent, figo ...)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "name"], name="patient_attribute_once"),
        ]


class Study(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="studies")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="studies")
    study_instance_uid = models.CharField(max_length=64)
    study_date = models.DateField(null=True)
    description = models.CharField(max_length=200, blank=True)
    is_synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "studies"
        constraints = [
            models.UniqueConstraint(fields=["project", "study_instance_uid"], name="study_uid_once"),
        ]


class Series(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    series_instance_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16)
    description = models.CharField(max_length=200, blank=True)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    tracer = models.CharField(
        max_length=80, blank=True, help_text="As [64Cu]Cu-DOTATATE; empty when not a PET."
    )
    attributes = models.JSONField(default=dict, help_text="Scanner, reconstruction and other plain tags.")

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["study", "series_instance_uid"], name="series_uid_once")
        ]


class Instance(models.Model):
    """One stored DICOM file. Its blob is the file as it was after the transform step."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="instances")
    sop_instance_uid = models.CharField(max_length=64)
    source_digest = models.CharField(
        max_length=64, help_text="sha256 of the bytes that came in, to know the same file again."
    )
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "sop_instance_uid"], name="instance_uid_once")
        ]


class Volume(models.Model):
    """The voxel grid rebuilt from one series: immutable. New instances make a new Volume."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="volumes")
    part = models.CharField(
        max_length=200, blank=True, help_text="Which of several volumes of the series, as 'time slice 002'."
    )
    digest = models.CharField(
        max_length=64,
        help_text="sha256 of canonical JSON of ordered instance digests and frames, grid, unit and factors.",
    )
    grid = models.JSONField(help_text="Grid.to_json(): shape_zyx, spacing_xyz_mm, origin_xyz_mm, direction.")
    grid_digest = models.CharField(max_length=64)
    max_deviation_mm = models.FloatField(help_text="Largest distance of a slice from the fitted grid, mm.")
    unit = models.CharField(
        max_length=16, help_text="Unit of stored * slope + intercept: Bq/mL, SUVbw, HU ..."
    )
    dtype = models.CharField(max_length=8, choices=[("int16", "int16"), ("uint16", "uint16")])
    slopes = models.JSONField(help_text="One factor for each slice, float64.")
    intercepts = models.JSONField()
    voxels = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    mip = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, related_name="+")
    mip_header = models.JSONField(null=True, help_text="Angles, shape, spacing and scale of the MIP frames.")
    warnings = models.JSONField(default=list, help_text="What is odd about the series, as sentences.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "digest"], name="volume_once")]


class VolumeInstance(models.Model):
    """Which instance is which slice of a Volume."""

    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="slices")
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(help_text="Slice index z, from 0.")
    frame = models.PositiveIntegerField(default=0, help_text="Frame of a multi-frame object, from 0.")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["volume", "position"], name="volume_slice_once")]


class SuvRevision(models.Model):
    """The SUV record of a PET Volume. A corrected tag is a new revision, never an overwrite."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="suv_revisions")
    number = models.PositiveIntegerField()
    record = models.JSONField(help_text="Inputs with their tags, rule taken, cross-checks, warnings.")
    factor = models.FloatField(
        null=True, help_text="SUVbw per unit of the Volume; null when there is no valid SUV."
    )
    digest = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["volume", "number"], name="suv_revision_number_once"),
            models.CheckConstraint(
                condition=Q(factor__isnull=True) | Q(factor__gt=0), name="suv_factor_positive"
            ),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="suv_revision_has_reason"),
        ]


class ImportRun(models.Model):
    """One upload or one call of import_dicom: progress, what was imported, what was refused."""

    class State(models.TextChoices):
        RECEIVING = "receiving"
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="imports")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVING)
    stage = models.CharField(max_length=40, blank=True)
    files_total = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(
        default=0, help_text="Starts so far; a run writes only under its own number."
    )
    report = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)
