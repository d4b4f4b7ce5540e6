import errno
from pathlib import Path

import pytest


class FullDisk:
    """Every file of the store that is opened for writing finds the disk full, until it is freed."""

    def __init__(self) -> None:
        self.is_full = True

    def free(self) -> None:
        self.is_full = False


@pytest.fixture
def full_disk(monkeypatch):
    disk, open_file = FullDisk(), Path.open

    def open_or_fail(path, mode="r", *args, **kwargs):
        if disk.is_full and "x" in mode:
            raise OSError(errno.ENOSPC, "No space left on device")
        return open_file(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_or_fail)
    return disk
