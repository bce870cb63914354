"""What can come of an attempt to deliver, and when the next one is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Waits after the first, second, … attempt; as recommended by Standard Webhooks 1.0."""

MAX_ATTEMPTS = len(SCHEDULE) + 1
IN_ORDER_ATTEMPTS = 4
"""A delivery holds back its channel's later ones until it has failed this many times."""

MAX_RETRY_AFTER = timedelta(hours=24)
JITTER = 0.1

PROBE_INTERVAL = timedelta(hours=1)
"""How long a channel whose destination is broken rests before it is tried again."""


class State(StrEnum):
    """The states of a delivery, as ``deliveries --state`` names them."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    MERGED = "merged"
    """Told by another delivery, which names what several of them held together."""


class Scope(StrEnum):
    """How far a refusal reaches."""

    MESSAGE = "message"
    """Only this message is refused; others may pass."""
    CHANNEL = "channel"
    """The destination or its credential is broken: nothing will pass until it is mended."""
    ENDPOINT = "endpoint"
    """The receiver refuses this message and all later ones, for good."""


class Delivered(Struct, frozen=True):
    """The receiver has it."""


class RetryLater(Struct, frozen=True):
    """The receiver does not have it, and a later attempt may succeed."""

    error: str
    retry_after: timedelta | None = None


class InDoubt(Struct, frozen=True):
    """The receiver may or may not have it; the next attempt carries the same id."""

    error: str
    retry_after: timedelta | None = None


class Rejected(Struct, frozen=True):
    """The receiver will never take it as it is."""

    error: str
    scope: Scope = Scope.MESSAGE


Outcome = Delivered | RetryLater | InDoubt | Rejected


def next_attempt(
    attempts: int, now: datetime, rand: float, retry_after: timedelta | None = None
) -> datetime | None:
    """Return when to try again after ``attempts`` failed ones, or None after the last.

    ``rand`` in [0, 1) sets the jitter, up to 10 % on top of the schedule's wait. A server's
    ``retry_after`` only lengthens the wait, at most to 24 hours.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = SCHEDULE[attempts - 1] * (1 + JITTER * rand)
    if retry_after is not None:
        wait = max(wait, min(retry_after, MAX_RETRY_AFTER))
    return now + wait
