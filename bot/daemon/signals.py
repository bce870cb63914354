"""The signals that a daemon heeds. Loads next to nothing, so that they are caught early."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

Arrived = SimpleQueue[signal.Signals]


@contextmanager
def collected() -> Iterator[Arrived]:
    """Collect SIGTERM, SIGINT and SIGHUP in a queue instead of dying of them."""
    arrived: Arrived = SimpleQueue()
    caught = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {
        each: signal.signal(each, lambda number, _: arrived.put(signal.Signals(number)))
        for each in caught
    }
    try:
        yield arrived
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
