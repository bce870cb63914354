"""The wait that a server asks for before the next attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def asked_wait(value: object, since: datetime | None = None) -> timedelta | None:
    """Return a wait given as seconds, or until an HTTP date; None where it is neither.

    A date counts from ``since``, and is not read without; one in the past asks for no time at all.
    """
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    try:
        wait = timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        until = http_date(text)
        return max(until - since, timedelta(0)) if since and until else None
    return wait if wait >= timedelta(0) else None


def http_date(text: str) -> datetime | None:
    """Return the moment that a header's date names; None where it names none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
