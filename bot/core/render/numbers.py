"""Numbers and times as people read them: exact, without float noise, the same in any locale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

_MINUS = "\N{MINUS SIGN}"
_PLACES = Decimal("1E-6")
_HUGE = Decimal("1E12")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SPANS = (
    (timedelta(days=1), "a day", "days"),
    (timedelta(hours=1), "an hour", "hours"),
    (timedelta(minutes=1), "a minute", "minutes"),
)
_UNITS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))


def number(value: Decimal, decimals: int = 0) -> str:
    """Return a score, rounded to six places: ``80.6``, ``79``, ``0.5``.

    It has ``decimals`` at the least: ``79.0`` where others have one. What six places or twelve
    digits cannot show is given as ``1.5E-9``.
    """
    if value and not _PLACES <= abs(value) < _HUGE:
        return _minus(f"{value:.3g}".upper())
    short = f"{value.quantize(_PLACES):f}".rstrip("0").rstrip(".")
    return _minus(_padded("0" if short in ("-0", "") else short, decimals))


def _padded(text: str, decimals: int) -> str:
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(decimals, '0')}" if part or decimals else whole


def delta(value: Decimal, decimals: int = 0) -> str:
    """Return a difference with its sign: ``+4.2``, or with a minus sign."""
    return f"+{number(value, decimals)}" if value > 0 else number(value, decimals)


MOST_DECIMALS = 4
"""More than these are no habit of a board but what is left of a division."""


def usual_decimals(scores: Iterable[Decimal]) -> int:
    """Return how many decimals half of some scores have at the least; 0 where they are many."""
    found = sorted((_decimals(score) for score in scores), reverse=True)
    usual = found[(len(found) - 1) // 2] if found else 0
    return usual if usual <= MOST_DECIMALS else 0


JUDGED = 30
"""By so many of its first ranks a board is judged, however many it has."""


def board_decimals(scores: Iterable[tuple[int, Decimal]]) -> int:
    """Return how many decimals the scores of a board usually have, given with their ranks."""
    return usual_decimals(score for rank, score in scores if rank <= JUDGED)


def _decimals(score: Decimal) -> int:
    exponent = score.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


MOST_NAMES = 8
"""How many names one line holds; the rest is counted."""


def some(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Return the first of some names, and how many more there are."""
    named = ", ".join(names[:most])
    return f"{named} and {len(names) - most} more" if len(names) > most else named


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return ``1 row`` or ``2 rows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def parameters(count: int) -> str:
    """Return a model's size as ``397B``, ``1.6T``, ``350M``."""
    for unit, letter in _UNITS:
        if count >= unit * Decimal("0.9995"):
            size = count / unit
            places = Decimal(1) if size >= 100 else Decimal("0.1")  # noqa: PLR2004
            return f"{number(size.quantize(places))}{letter}"
    return f"{count:,}"


def day(moment: date) -> str:
    """Return ``14 Feb 2026``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def minute(moment: datetime, zone: tzinfo = UTC) -> str:
    """Return ``27 Apr 2026, 10:00 UTC``, as clocks in a time zone have it."""
    local = moment.astimezone(zone)
    name = local.tzname() or ""
    zone_name = f"UTC{_minus(name)}" if name[:1] in ("+", "-") else name
    return f"{day(local)}, {local:%H:%M} {zone_name}"


def span(length: timedelta) -> str:
    """Return a time as people say it: ``an hour``, ``3 days``, or ``a minute`` at the least."""
    for unit, one, many in _SPANS:
        if (count := length // unit) > 0:
            return one if count == 1 else f"{count:,} {many}"
    return _SPANS[-1][1]


def how_long(span: timedelta) -> str:
    """Return the largest whole unit of a span: ``45 s``, ``12 min``, ``3 h``, ``8 d``."""
    seconds = int(abs(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def relative(moment: datetime, now: datetime) -> str:
    """Return ``3 h ago``, ``in 12 min`` or ``now``."""
    if abs(moment - now) < timedelta(seconds=1):
        return "now"
    span = how_long(moment - now)
    return f"in {span}" if moment > now else f"{span} ago"


def _minus(text: str) -> str:
    return text.replace("-", _MINUS, 1) if text.startswith("-") else text
