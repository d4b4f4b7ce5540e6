"""Re-exports only: each model lives in its room."""

from inference.jobs.models import Job, Worker
from inference.releases.models import ModelRelease

__all__ = ["Job", "ModelRelease", "Worker"]
