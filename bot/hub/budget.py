"""How much the Hub lets us ask: its rate limit, and the waits that it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from math import ceil
from threading import Lock

from bot.core.delivery import MAX_RETRY_AFTER
from bot.core.errors import FetchError
from bot.core.process import Clock
from bot.net.retry_after import asked_wait, http_date

API = "api"
RESOLVERS = "resolvers"
_BUCKETS = (API, RESOLVERS, "pages")

_FILE = re.compile(r"/resolve(?:-cache)?/")
_POLICY = re.compile(r'"([^"]*)"\s*((?:;\s*\w+=\d{1,9}\s*)+)')
_PARAMETER = re.compile(r"(\w+)=(\d+)")


def bucket_of(path: str) -> str:
    """Return the bucket of the Hub's rate limits that a request to ``path`` is counted in."""
    return RESOLVERS if _FILE.search(path) else API


class RateBudget:
    """What is left of the Hub's rate limits, as its answers tell; safe in several threads.

    The Hub counts the requests for files apart from the others: each bucket has its own limit.
    Once an answer says that fewer than ``reserve`` requests are left, ``check`` refuses until the
    window's end. Without it every board would fail with 429, and everything else that shares the
    address or the account with the bot.
    """

    def __init__(self, reserve: int, clock: Callable[[], float]) -> None:
        self._reserve = max(1, reserve)
        self._clock = clock
        self._blocked_until: dict[str, float] = {}
        self._lock = Lock()

    def check(self, bucket: str = API) -> None:
        """Raise ``FetchError`` with ``retry_after`` while nothing of the bucket may be asked."""
        with self._lock:
            until = self._blocked_until.get(bucket)
        if until is not None and (left := until - self._clock()) > 0:
            raise used_up(timedelta(seconds=left))

    def note(self, headers: Mapping[str, str], bucket: str = API) -> None:
        """Learn from the ``RateLimit`` header of an answer to a request of the bucket.

        A window that names another bucket is that one's.
        """
        for name, remaining, reset in _windows(headers.get("ratelimit", "")):
            if remaining < self._reserve:
                self.block(reset, name if name in _BUCKETS else bucket)

    def block(self, wait: timedelta, bucket: str = API) -> None:
        """Ask nothing of the bucket during ``wait``; a longer one that runs already stays."""
        until = self._clock() + min(wait, MAX_RETRY_AFTER).total_seconds()
        with self._lock:
            self._blocked_until[bucket] = max(self._blocked_until.get(bucket, until), until)


def used_up(wait: timedelta | None) -> FetchError:
    """Return the error for a rate limit that is used up."""
    if wait is None:
        return FetchError("the Hub's rate limit is used up")
    seconds = ceil(wait.total_seconds())
    return FetchError(
        f"the Hub's rate limit is used up, wait {seconds} s", retry_after=timedelta(seconds=seconds)
    )


def wait_asked(headers: Mapping[str, str], now: Clock | None = None) -> timedelta | None:
    """Return the wait that a refusal asks for, at most a day; None where it names none.

    A ``Retry-After`` date counts from the answer's own ``Date``, else from ``now``.
    """
    since = http_date(headers.get("date", "")) or (now() if now else None)
    asked = asked_wait(headers.get("retry-after"), since)
    if asked is None:
        resets = [reset for _, left, reset in _windows(headers.get("ratelimit", "")) if not left]
        asked = max(resets, default=None)
    return min(asked, MAX_RETRY_AFTER) if asked else None


def _windows(header: str) -> list[tuple[str, int, timedelta]]:
    windows = []
    for policy in _POLICY.finditer(header):
        values = {name: int(value) for name, value in _PARAMETER.findall(policy[2])}
        if "r" in values and "t" in values:
            windows.append((policy[1], values["r"], timedelta(seconds=values["t"])))
    return windows
