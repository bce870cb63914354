"""Options and arguments that several commands share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

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

_MOST = timedelta(days=36500)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def span(text: str, name: str | None = None) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``12h``, ``7d``, ``4w`` or ``30 days`` writes."""
    length = _length(text)
    if not timedelta() < length <= _MOST:
        what = "no time at all" if _is_nothing(text) else "no duration"
        raise typer.BadParameter(f"{text!r} is {what}; {_advice(text)}", param_hint=name)
    return length


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


_TIMES = "write how long ago (30d, 12h), a date (2026-04-01), or an ISO 8601 time."


def moment(text: str) -> timedelta | datetime:
    """Return how long ago, or since when, ``30d``, ``2026-04-01`` or an ISO 8601 time says."""
    if length := _length(text):
        return length
    try:
        if len(text) == len("2026-04-01"):
            return datetime.combine(date.fromisoformat(text), time.min, UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        near = _advice(text) if _SPAN.fullmatch(text.strip()) else _TIMES
        what = "no time at all" if _is_nothing(text) else "no time"
        raise typer.BadParameter(f"{text!r} is {what}; {near}") from None


def _checked(text: str | None) -> str | None:
    if text is not None:
        moment(text)
    return text


Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        callback=_checked,
        help="Only from then on: 30d, 12h, or a date such as 2026-04-01 (UTC).",
    ),
]


def start_of(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that a valid ``--since`` means."""
    if text is None:
        return None
    found = moment(text)
    start = found if isinstance(found, datetime) else now - found
    if start > now + _AHEAD:
        raise typer.BadParameter(f"{text!r} is still to come", param_hint="--since")
    return start


def listed(values: list[str] | None, allowed: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the values of an option that takes a comma-separated list, and may be repeated."""
    from bot.core.names.suggest import choose, same

    known = list(allowed)
    found: dict[str, None] = {}
    for part in (part.strip() for value in values or () for part in value.split(",")):
        meant = same(part, known)
        if meant is None:
            raise typer.BadParameter(f"{part!r}; {choose(part, known)}", param_hint=name)
        found[meant] = None
    return tuple(found)
