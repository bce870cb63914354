"""Times as people write them: how long ago, a date, or an ISO 8601 time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

_SPAN = re.compile(r"([0-9]{1,6}) ?([A-Za-z]*)")
_UNITS = (
    (1, "s sec second seconds"),
    (60, "m min minute minutes"),
    (3600, "h hour hours"),
    (86400, "d day days"),
    (604800, "w week weeks"),
)
_SECONDS = {name: size for size, names in _UNITS for name in names.split()}
_DAYS = {"": 1, "m": 30, "mo": 30, "month": 30, "y": 365, "year": 365}
"""What is no unit here, for its length differs, and how many days people mean by it."""
_AHEAD = timedelta(days=1)
"""Somebody's today may be tomorrow in UTC, and clocks differ."""

_A_DAY = timedelta(days=1)
_MOST = timedelta(days=36500)
_DATE = len("2026-04-01")
_TIMES = "write how long ago (30d, 12h), a date (2026-04-01), or an ISO 8601 time."


def span(text: str) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``12h``, ``7d``, ``4w`` or ``30 days`` writes.

    Raises:
        ValueError: it is none; the text is a sentence for people.
    """
    length = _length(text)
    if not timedelta() < length <= _MOST:
        what = "no time at all" if _is_nothing(text) else "no duration"
        raise ValueError(f"{text!r} is {what}; {_advice(text)}")
    return length


def moment(text: str) -> timedelta | datetime:
    """Return how long ago, or since when, ``30d``, ``2026-04-01`` or an ISO 8601 time says.

    Raises:
        ValueError: it says neither; the text is a sentence for people.
    """
    if length := _length(text):
        return length
    try:
        return _time(text)
    except (ValueError, OverflowError):
        near = _advice(text) if _SPAN.fullmatch(text.strip()) else _TIMES
        what = "no time at all" if _is_nothing(text) else "no time"
        raise ValueError(f"{text!r} is {what}; {near}") from None


def start_of(text: str, now: datetime) -> datetime:
    """Return the moment from which on something is wanted; of a date, its beginning in UTC.

    Raises:
        ValueError: it is none, or still to come; the text is a sentence for people.
    """
    found = moment(text)
    try:
        start = found if isinstance(found, datetime) else now - found
    except OverflowError:
        raise ValueError(f"{text!r} is before all times") from None
    if start > now + _AHEAD:
        raise ValueError(f"{text!r} is still to come")
    return start


def end_of(text: str, now: datetime) -> datetime:
    """Return the moment until which something is wanted; of a date, the end of that day in UTC.

    Raises:
        ValueError: it is none, or still to come; the text is a sentence for people.
    """
    found, is_date = start_of(text, now), not _length(text) and len(text) == _DATE
    return found + _A_DAY - timedelta(microseconds=1) if is_date else found


def _time(text: str) -> datetime:
    if len(text) == _DATE:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _length(text: str) -> timedelta:
    """Return the time that a text writes; none where it is no duration."""
    match = _SPAN.fullmatch(text.strip())
    # A capital M is a month to many.
    unit = match and (match[2] if match[2] == "M" else match[2].casefold())
    seconds = _SECONDS.get(unit or "")
    return timedelta(seconds=int(match[1]) * seconds) if match and seconds else timedelta()


def _is_nothing(text: str) -> bool:
    """Tell whether a text is a duration that does not last."""
    match = _SPAN.fullmatch(text.strip())
    return match is not None and not int(match[1])


def _advice(text: str) -> str:
    """Return what to write instead of a text that is no duration."""
    if _is_nothing(text):
        return "write 7d"
    match = _SPAN.fullmatch(text.strip())
    number, unit = (int(match[1]), match[2].casefold()) if match else (0, "")
    days = number * (_DAYS.get(unit) or _DAYS.get(unit.rstrip("s")) or 0)
    if 0 < days <= _MOST.days:
        return f"did you mean {days}d?"
    return "write 30s, 5m, 12h, 7d or 4w."
