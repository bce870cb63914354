"""A bump chart: ranks over time, a line a row, with its name at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import day, plural
from bot.drawing.grid import times
from bot.drawing.scales import TimeScale, spread
from bot.drawing.svg import add, colour, label, lead, picture, put
from bot.drawing.values import WIDE, Line, Span

BEND = 14.0
"""How wide the curve of a change is, where there is room."""
BELOW = 0.6
"""How far below the last rank lines end that fall further, in ranks."""

_TALLEST = 640
_ROW = 28
_GAP = 16
_LEFT = 30
_TOP = 14
_FOOT = 34
_TOLD = 10
_MOST_RANKS = 24

Knot = tuple[float, float]
"""Where a line passes: across, and its place down, 1 for the first."""


class Frame:
    """Where the parts of a bump chart stand: ranks down to ``top``, and times of a span.

    Lines are drawn ``until`` a time, by default its end.
    """

    def __init__(self, span: Span, top: int, width: float, until: datetime | None = None) -> None:
        self.top = max(top, 1)
        self.row = min(_ROW, _TALLEST / self.top)
        self.width = width
        self.right = width - min(width * 0.38, 250)
        self.bottom = _TOP + (self.top - 1 + BELOW) * self.row
        self.height = self.bottom + _FOOT
        self.room = width - self.right - 14
        self.across = TimeScale(span, _LEFT, self.right)
        self.until = until or span.end
        self.end = self.across(self.until) if until else self.right

    def down(self, place: float) -> float:
        """Return where a place stands."""
        return _TOP + (place - 1) * self.row


def bump(
    lines: Sequence[Line],
    span: Span,
    title: str,
    *,
    top: int,
    until: datetime | None = None,
    name: str = "bump",
    width: float = WIDE,
) -> Element:
    """Draw the first ``top`` places over time; lines that fall further leave at the bottom.

    A row that is not there has a gap. The number of a line in ``lines`` is its colour. The lines
    say how things stood ``until`` a time, by default the span's end.
    """
    frame = Frame(span, top, width, until)
    root = picture((width, frame.height), name, title, _told(lines, frame.until, top))
    put(root, data_row=frame.row, data_right=frame.right, data_left=_LEFT,
        data_begin=_TOP, data_bend=BEND, data_bottom=frame.bottom)  # fmt: skip
    _grid(root, frame)
    last = [line.stands[-1].place if line.stands else None for line in lines]
    for number, line in enumerate(lines):
        group = add(root, "g", class_="line", data_key=number)
        add(group, "title", inert(line.name))
        add(group, "path", d=_path(frame, line), fill="none", stroke=colour(number),
            stroke_width=3, stroke_linecap="round", stroke_linejoin="round")  # fmt: skip
    _names(root, frame, lines, last)
    if not any(line.stands for line in lines):
        add(root, "text", "Nothing is stored of that time.", x=_LEFT, y=_TOP + 5)
    return root


def _grid(root: Element, frame: Frame) -> None:
    grid = add(root, "g", class_="grid", font_size=12)
    step = -(-frame.top // _MOST_RANKS)
    for rank in range(1, frame.top + 1, step):
        add(grid, "text", str(rank), x=_LEFT - 12, y=frame.down(rank) + 4.5, text_anchor="end")
    times(grid, frame.across, frame.width, frame.bottom + 22, float(_TOP - 8))


def _names(root: Element, frame: Frame, lines: Sequence[Line], last: Sequence[int | None]) -> None:
    """Write the names of the rows that are there at the end, beside their lines."""
    shown = [number for number, place in enumerate(last) if place and place <= frame.top]
    shown.sort(key=lambda number: last[number] or 0)
    wanted = [frame.down(last[number] or 0) for number in shown]
    places = spread(wanted, min(_GAP, max(frame.row, _GAP)), float(_TOP), frame.bottom)
    for number, at, place in zip(shown, wanted, places, strict=True):
        group = add(root, "g", class_="end", data_key=number)
        add(group, "circle", cx=frame.end, cy=at, r=5, fill=colour(number))
        if place is not None:
            x = frame.width - frame.room
            lead(group, (frame.end, at), (x, place), number)
            label(group, lines[number].name, frame.room, x=x, y=place + 4.5)


def _path(frame: Frame, line: Line) -> str:
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
        place = _within(stand.place, frame.top)
        if piece and place is None:
            if stand.place is not None:  # it fell further than is drawn
                piece.append((frame.across(stand.at), bottom))
            yield piece
            piece = []
        if place is not None:
            begin, end = frame.across(stand.at), _until(frame, stand.at, until)
            if not piece and before is not None:  # it comes from further down than is drawn
                piece.append((max(begin - BEND, _LEFT), bottom))
            piece += [(begin, float(place))] if begin >= end else [(begin, place), (end, place)]
        before = stand.place
    if piece:
        piece[-1] = (frame.end, piece[-1][1])
        yield piece


def _within(place: int | None, top: int) -> int | None:
    return place if place is not None and place <= top else None


def _until(frame: Frame, at: datetime, until: datetime) -> float:
    """Return where a place is left: far enough before the next that the curve is seen."""
    begin, end = frame.across(at), frame.across(until)
    return end - min(BEND, (end - begin) * 0.7)


def _told(lines: Sequence[Line], at: datetime, top: int) -> str:
    last = [(line.stands[-1].rank, line) for line in lines if line.stands]
    there = sorted(
        ((rank, line) for rank, line in last if rank is not None and rank <= top),
        key=lambda one: one[0],
    )
    told = [f"{rank}. {inert(line.name)}, {_came(line)}" for rank, line in there[:_TOLD]]
    left = len(there) - _TOLD
    more = f"; and {plural(left, 'more row')}" if left > 0 else ""
    return f"On {day(at)}: {'; '.join(told) or 'no rows'}{more}."


def _came(line: Line) -> str:
    first = line.stands[0]
    if first.rank == line.stands[-1].rank and len(line.stands) == 1:
        return f"since {day(first.at)}"
    return f"from {first.rank if first.rank is not None else 'nowhere'} on {day(first.at)}"
