"""A bump chart: ranks over time, a line a row, with its name at the end or where it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import day, plural
from bot.drawing.grid import times
from bot.drawing.leads import ABOVE, Lead, marks
from bot.drawing.ranks.exits import LANE, Exit, depth, draw, exits, named
from bot.drawing.ranks.frame import BEND, LEFT, Frame, path
from bot.drawing.scales import spread
from bot.drawing.svg import add, label, lead, paint, picture, put, stroke, tall
from bot.drawing.values import WIDE, Line, Span

_GAP = 16
_FOOT = 34
_TOLD = 10
_MOST_RANKS = 24
_TWO_LINES = 26
"""A row that is higher has room for a name of two lines."""


def bump(
    lines: Sequence[Line],
    span: Span,
    title: str,
    *,
    top: int,
    until: datetime | None = None,
    leads: Sequence[Lead] = (),
    name: str = "bump",
    width: float = WIDE,
) -> Element:
    """Draw the first ``top`` places over time; lines that fall further leave at the bottom.

    A row that is not there has a gap. The number of a line in ``lines`` is its colour. With
    ``until`` the drawing is how things stood at that time, and has what a script plays besides.
    Stars mark who came to lead.
    """
    played = until is not None
    frame = Frame(span, top, width, until, above=ABOVE if leads else 0.0)
    shown = [line.until(frame.until) for line in lines]
    left = [one for one in exits(frame, lines) if played or one.is_away(frame.until)]
    placed = named(frame, left)
    foot = frame.bottom + depth(placed) * LANE
    told = _told(shown, frame, [one for one in left if one.is_away(frame.until)])
    root = picture((width, foot + _FOOT), name, title, told)
    put(root, data_row=frame.row, data_right=frame.right, data_left=LEFT,
        data_begin=frame.begin, data_bend=BEND, data_bottom=frame.bottom)  # fmt: skip
    _grid(root, frame, foot)
    for number, line in enumerate(shown):
        group = add(root, "g", class_="line", data_key=number)
        add(group, "title", inert(line.name))
        drawn = add(group, "path", d=path(frame, line), stroke_width=3, stroke_linejoin="round")
        stroke(drawn, number)
    marks(root, frame, leads)
    draw(root, frame, placed, played=played)
    _names(root, frame, shown)
    if not any(line.stands for line in shown):
        add(root, "text", "Nothing is stored of that time.", x=LEFT, y=frame.begin + 5)
    return root


def _grid(root: Element, frame: Frame, foot: float) -> None:
    grid = add(root, "g", class_="grid", font_size=12)
    step = -(-frame.top // _MOST_RANKS)
    for rank in range(1, frame.top + 1, step):
        add(grid, "text", str(rank), x=LEFT - 12, y=frame.down(rank) + 4.5, text_anchor="end")
    times(grid, frame.across, frame.width, foot + 22, frame.begin - 8)


def _names(root: Element, frame: Frame, lines: Sequence[Line]) -> None:
    """Write the names of the rows that are there at the end, beside their lines."""
    last = {key: frame.seen(line.stands[-1].place) for key, line in enumerate(lines) if line.stands}
    shown = sorted((place, key) for key, place in last.items() if place)
    wanted = [frame.down(place) for place, _ in shown]
    places = spread(wanted, max(frame.row, _GAP), frame.begin, frame.bottom)
    for (_, key), at, place in zip(shown, wanted, places, strict=True):
        group = add(root, "g", class_="end", data_key=key)
        paint(add(group, "circle", cx=frame.end, cy=at, r=5), key)
        if place is None:
            continue
        x = frame.width - frame.room
        lead(group, (frame.end, at), (x, place), key)
        if frame.row > _TWO_LINES:
            tall(group, lines[key].name, frame.room, x, place)
        else:
            label(group, lines[key].name, frame.room, x=x, y=place + 4.5)


def _told(lines: Sequence[Line], frame: Frame, away: Sequence[Exit]) -> str:
    last = [(line.stands[-1].rank, line) for line in lines if line.stands]
    there = sorted(
        ((rank, line) for rank, line in last if rank is not None and rank <= frame.top),
        key=lambda one: one[0],
    )
    told = [f"{rank}. {inert(line.name)}, {_came(line)}" for rank, line in there[:_TOLD]]
    left = len(there) - _TOLD
    more = f"; and {plural(left, 'more row')}" if left > 0 else ""
    gone = "".join(f" {one.told}." for one in away[:_TOLD])
    return f"On {day(frame.until)}: {'; '.join(told) or 'no rows'}{more}.{gone}"


def _came(line: Line) -> str:
    first = line.stands[0]
    if first.rank == line.stands[-1].rank and len(line.stands) == 1:
        return f"since {day(first.at)}"
    return f"from {first.rank if first.rank is not None else 'nowhere'} on {day(first.at)}"
