"""Reading files that may be pipes, in a time that has an end."""

from __future__ import annotations

import errno
import os
import select
import time
from pathlib import Path

PATIENCE = 5.0
"""Seconds in which the pipes of a configuration must have said all."""

MOST = 100_000_000
CHUNK = 1 << 16


def deadline() -> float:
    """Return the time, by the monotonic clock, at which pipes that begin now must have ended."""
    return time.monotonic() + PATIENCE


def read(path: Path, until: float, limit: int = MOST) -> bytes:
    """Return what a file begins with, at most ``limit`` bytes of it.

    Raises:
        OSError: it cannot be read, or it is a pipe that has not ended at ``until``; ``strerror``
            says why.
    """
    found = b""
    with open(path, "rb", buffering=0, opener=_at_once) as file:
        while len(found) < limit:
            _wait(file.fileno(), until)
            more = os.read(file.fileno(), min(CHUNK, limit - len(found)))
            if not more:
                break
            found += more
    return found


def _at_once(path: str, flags: int) -> int:
    """Open a file; else a pipe would wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _wait(file: int, until: float) -> None:
    """Wait for a byte or the end; ordinary files have either at once.

    Raises:
        OSError: a pipe has no writer, or its writer does not end.
    """
    poll = select.poll()
    poll.register(file, select.POLLIN)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        text = f"a pipe that nobody wrote to its end within {PATIENCE:.0f} s"
        raise OSError(errno.ETIMEDOUT, text)
