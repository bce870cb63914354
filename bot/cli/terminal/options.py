"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import typer

from bot.core.names import moments

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def _said(read: Callable[[], T], name: str | None = None) -> T:
    """Return what a text of the command line says; what is wrong with it is said of the option."""
    try:
        return read()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=name) from None


def span(text: str, name: str | None = None) -> timedelta:
    """Return the time that ``30s``, ``5m``, ``12h``, ``7d``, ``4w`` or ``30 days`` writes."""
    return _said(lambda: moments.span(text), name)


def moment(text: str) -> timedelta | datetime:
    """Return how long ago, or since when, ``30d``, ``2026-04-01`` or an ISO 8601 time says."""
    return _said(lambda: moments.moment(text))


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
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        callback=_checked,
        help="As it was: at the end of a date (2026-04-01, UTC), at a time, or so long ago (7d).",
    ),
]


def start_of(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that a valid ``--since`` means."""
    return None if text is None else _said(lambda: moments.start_of(text, now), "--since")


def end_of(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that a valid ``--at`` means."""
    return None if text is None else _said(lambda: moments.end_of(text, now), "--at")


def listed(values: list[str] | None, allowed: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the values of an option that takes a comma-separated list, and may be repeated."""
    from bot.core.names.suggest import chosen

    known = list(allowed)
    return _said(lambda: chosen(values or (), known), name)
