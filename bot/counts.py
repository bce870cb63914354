"""What this process has counted since its start: plain numbers that outlive every reload."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock

from msgspec import Struct

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, math.inf)
"""Up to how many seconds, inclusive, a poll is counted in each bucket."""


class Traffic:
    """What came over connections; safe to use from several threads.

    ``connections`` counts those that came about, ``received`` the bytes read, inside of TLS.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.connections = 0
        self.received = 0

    def connected(self) -> None:
        """Count a connection."""
        with self._lock:
            self.connections += 1

    def came(self, size: int) -> None:
        """Count bytes."""
        with self._lock:
            self.received += size


class Counted(Struct, frozen=True, kw_only=True):
    """The counts of one moment.

    ``polls`` are by outcome, ``events`` by kind. ``buckets`` has how many polls took as long as
    each of ``BOUNDS`` and longer than the one before, ``seconds`` what all took together. ``late``
    are those that had been due for a whole interval.
    """

    polls: Mapping[str, int]
    events: Mapping[str, int]
    buckets: tuple[int, ...]
    seconds: float
    late: int
    connections: int
    received: int


class Counts:
    """Counts polls, events and what the Hub sent; safe to use from several threads."""

    def __init__(self) -> None:
        self.hub = Traffic()
        self._lock = Lock()
        self._polls: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._buckets = [0] * len(BOUNDS)
        self._seconds = 0.0
        self._late = 0

    def polled(self, outcome: str) -> None:
        """Count a poll by what came of it."""
        with self._lock:
            self._polls[outcome] += 1

    def took(self, seconds: float, *, late: bool) -> None:
        """Count how long a poll took, and whether it began late."""
        with self._lock:
            self._buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds += seconds
            self._late += late

    def found(self, kinds: Iterable[str]) -> None:
        """Count events by their kinds."""
        with self._lock:
            self._events.update(kinds)

    def now(self) -> Counted:
        """Return what is counted by now."""
        with self._lock:
            return Counted(
                polls=dict(self._polls),
                events=dict(self._events),
                buckets=tuple(self._buckets),
                seconds=self._seconds,
                late=self._late,
                connections=self.hub.connections,
                received=self.hub.received,
            )
