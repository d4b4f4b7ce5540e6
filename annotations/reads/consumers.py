"""/ws/reader-studies/ID/: progress of a running study for its coordinators, at once and at each change.

The database is asked every few seconds while somebody listens: whatever process a read was submitted
in, the dashboard hears of it. A reader is refused: how others progress would be a masked thing.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError
from rest_framework.utils.encoders import JSONEncoder

from annotations.accounts.models import Role, User
from annotations.accounts.sessions import user_of_session
from annotations.errors import PetreviewError
from annotations.reads.api.result_serializers import ProgressSerializer
from annotations.reads.progress import progress_of
from annotations.reads.selectors import reader_study_for

log = logging.getLogger(__name__)

POLL_SECONDS = 3.0
SIGNED_OUT, NOT_ALLOWED, TRY_AGAIN = 4401, 4403, 1013


class ProgressConsumer(AsyncJsonWebsocketConsumer):
    """Rights are asked for again each time, so that signing out elsewhere ends the events."""

    task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = await user_of_session(self.scope["session"].session_key)
        if user is None or await progress_json(user, self._study_id()) is None:
            await self.close()
            return
        await self.accept()
        self.task = asyncio.create_task(self._watch())

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def receive_json(self, content: Any, **_: Any) -> None:
        """Nothing is expected from the browser."""

    def _study_id(self) -> UUID:
        study_id: UUID = self.scope["url_route"]["kwargs"]["reader_study_id"]
        return study_id

    async def _watch(self) -> None:
        sent: Any = None
        while True:
            try:
                user = await user_of_session(self.scope["session"].session_key)
                progress = await progress_json(user, self._study_id()) if user else None
            except DatabaseError:
                # A page that looks live and is not would be worse than one that says it lost the connection.
                log.warning("The progress of a reader study could not be read.", exc_info=True)
                await self.close(code=TRY_AGAIN)
                return
            if progress is None:
                await self.close(code=NOT_ALLOWED if user else SIGNED_OUT)
                return
            known = {name: value for name, value in progress.items() if name != "at"}
            if known != sent:
                await self.send_json({"type": "progress", "progress": progress})
                sent = known
            await asyncio.sleep(POLL_SECONDS)


@database_sync_to_async
def progress_json(user: User, study_id: UUID) -> dict[str, Any] | None:
    """As plain JSON; None for a study that the user may not see."""
    if not user.has_role(Role.COORDINATOR):
        return None
    try:
        study = reader_study_for(user, study_id)
    except PetreviewError:
        return None
    text = json.dumps(ProgressSerializer(progress_of(study)).data, cls=JSONEncoder)
    progress: dict[str, Any] = json.loads(text)
    return progress


websocket_routes = {"ws/reader-studies/<uuid:reader_study_id>/": ProgressConsumer.as_asgi()}
