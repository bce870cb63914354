"""Reading files that may be pipes, in a time that has an end."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 5.0
"""Seconds in which the pipes of a configuration must have said all."""

MOST = 100_000_000
CHUNK = 1 << 16


class SilentPipeError(OSError):
    """Raised where a pipe has no writer, or its writer does not end."""

    def __init__(self) -> None:
        text = f"a pipe that nobody wrote to its end within {PATIENCE:.0f} s"
        super().__init__(errno.ETIMEDOUT, text)


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
    with _opened(path) as file:
        while len(found) < limit:
            _wait(file, until)
            more = os.read(file, min(CHUNK, limit - len(found)))
            if not more:
                break
            found += more
    return found


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Else the opening itself would wait for a writer.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _wait(file: int, until: float) -> None:
    """Wait for a byte or the end; ordinary files have either at once."""
    poll = select.poll()
    poll.register(file, select.POLLIN)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise SilentPipeError
