"""What an attempt's outcome means for its delivery."""

from __future__ import annotations

from typing import assert_never

from bot.core.delivery import Delivered, InDoubt, Outcome, Rejected, RetryLater, Scope


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
