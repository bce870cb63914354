"""When a board is polled next: spread over its interval, with a little jitter, never drifting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zlib import crc32

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
JITTER = 0.05
MARGIN = 0.1


def next_poll(
    name: str, now: datetime, every: timedelta, rand: float, wait: timedelta | None = None
) -> datetime:
    """Return the next time to poll, at most ``every`` after ``now``.

    Each name has its own phase within the interval, so that boards do not all come at once. The
    jitter, ``rand`` in [0, 1) of 5 % of the interval, only brings a poll forward: it neither
    drifts nor makes a change known later than its interval. ``wait``, asked for by a server,
    lengthens the time.
    """
    phase = every * (crc32(name.encode()) / 2**32)
    turns = (now + every * MARGIN - _EPOCH - phase) // every + 1
    due = min(_EPOCH + phase + turns * every, now + every) - every * (JITTER * rand)
    return max(due, now + wait) if wait else due
