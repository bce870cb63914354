"""Where rows leave the first places of a bump chart: their names below, in lanes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import day
from bot.drawing.ranks.frame import Frame
from bot.drawing.svg import LETTER, SIZE, add, colour, fitting, length, milliseconds, paint
from bot.drawing.values import Line

LANE = 16
"""How high a lane of names is."""
MOST = 60
"""Of more rows that left, those that were best are marked."""

_LANES = 8
_LETTERS = 12
_SMALL = _LETTERS / SIZE
_LONGEST = 24 * LETTER
_GAP = 6
_BELOW = 8
"""How far below the lines the first lane begins."""


class Exit(NamedTuple):
    """A row that left the first ``top`` places: when, from which one, until it was back.

    ``removed`` says that it left the board.
    """

    key: int
    name: str
    at: datetime
    place: int
    top: int
    removed: bool
    until: datetime | None

    def is_away(self, at: datetime) -> bool:
        """Tell whether the row is not among the first at a time, as it left."""
        return self.at <= at and (self.until is None or at < self.until)

    def meets(self, other: Exit) -> bool:
        """Tell whether this row and another are away at one time."""
        return (self.until is None or other.at < self.until) and (
            other.until is None or self.at < other.until
        )

    @property
    def told(self) -> str:
        """What happened, in words."""
        how = "was removed" if self.removed else f"fell out of the first {self.top}"
        return f"{inert(self.name)} {how} on {day(self.at)}, from rank {self.place}"


class Named(NamedTuple):
    """An exit ``x`` across, with its name in a lane; None: there is no room for it."""

    left: Exit
    x: float
    lane: int | None
    text: str


class _Taken(NamedTuple):
    """From where to where a lane is taken, while a row is away."""

    begin: float
    end: float
    left: Exit

    def covers(self, other: _Taken) -> bool:
        """Tell whether both are seen at some time, one over the other."""
        apart = self.end + 2 < other.begin or other.end + 2 < self.begin
        return not apart and self.left.meets(other.left)


def exits(frame: Frame, lines: Sequence[Line]) -> list[Exit]:
    """Return who left; first those that stayed away, then those that had stood best."""
    found = [one for key, line in enumerate(lines) for one in _of(frame, key, line)]
    found.sort(key=lambda one: (one.until is not None, one.place, one.at))
    return found[:MOST]


def _of(frame: Frame, key: int, line: Line) -> Iterator[Exit]:
    left: Exit | None = None
    before: int | None = None
    for stand in line.stands:
        place = frame.seen(stand.place)
        if place is not None and left is not None:
            yield left._replace(until=stand.at)
            left = None
        if place is None and before is not None:
            gone = stand.place is None
            left = Exit(key, line.name, stand.at, before, frame.top, gone, None)
        before = place
    if left is not None:
        yield left


def named(frame: Frame, found: Sequence[Exit]) -> list[Named]:
    """Return where the names of exits stand, each in the first lane where it covers nothing.

    The last come first: a name is to the right of what leads down to it, so what leads to one that
    left earlier crosses none. Those that are never away at one time may stand in one place.
    """
    lanes: list[list[_Taken]] = [[] for _ in range(_LANES)]
    return [_place(frame, one, lanes) for one in sorted(found, key=_last_first)]


def _last_first(left: Exit) -> tuple[float, int]:
    return -left.at.timestamp(), -left.place


def depth(placed: Sequence[Named]) -> int:
    """Return how many lanes are used."""
    return max((one.lane + 1 for one in placed if one.lane is not None), default=0)


def _place(frame: Frame, left: Exit, lanes: list[list[_Taken]]) -> Named:
    """Give a name its lane, and keep what leads there free."""
    x = frame.across(left.at)
    gone = " (removed)" if left.removed else ""
    most = min(_LONGEST, (frame.width - x - _GAP) / _SMALL - length(gone))
    text = fitting(left.name, most) + gone
    room = _Taken(x + _GAP, x + _GAP + length(text) * _SMALL, left)
    for number, lane in enumerate(lanes):
        if not any(room.covers(other) for other in lane):
            lane.append(room)
            for above in lanes[:number]:
                above.append(_Taken(x - 1, x + 1, left))
            return Named(left, x, number, text)
    return Named(left, x, None, text)


def draw(root: Element, frame: Frame, placed: Sequence[Named], *, played: bool) -> None:
    """Draw who is away at the frame's time; where the drawing is ``played``, the others hidden."""
    for one in placed:
        left = one.left
        is_away = left.is_away(frame.until)
        if is_away or played:
            group = add(root, "g", class_="exit", display=None if is_away else "none")
            _draw(group, frame, one)
            if played:
                group.set("data-from", str(milliseconds(left.at)))
                group.set("data-until", str(milliseconds(left.until)) if left.until else "")


def _draw(group: Element, frame: Frame, one: Named) -> None:
    left = one.left
    y = frame.down(left.place) if left.removed else frame.bottom
    add(group, "title", left.told)
    if one.lane is not None:
        lane = frame.bottom + _BELOW + one.lane * LANE
        add(group, "line", x1=one.x, y1=y, x2=one.x, y2=lane + 6.0, stroke=colour(left.key),
            stroke_dasharray="1 3")  # fmt: skip
        paint(add(group, "circle", cx=one.x, cy=lane + 5.0, r=3), left.key)
        add(group, "text", one.text, x=one.x + _GAP, y=lane + 9.0, font_size=_LETTERS)
    paint(add(group, "circle", cx=one.x, cy=y, r=3.5), left.key)
