"""Options and arguments that several commands share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

_SPAN = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST = timedelta(days=36500)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def span(text: str, name: str | None = None) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``12h``, ``7d`` or ``4w`` writes."""
    match = _SPAN.fullmatch(text)
    length = timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else timedelta()
    if not timedelta() < length <= _MOST:
        problem = f"{text!r} is no duration; write 30s, 5m, 12h, 7d or 4w."
        raise typer.BadParameter(problem, param_hint=name)
    return length


def moment(text: str) -> timedelta | datetime:
    """Return how long ago, or since when, ``30d``, ``2026-04-01`` or an ISO 8601 time says."""
    if _SPAN.fullmatch(text):
        return span(text)
    try:
        if len(text) == len("2026-04-01"):
            return datetime.combine(date.fromisoformat(text), time.min, UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no time; write how long ago (30d, 12h), a date (2026-04-01), or an "
            "ISO 8601 time."
        ) from None


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
    return found if isinstance(found, datetime) else now - found


def listed(values: list[str] | None, allowed: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the values of an option that takes a comma-separated list, and may be repeated."""
    from bot.core.names.suggest import nearest

    known = list(allowed)
    found = [part.strip() for value in values or () for part in value.split(",")]
    for part in found:
        if part not in known:
            near = nearest(part, known)
            hint = f"did you mean {near}?" if near else f"allowed: {', '.join(known)}"
            raise typer.BadParameter(f"{part!r}; {hint}", param_hint=name)
    return tuple(dict.fromkeys(found))
