"""Reads of model releases."""

import re
import uuid
from collections.abc import Collection

from django.db.models import QuerySet

from inference.releases.errors import ReleaseNotFound
from inference.releases.models import ModelRelease

_LABELLED = re.compile(r"\[(\d+[A-Za-z]+)\](?:[A-Za-z]{1,2}-)?")


def all_releases() -> QuerySet[ModelRelease]:
    return ModelRelease.objects.order_by("name")


def release_by_id(release_id: uuid.UUID) -> ModelRelease:
    release = ModelRelease.objects.filter(pk=release_id).first()
    if release is None:
        raise ReleaseNotFound("There is no such model release.", release=str(release_id))
    return release


def release_by_name(name: str) -> ModelRelease:
    release = ModelRelease.objects.filter(name=name).first()
    if release is None:
        known = list(all_releases().values_list("name", flat=True))
        raise ReleaseNotFound("There is no model release of this name.", name=name, known=known)
    return release


def needs_ct(release: ModelRelease) -> bool:
    return any(channel["name"] == "CT" for channel in release.options.get("channels", []))


def is_made_for(release: ModelRelease, tracer: str) -> bool:
    """Whether the release says that it was made for this tracer; an unknown tracer is none of its own."""
    made_for = {_plain(name) for name in release.options["tracers"]}
    return bool(tracer) and (_plain(tracer) in made_for or "any" in made_for)


def training_patients_of(fingerprints: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Pseudonyms in release.json's "training_patients"; a release that does not state them is left out."""
    found = ModelRelease.objects.filter(fingerprint__in=set(fingerprints)).values_list(
        "fingerprint", "options"
    )
    return {
        fingerprint: tuple(options["training_patients"])
        for fingerprint, options in found
        if "training_patients" in options
    }


def _plain(tracer: str) -> str:
    """'[64Cu]Cu-DOTATATE' and '64Cu-DOTATATE' are one tracer."""
    return _LABELLED.sub(r"\1-", tracer.strip()).strip("-").lower()
