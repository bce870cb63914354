"""Where values, times and names stand in a drawing, and which are written at its edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bot.core.render.numbers import day, minute
from bot.drawing.values import Line, Span

MOST_TICKS = 6

_STEPS = (
    *(timedelta(minutes=one) for one in (1, 5, 15, 30)),
    *(timedelta(hours=one) for one in (1, 3, 6, 12)),
    *(timedelta(days=one) for one in (1, 2, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001 - where steps begin, in the time zone of the span


class Scale(NamedTuple):
    """Values between ``low`` and ``high``, drawn between ``begin`` and ``end``.

    Where all values are the same, they stand in the middle. No value is too large.
    """

    low: Decimal
    high: Decimal
    begin: float
    end: float

    def __call__(self, value: Decimal) -> float:
        """Return where a value stands."""
        part = float((value - self.low) / (self.high - self.low)) if self.high > self.low else 0.5
        return self.begin + part * (self.end - self.begin)


class TimeScale(NamedTuple):
    """The times of a span, drawn between ``begin`` and ``end``; those before it at ``begin``."""

    span: Span
    begin: float
    end: float

    def __call__(self, at: datetime) -> float:
        """Return where a time stands."""
        whole = self.span.end - self.span.start
        part = (at - self.span.start) / whole if whole else 0.0
        return self.begin + min(max(part, 0.0), 1.0) * (self.end - self.begin)


def steps(line: Line, across: TimeScale, down: Scale) -> str:
    """Return the path of a line's scores, each held until the next; with gaps where it has none."""
    drawn, held = "", False
    for stand, until in line.held(across.span.end):
        if stand.score is not None:
            y = down(stand.score)
            begin = f"V{y:.1f}" if held else f"M{across(stand.at):.1f},{y:.1f}"
            drawn += f"{begin}H{across(until):.1f}"
        held = stand.score is not None
    return drawn


def values(low: Decimal, high: Decimal, most: int = MOST_TICKS) -> list[Decimal]:
    """Return round values from ``low`` to ``high``, at most ``most`` of them."""
    if high <= low:
        return [low]
    rough = (high - low) / most
    unit = Decimal(1).scaleb(rough.adjusted())
    step = next(unit * one for one in _ROUND if unit * one >= rough)
    first = (low / step).to_integral_value("ROUND_CEILING")
    found = ((first + number) * step for number in range(most + 1))
    return [one for one in found if low <= one <= high]


def moments(span: Span, most: int = MOST_TICKS) -> list[datetime]:
    """Return round times within a span, at most ``most`` of them."""
    length = span.end - span.start
    step = next((one for one in _STEPS if length / one <= most), None)
    if step is not None:
        return list(_every(step, span))[:most]
    for months in _MONTHS:
        found = list(_months(months, span))
        if len(found) <= most:
            return found
    return found[:: len(found) // most + 1]


def _every(step: timedelta, span: Span) -> Iterator[datetime]:
    origin = _MONDAY.replace(tzinfo=span.start.tzinfo)
    at = origin + -((origin - span.start) // step) * step
    while at <= span.end:
        yield at
        at += step


def _months(step: int, span: Span) -> Iterator[datetime]:
    number = -(-(span.start.year * 12 + span.start.month) // step) * step
    while True:
        year, month = divmod(number, 12)
        at = datetime(year, month + 1, 1, tzinfo=span.start.tzinfo)
        if at > span.end:
            return
        yield at
        number += step


def written(at: datetime, span: Span) -> str:
    """Return a time as it is written below a drawing."""
    short = span.end - span.start < timedelta(days=2)
    return minute(at).removesuffix(" UTC") if short else day(at)


def bounds(found: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest of some values; 0 and 0 of none."""
    every = list(found)
    return (min(every), max(every)) if every else (Decimal(0), Decimal(0))


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float | None]:
    """Return where names go that would stand at ``wanted``, at least ``gap`` apart.

    What has no room between ``low`` and ``high`` has no place; the first keep theirs.
    """
    room = max(int((high - low) / gap) + 1, 0)
    order = sorted(range(len(wanted))[:room], key=lambda number: wanted[number])
    places: list[float] = []
    for number in order:
        least = places[-1] + gap if places else low
        places.append(max(wanted[number], least))
    most = high
    for index in reversed(range(len(places))):
        places[index] = min(places[index], most)
        most = places[index] - gap
    found: list[float | None] = [None] * len(wanted)
    for number, place in zip(order, places, strict=True):
        found[number] = place
    return found
