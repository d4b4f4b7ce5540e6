"""Registered model releases: only folders an administrator registered are ever loaded."""

import uuid

from django.conf import settings
from django.db import models


class ModelRelease(models.Model):
    """Trained weights with plans and fingerprint."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    method = models.CharField(max_length=40, help_text="Key of inference/segmenters/table.py.")
    folder = models.CharField(max_length=500)
    fingerprint = models.CharField(max_length=64, help_text="sha256 over plans, dataset.json and weights.")
    options = models.JSONField(default=dict, help_text="release.json: tracers, folds, smallest volume ...")
    model_card = models.TextField(blank=True)
    is_synthetic = models.BooleanField(default=False, help_text="Trained on phantoms only.")
    is_active = models.BooleanField(default=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint"], name="release_fingerprint_once")]
