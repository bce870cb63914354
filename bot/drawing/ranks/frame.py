"""Where the parts of a bump chart stand, and where its lines pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from bot.drawing.scales import TimeScale
from bot.drawing.values import Line, Span

BEND = 14.0
"""How wide the curve of a change is, where there is room."""
BELOW = 0.6
"""How far below the last rank lines end that fall further, in ranks."""
LEFT = 30

_TALLEST = 640
_ROW = 28
_EDGE = 14

Knot = tuple[float, float]
"""Where a line passes: across, and its place down, 1 for the first."""


class Frame:
    """Where the parts of a bump chart stand: ranks down to ``top``, and times of a span.

    Lines are drawn ``until`` a time, by default its end; ``above`` is the room above the first.
    """

    def __init__(
        self,
        span: Span,
        top: int,
        width: float,
        until: datetime | None = None,
        above: float = 0.0,
    ) -> None:
        self.top = max(top, 1)
        self.row = min(_ROW, _TALLEST / self.top)
        self.width = width
        self.right = width - (60 + 0.26 * width)
        self.begin = _EDGE + above
        self.bottom = self.begin + (self.top - 1 + BELOW) * self.row
        self.room = width - self.right - 14
        self.across = TimeScale(span, LEFT, self.right)
        self.until = until or span.end
        self.end = self.across(self.until) if until else self.right

    def down(self, place: float) -> float:
        """Return where a place stands."""
        return self.begin + (place - 1) * self.row

    def seen(self, place: int | None) -> int | None:
        """Return a place that is among those drawn; None for others."""
        return place if place is not None and place <= self.top else None


def path(frame: Frame, line: Line) -> str:
    """Return the path of a line: level where its row stands, bent where it changes places."""
    drawn = []
    for part in pieces(frame, line):
        drawn.append(f"M{_at(frame, part[0])}")
        for before, after in pairwise(part):
            if before[1] == after[1]:
                drawn.append(f"L{_at(frame, after)}")
            else:
                middle = (before[0] + after[0]) / 2
                bent = ((middle, before[1]), (middle, after[1]), after)
                drawn.append("C" + " ".join(_at(frame, knot) for knot in bent))
    return "".join(drawn)


def _at(frame: Frame, knot: Knot) -> str:
    return f"{knot[0]:.1f},{frame.down(knot[1]):.1f}"


def pieces(frame: Frame, line: Line) -> Iterator[list[Knot]]:
    """Return the pieces of a line, each where it goes on without a gap.

    A place is held until shortly before the next, and left in a curve.
    """
    piece: list[Knot] = []
    before: int | None = None
    bottom = frame.top + BELOW
    for stand, until in line.held(frame.until):
        place = frame.seen(stand.place)
        if piece and place is None:
            if stand.place is not None:  # it fell further than is drawn
                piece.append((frame.across(stand.at), bottom))
            yield piece
            piece = []
        if place is not None:
            begin, end = frame.across(stand.at), _until(frame, stand.at, until)
            if not piece and before is not None:  # it comes from further down than is drawn
                piece.append((max(begin - BEND, LEFT), bottom))
            piece += [(begin, float(place))] if begin >= end else [(begin, place), (end, place)]
        before = stand.place
    if piece:
        piece[-1] = (frame.end, piece[-1][1])
        yield piece


def _until(frame: Frame, at: datetime, until: datetime) -> float:
    """Return where a place is left: far enough before the next that the curve is seen."""
    begin, end = frame.across(at), frame.across(until)
    return end - min(BEND, (end - begin) * 0.7)
