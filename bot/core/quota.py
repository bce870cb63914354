"""What the Hub lets us ask: so many requests in a window, and what is left of them."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from msgspec import Struct


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
