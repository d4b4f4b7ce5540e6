"""What only the room of the models knows of an AI version. It says so once, at start."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID


def _no_jobs(versions: Collection[UUID]) -> Mapping[UUID, float]:
    return {}


def _no_releases(fingerprints: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    return {}


job_seconds: Callable[[Collection[UUID]], Mapping[UUID, float]] = _no_jobs
"""Wall seconds of the job that made each version, without waiting; a version no job made is left out."""

training_patients: Callable[[Collection[str]], Mapping[str, tuple[str, ...]]] = _no_releases
"""Pseudonyms each release (by fingerprint) says it was trained on; one that does not say is left out."""
