"""PETReview. The Celery app is loaded with the package, so that a task always finds its broker."""

from petreview.celery import app as celery_app

__all__ = ["celery_app"]
