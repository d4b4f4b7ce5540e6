"""Kombu's filesystem transport with whole messages only.

Kombu's own writes a message under its final name, so a worker that looks at that moment reads an empty
file and dies of it; the same goes for the table of queues when web process and worker start together.
Here a message is renamed into place when it is complete, and the table is read and changed under a lock.
"""

import fcntl
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        part = folder / f"{name}.part"
        try:
            part.write_bytes(json.dumps(payload).encode())
            part.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add a message to {folder}") from error

    def get_table(self, exchange: str) -> list[Any]:
        with self._table_lock():
            table: list[Any] = super().get_table(exchange)
        return table

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        with self._table_lock():
            super()._queue_bind(exchange, routing_key or "", pattern or "", queue or "")

    @contextmanager
    def _table_lock(self) -> Iterator[None]:
        folder = Path(self.control_folder)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    Channel = Channel
