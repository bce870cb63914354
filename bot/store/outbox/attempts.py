"""A delivery that is claimed for an attempt, and what the attempt's outcome means for it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from msgspec import Struct

from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope


class Claimed(Struct, frozen=True, kw_only=True):
    """A delivery claimed for one attempt; ``attempt`` counts from 1, this one included.

    ``once`` says that no other attempt follows, whatever comes of this one. ``doubts`` are the
    times near which an earlier attempt may have arrived, where ``in_doubt``.
    """

    id: str
    channel: str
    body: bytes
    created_at: datetime
    attempt: int
    in_doubt: bool
    once: bool = False
    doubts: tuple[datetime, ...] = ()


class Settlement(Struct, frozen=True, kw_only=True):
    """The end of an attempt. ``next_at`` is null where none follows: the delivery has ended.

    A ``Rejected`` outcome with ``Scope.CHANNEL`` or ``Scope.ENDPOINT`` pauses the whole channel
    (see ``Outbox.settle``).
    """

    outcome: Outcome
    at: datetime
    next_at: datetime | None = None


def outcome_name(outcome: Outcome) -> str:
    """Return how an outcome is stored and shown."""
    match outcome:
        case Delivered():
            return "delivered"
        case RetryLater():
            return "retry"
        case InDoubt():
            return "in_doubt"
        case Rejected():
            return "rejected"
        case _:
            assert_never(outcome)


def error_of(outcome: Outcome) -> str | None:
    """Return what went wrong; None where nothing did."""
    return None if isinstance(outcome, Delivered) else outcome.error


def attempts_after(before: int, outcome: Outcome) -> int:
    """Count an attempt; a broken channel uses up none, however often it is probed."""
    if isinstance(outcome, Rejected) and outcome.scope is Scope.CHANNEL:
        return max(before, 1)
    return before + 1
