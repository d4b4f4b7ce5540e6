"""/ws/jobs/: the jobs one may see, then each change. A reader hears only that the worklist has changed."""

import time
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from annotations.accounts.models import Role, User
from annotations.accounts.sessions import user_of_session
from annotations.reads.models import Arm, Assignment
from annotations.segmentations.selectors import first_version_of_producer
from inference.jobs.feed import JobJson, feed
from inference.jobs.models import Job
from inference.jobs.selectors import jobs_visible_to
from inference.jobs.serializers import JobSerializer

SHOWN_AT_FIRST = 200
ASK_AGAIN_SECONDS = 30.0
SIGNED_OUT = 4401
STAFF = (Role.COORDINATOR, Role.DATA_MANAGER, Role.ADMINISTRATOR)


class JobsConsumer(AsyncJsonWebsocketConsumer):
    """Rights are looked up again every half minute: signing out elsewhere ends the events."""

    user: User | None = None
    asked_at = 0.0

    async def connect(self) -> None:
        user = await self._signed_in_user()
        if user is None:
            await self.close()
            return
        await feed.join(self.channel_name)
        await self.accept()
        await self.send_json({"type": "jobs", "jobs": await first_jobs(user)})

    async def disconnect(self, code: int) -> None:
        await feed.leave(self.channel_name)

    async def receive_json(self, content: Any, **_: Any) -> None:
        """Nothing is expected from the browser."""

    async def jobs_changed(self, event: dict[str, Any]) -> None:
        user = await self._signed_in_user()
        if user is None:
            await self.close(code=SIGNED_OUT)
            return
        jobs, worklist_changed = await what_is_for(user, event["jobs"], event["ended"])
        for job in jobs:
            await self.send_json({"type": "job", "job": job})
        if worklist_changed:
            await self.send_json({"type": "worklist"})

    async def _signed_in_user(self) -> User | None:
        if self.user is None or time.monotonic() - self.asked_at > ASK_AGAIN_SECONDS:
            self.user = await user_of_session(self.scope["session"].session_key)
            self.asked_at = time.monotonic()
        return self.user


@database_sync_to_async
def first_jobs(user: User) -> list[JobJson]:
    return [dict(job) for job in JobSerializer(jobs_visible_to(user)[:SHOWN_AT_FIRST], many=True).data]


@database_sync_to_async
def what_is_for(user: User, jobs: list[JobJson], ended: list[str]) -> tuple[list[JobJson], bool]:
    """The changed jobs `user` may see, and whether a job that ended belongs to the own worklist."""
    seen = set()
    if user.has_role(*STAFF):
        shown = jobs_visible_to(user).filter(pk__in=[job["id"] for job in jobs])
        seen = {str(pk) for pk in shown.values_list("pk", flat=True)}
    worklist = bool(ended) and user.has_role(Role.READER) and _waits_for(user, ended)
    return [job for job in jobs if job["id"] in seen], worklist


def _waits_for(user: User, ended: list[str]) -> bool:
    """Whether one of the jobs was what an unopened case of the user's waited for.

    A tick for another arm, or for a start that was there before, would say that a job ran on the case
    (blinding): only the first result of an AI arm's own release, or its failure, is told.
    """
    return any(
        Assignment.objects.filter(
            reader=user,
            reads__isnull=True,
            case__volume=job.volume_id,
            arm__start=Arm.Start.AI,
            arm__producer_fingerprint=job.release.fingerprint,
        ).exists()
        and _is_first(job)
        for job in Job.objects.filter(pk__in=ended).select_related("release")
    )


def _is_first(job: Job) -> bool:
    """No other result of its release was there before it."""
    first = first_version_of_producer(job.volume_id, job.release.fingerprint)
    return first is None or first.pk == job.version_id


websocket_routes = {"ws/jobs/": JobsConsumer.as_asgi()}
