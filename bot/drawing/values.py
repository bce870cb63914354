"""What is drawn: plain values, with names as strangers wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

WIDE, NARROW = 600, 360
"""Widths in the drawing's own units: of a screen, and of a phone."""


class Bar(NamedTuple):
    """A row at one moment. ``key`` is its number in a race, by which a script finds it."""

    name: str
    rank: int
    score: Decimal
    key: int | None = None


class Stand(NamedTuple):
    """How a row stood from ``at`` on; null rank and score: it was not there.

    ``place`` is the rank, with a place of its own for each row where several share one.
    """

    at: datetime
    rank: int | None
    score: Decimal | None
    place: int | None


class Line(NamedTuple):
    """A row over time, the oldest stand first."""

    name: str
    stands: tuple[Stand, ...]

    def until(self, end: datetime) -> Line:
        """Return the line up to a time."""
        return Line(self.name, tuple(stand for stand in self.stands if stand.at <= end))

    def held(self, end: datetime) -> Iterator[tuple[Stand, datetime]]:
        """Return each stand, and until when it was so; the last until ``end``."""
        for stand, after in zip_longest(self.stands, self.stands[1:]):
            yield stand, after.at if after else end


class Span(NamedTuple):
    """The time that a drawing shows."""

    start: datetime
    end: datetime


class Dot(NamedTuple):
    """A row by its size, a positive number of parameters."""

    name: str
    size: int
    score: Decimal
