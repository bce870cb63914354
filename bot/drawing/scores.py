"""A line chart: scores over time, with names at the ends of the lines."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import day, number, plural
from bot.drawing.grid import levels, room, times
from bot.drawing.scales import Scale, TimeScale, bounds, spread, steps
from bot.drawing.svg import SIZE, add, label, lead, length, paint, picture, put, stroke
from bot.drawing.values import WIDE, Line, Span

HEIGHT = 320
_TOP, _BOTTOM = 14, 282
_GAP = 16
_TOLD = 10


def scores(
    lines: Sequence[Line],
    span: Span,
    title: str,
    *,
    name: str = "scores",
    width: float = WIDE,
    decimals: int = 0,
) -> Element:
    """Draw scores over time: each is held until the next; a row that is not there has a gap."""
    root = picture((width, HEIGHT), name, title, _told(lines, decimals))
    found = [stand.score for line in lines for stand in line.stands if stand.score is not None]
    low, high = bounds(found)
    down = Scale(low, high, _BOTTOM, _TOP)
    across = TimeScale(span, room(down), width - min(width * 0.36, 230))
    if found:
        grid = add(root, "g", class_="grid", font_size=12)
        levels(grid, down, across.begin, across.end)
        times(grid, across, width, _BOTTOM + 28, None)
    for key, line in enumerate(lines):
        group = add(root, "g", class_="line", data_key=key)
        add(group, "title", inert(line.name))
        drawn = add(group, "path", d=steps(line, across, down), stroke_width=2.5)
        put(stroke(drawn, key), stroke_linejoin="round")
    _names(root, lines, across, down, (width, decimals))
    if not found:
        add(root, "text", "Nothing is stored of that time.", x=_TOP, y=_TOP + 5)
    return root


def _names(
    root: Element,
    lines: Sequence[Line],
    across: TimeScale,
    down: Scale,
    shape: tuple[float, int],
) -> None:
    width, decimals = shape
    last = [line.stands[-1].score if line.stands else None for line in lines]
    shown = [(key, score) for key, score in enumerate(last) if score is not None]
    places = spread([down(score) for _, score in shown], _GAP, float(_TOP), float(_BOTTOM))
    for (key, score), place in zip(shown, places, strict=True):
        group = add(root, "g", class_="end", data_key=key)
        paint(add(group, "circle", cx=across.end, cy=down(score), r=4), key)
        if place is None:
            continue
        told, x = number(score, decimals), across.end + 14
        lead(group, (across.end, down(score)), (x, place), key)
        add(group, "text", told, x=width, y=place + 4.5, text_anchor="end", font_weight=600)
        free = width - x - length(told) - SIZE / 2
        label(group, lines[key].name, free, x=x, y=place + 4.5)


def _told(lines: Sequence[Line], decimals: int) -> str:
    told = [
        f"{inert(line.name)}: {number(last.score, decimals)} since {day(last.at)}"
        for line in lines
        if line.stands and (last := line.stands[-1]).score is not None
    ]
    left = len(told) - _TOLD
    more = f"; and {plural(left, 'more row')}" if left > 0 else ""
    return f"{'; '.join(told[:_TOLD]) or 'There are no scores'}{more}."
