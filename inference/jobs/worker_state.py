"""Which worker this process belongs to, and whether it was told to stop.

The flag lies in memory that the worker's children share from their fork on, so that a running job
sees it at its next step and hands itself back.
"""

import mmap
import os
import socket

_flag = mmap.mmap(-1, 1)
_main_pid = os.getpid()


def become_worker() -> None:
    """Called once in the worker's main process, before its children are forked."""
    global _main_pid
    _main_pid = os.getpid()
    _flag[0] = 0


def worker_name() -> str:
    """'host:pid' of the main process; its children give the same name."""
    return f"{socket.gethostname()}:{_main_pid}"


def tell_to_stop() -> None:
    _flag[0] = 1


def is_stopping() -> bool:
    return _flag[0] == 1
