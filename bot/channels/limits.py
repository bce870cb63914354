"""Time limits that hold whatever a library or a name server does, and waits that servers ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Thread
from typing import TypeVar

SEND_TIMEOUT = timedelta(seconds=15)
"""For a whole send, as Standard Webhooks recommends."""

T = TypeVar("T")


def within(limit: timedelta, call: Callable[[], T]) -> T:
    """Return what ``call`` returns, or raise what it raises.

    A call that takes longer goes on in its own thread, which ends with the process at the
    latest; its result is lost.

    Raises:
        TimeoutError: the call did not end within ``limit``.
    """
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit.total_seconds())
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {limit.total_seconds():g} s")
    return results[0]


def retry_after(value: str | None, now: datetime | None = None) -> timedelta | None:
    """Return the wait that a ``Retry-After`` header asks for; None where it asks for none.

    Dates are not read without ``now``.
    """
    return asked_wait(value, now) or None


def asked_wait(value: object, now: datetime | None = None) -> timedelta | None:
    """Return a wait given as seconds, or until an HTTP date; None where it is neither.

    Dates are not read without ``now``; one in the past asks for no time at all.
    """
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        return max(_until(text, now), timedelta(0)) if now and _is_date(text) else None
    return wait if wait >= timedelta(0) else None


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return False
    return True


def _until(value: str, now: datetime) -> timedelta:
    moment = parsedate_to_datetime(value)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware - now
