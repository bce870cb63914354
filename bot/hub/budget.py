"""How much the Hub lets us ask: its rate limit, and the waits that it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Lock

from msgspec import Struct

from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.errors import QuotaError
from bot.core.process import Clock
from bot.core.timing.schedule import Quota
from bot.net.retry_after import asked_wait, http_date

API = "api"
RESOLVERS = "resolvers"
_BUCKETS = (API, RESOLVERS, "pages")

_FILE = re.compile(r"/resolve(?:-cache)?/")
_POLICY = re.compile(r'"([^"]*)"\s*((?:;\s*\w+=\d{1,9}\s*)+)')
_PARAMETER = re.compile(r"(\w+)=(\d+)")
_SAME_WINDOW_S = 2
"""Answers round the seconds until a window's end, and take a moment themselves."""


def bucket_of(path: str) -> str:
    """Return the bucket of the Hub's rate limits that a request to ``path`` is counted in."""
    return RESOLVERS if _FILE.search(path) else API


class _Window(Struct):
    """What is left until a moment of the clock, and what the whole window allows."""

    remaining: int
    ends: float
    limit: int | None = None
    length: timedelta | None = None


class RateBudget:
    """What is left of the Hub's rate limits, as its answers tell; safe in several threads.

    The Hub counts the requests for files apart from the others: each bucket has its own limit.
    Once an answer says that fewer than ``reserve`` requests are left, ``check`` refuses until the
    window's end. Without it every board would be refused with 429, and so would everything else
    that shares the address or the account with the bot.
    """

    def __init__(self, reserve: int, clock: Callable[[], float]) -> None:
        self._reserve = max(1, reserve)
        self._clock = clock
        self._blocked_until: dict[str, float] = {}
        self._windows: dict[str, _Window] = {}
        self._lock = Lock()

    def check(self, bucket: str = API) -> None:
        """Raise ``QuotaError`` while nothing of the bucket may be asked."""
        if wait := self._wait(bucket):
            raise QuotaError(wait)

    def quota(self, bucket: str = API) -> Quota | None:
        """Return what is left of a bucket; None where no answer told it, or its window is over."""
        with self._lock:
            window = self._windows.get(bucket)
        wait = self._wait(bucket)
        if window is None or (left := window.ends - self._clock()) <= 0:
            return Quota(remaining=0, resets_in=wait, wait=wait) if wait else None
        return Quota(
            remaining=window.remaining,
            resets_in=timedelta(seconds=left),
            limit=window.limit,
            window=window.length,
            wait=wait,
        )

    def note(self, headers: Mapping[str, str], bucket: str = API) -> None:
        """Learn from the ``RateLimit`` headers of an answer to a request of the bucket.

        A window that names another bucket is that one's.
        """
        policies = dict(_policies(headers.get("ratelimit-policy", "")))
        for name, remaining, reset in _left(headers.get("ratelimit", "")):
            counted_in = name if name in _BUCKETS else bucket
            if name == counted_in:
                self._learn(counted_in, remaining, reset, policies.get(name, {}))
            if remaining < self._reserve:
                self.block(reset, counted_in)

    def block(self, wait: timedelta, bucket: str = API) -> None:
        """Ask nothing of the bucket during ``wait``; a longer one that runs already stays."""
        until = self._clock() + min(wait, MAX_RETRY_AFTER).total_seconds()
        with self._lock:
            self._blocked_until[bucket] = max(self._blocked_until.get(bucket, until), until)

    def _wait(self, bucket: str) -> timedelta:
        with self._lock:
            until = self._blocked_until.get(bucket)
        return timedelta(seconds=max(0.0, until - self._clock())) if until else timedelta()

    def _learn(
        self, bucket: str, remaining: int, reset: timedelta, policy: Mapping[str, int]
    ) -> None:
        """Keep what is left of a window; a late answer to an earlier request takes nothing back."""
        found = _Window(remaining, self._clock() + reset.total_seconds(), policy.get("q"))
        found.length = timedelta(seconds=policy["w"]) if "w" in policy else None
        with self._lock:
            known = self._windows.get(bucket)
            if known is None or found.ends > known.ends + _SAME_WINDOW_S:
                self._windows[bucket] = found
            elif found.ends > known.ends - _SAME_WINDOW_S:
                known.remaining = min(known.remaining, remaining)


def wait_asked(headers: Mapping[str, str], now: Clock | None = None) -> timedelta | None:
    """Return the wait that a refusal asks for, at most a day; None where it names none.

    A ``Retry-After`` date counts from the answer's own ``Date``, else from ``now``.
    """
    since = http_date(headers.get("date", "")) or (now() if now else None)
    asked = asked_wait(headers.get("retry-after"), since)
    if asked is None:
        resets = [reset for _, left, reset in _left(headers.get("ratelimit", "")) if not left]
        asked = max(resets, default=None)
    return min(asked, MAX_RETRY_AFTER) if asked else None


def _left(header: str) -> list[tuple[str, int, timedelta]]:
    """Return the windows that a ``RateLimit`` header names: what is left, and for how long."""
    return [
        (name, values["r"], timedelta(seconds=values["t"]))
        for name, values in _policies(header)
        if "r" in values and "t" in values
    ]


def _policies(header: str) -> list[tuple[str, dict[str, int]]]:
    found = _POLICY.finditer(header)
    return [(one[1], {name: int(n) for name, n in _PARAMETER.findall(one[2])}) for one in found]
