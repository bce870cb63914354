"""When boards are polled next, spread over their intervals, and how often the Hub lets them be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from zlib import crc32

from msgspec import Struct

from bot.core.aggregate import PREFIX, is_aggregate

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
    lengthens the time. Boards of one file come together: one look at it is for all.
    """
    if is_aggregate(name):
        name, rand = PREFIX, 0.0
    phase = every * (crc32(name.encode()) / 2**32)
    turns = (now + every * MARGIN - _EPOCH - phase) // every + 1
    due = min(_EPOCH + phase + turns * every, now + every) - every * (JITTER * rand)
    return max(due, now + wait) if wait else due


class Quota(Struct, frozen=True, kw_only=True):
    """What is left of a rate limit, as the Hub's last answers told.

    ``remaining`` requests may be asked within ``resets_in``; of ``limit`` in a ``window``, which
    are null where no answer told them. ``wait`` is how long nothing is asked at all: zero where
    something may be.
    """

    remaining: int
    resets_in: timedelta
    limit: int | None = None
    window: timedelta | None = None
    wait: timedelta = timedelta()


def interval(limit: int, window: timedelta, reserve: int, boards: int) -> timedelta:
    """Return how often so many boards may be polled, in whole seconds.

    ``reserve`` requests of each window are left unused.
    """
    return timedelta(seconds=ceil(window.total_seconds() * boards / max(1, limit - reserve)))
