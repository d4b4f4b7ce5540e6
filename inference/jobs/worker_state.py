"""Which worker this process belongs to, and whether it was told to stop.

The flag lies in memory that the worker's children share from their fork on, so that a running job
sees it at its next step and hands itself back.
"""

import mmap
import os
import secrets
import socket


def _new_name() -> str:
    # Containers share host names and process ids, so a few random letters tell their workers apart.
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


_flag = mmap.mmap(-1, 1)
_name = _new_name()


def become_worker() -> None:
    """Called once in the worker's main process, before its children are forked."""
    global _name
    _name = _new_name()
    _flag[0] = 0


def worker_name() -> str:
    """'host:pid:letters' of the main process; its children give the same name."""
    return _name


def tell_to_stop() -> None:
    _flag[0] = 1


def is_stopping() -> bool:
    return _flag[0] == 1
