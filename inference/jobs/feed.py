"""Live events: each web process reads the job table about once a second while somebody listens.

The table is the only source, so nothing is lost between worker and browser, and it makes no difference
whether they share a process, a machine or only a database. Each process has a group of its own on the
channel layer: with several web processes nobody hears anything twice.
"""

import asyncio
import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import Error as DatabaseError
from django.db.models import Q
from django.db.models.functions import Now

from inference.jobs.models import Job
from inference.jobs.selectors import all_jobs
from inference.jobs.serializers import JobSerializer

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
RECENT = timedelta(seconds=60)
UNFINISHED = [Job.State.QUEUED, Job.State.RUNNING]
JobJson = dict[str, Any]


class JobFeed:
    """`join` and `leave` are called by consumers; the first starts the reading, the last ends it."""

    def __init__(self) -> None:
        self.group = f"jobs.{uuid.uuid4().hex}"
        self._channels: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def join(self, channel: str) -> None:
        await _layer().group_add(self.group, channel)
        self._channels.add(channel)
        if self._task is None or self._task.done():
            # Known before anybody is told the present state: no change falls between the two.
            self._start(_by_id(await read_recent_jobs()))

    async def leave(self, channel: str) -> None:
        self._channels.discard(channel)
        await _layer().group_discard(self.group, channel)
        if not self._channels and self._task is not None:
            self._task.cancel()
            self._task = None

    def _start(self, known: dict[str, JobJson]) -> None:
        self._task = asyncio.create_task(self._run(known))
        self._task.add_done_callback(self._start_again)

    def _start_again(self, task: asyncio.Task[None]) -> None:
        """The channel layer was away, or a fault of ours: those who listen are told everything again."""
        if task.cancelled() or not self._channels:
            return
        log.error("live events broke off and start again", exc_info=task.exception())
        self._start({})

    async def _run(self, known: dict[str, JobJson]) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                jobs = await read_recent_jobs()
            except DatabaseError as error:
                log.warning("the job table cannot be read for live events: %s", error)
                continue
            changed = [job for job in jobs if job != known.get(job["id"])]
            ended = [job["id"] for job in changed if _has_ended(job, known.get(job["id"]))]
            known = _by_id(jobs)
            if changed:
                event = {"type": "jobs.changed", "jobs": changed, "ended": ended}
                await _layer().group_send(self.group, event)


def _has_ended(job: JobJson, before: JobJson | None) -> bool:
    return job["state"] not in UNFINISHED and (before is None or before["state"] != job["state"])


def _by_id(jobs: Iterable[JobJson]) -> dict[str, JobJson]:
    return {job["id"]: job for job in jobs}


@database_sync_to_async
def read_recent_jobs() -> list[JobJson]:
    """Unfinished jobs and those that changed within the last minute."""
    recent = all_jobs().filter(Q(state__in=UNFINISHED) | Q(updated_at__gt=Now() - RECENT))
    return [dict(job) for job in JobSerializer(recent, many=True).data]


def _layer() -> Any:
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS has no default"
    return layer


feed = JobFeed()
