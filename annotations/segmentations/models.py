"""Segmentation (a lineage), its immutable versions, lesions and measures."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.store.models import Blob
from annotations.studies.models import Series, SuvRevision, Volume


class ProducerKind(models.TextChoices):
    MODEL = "model", "AI model"
    SEMI_AUTOMATIC = "semi_automatic", "semi-automatic method"
    READER = "reader", "reader"
    IMPORT = "import", "imported"
    REFERENCE = "reference", "phantom truth"


class Segmentation(models.Model):
    """One lineage of versions on one PET Volume."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="segmentations")
    title = models.CharField(max_length=200)
    source_series = models.ForeignKey(
        Series,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The RTSTRUCT or SEG it came from.",
    )
    is_resampled = models.BooleanField(
        default=False, help_text="Drawn on another grid of the same frame of reference."
    )
    is_synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)


class Version(models.Model):
    """One immutable state of a segmentation. The id is the client's (UUID); triggers refuse any change."""

    id = models.UUIDField(primary_key=True, editable=False)
    segmentation = models.ForeignKey(Segmentation, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    labels = models.ForeignKey(
        Blob,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Label map; its digest is the content digest.",
    )
    version_digest = models.CharField(max_length=64, unique=True)
    producer_kind = models.CharField(max_length=16, choices=ProducerKind.choices)
    producer_name = models.CharField(max_length=200)
    producer_fingerprint = models.CharField(max_length=64, blank=True)
    producer_parameters = models.JSONField(default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    tool = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    request_digest = models.CharField(
        max_length=64, blank=True, help_text="sha256 of the edit as it was sent, to know a repeated save."
    )
    next_label = models.PositiveIntegerField(
        help_text="Lowest number never used in this lineage and its ancestors."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segmentation", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["segmentation", "parent"], name="version_parent_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(
                condition=Q(number=1) | Q(parent__isnull=False), name="version_has_parent"
            ),
            models.CheckConstraint(
                condition=Q(producer_kind__in=ProducerKind.values), name="version_known_producer"
            ),
        ]


class Lesion(models.Model):
    """One label of one version, with what a reader said of it. A deleted lesion keeps its row and number."""

    class Status(models.TextChoices):
        KEPT = "kept"
        EDITED = "edited"
        ADDED = "added"
        DELETED = "deleted"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="lesions")
    label = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices)
    source = models.CharField(max_length=16, choices=ProducerKind.choices)
    name = models.CharField(max_length=120, blank=True)
    site = models.CharField(
        max_length=60, blank=True, help_text="Code of the site (annotations/dicom/codes.py)."
    )
    physiological_class = models.CharField(max_length=40, blank=True)
    comment = models.TextField(blank=True)
    boundary_rule = models.CharField(
        max_length=80, blank=True, help_text="How the outline was set, as 'SUV > 4.0'."
    )

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["version", "label"], name="lesion_label_once"),
            models.CheckConstraint(
                condition=Q(label__gte=1) & Q(label__lte=65535) & ~Q(label=255), name="lesion_label_in_range"
            ),
        ]


class CompanionMap(models.Model):
    """A map on a version's grid, stored beside its label map in the same transaction, and as immutable.

    `disagreement`: uint8 [z, y, x], 0 to 255 for 0 to 1: how far the folds of a release differ.
    """

    class Kind(models.TextChoices):
        DISAGREEMENT = "disagreement", "model disagreement"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="companions")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="companion_kind_once"),
            models.CheckConstraint(condition=Q(kind="disagreement"), name="companion_known_kind"),
        ]


class MeasureSet(models.Model):
    """The measures of one version under one SUV revision by one version of the code."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="measure_sets")
    suv_revision = models.ForeignKey(SuvRevision, on_delete=models.PROTECT, null=True, related_name="+")
    code_version = models.CharField(max_length=32)
    summary = models.JSONField(help_text="PatientSummary.to_json()")
    lesions = models.JSONField(
        help_text="label -> LesionMeasures.to_json(); deleted lesions keep their last ones."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "suv_revision", "code_version"], name="measures_once"),
            models.UniqueConstraint(
                fields=["version", "code_version"],
                condition=Q(suv_revision__isnull=True),
                name="measures_once_without_suv",
            ),
        ]
