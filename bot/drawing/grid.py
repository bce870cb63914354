"""The grid behind a drawing: values at its left edge, times at its foot."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bot.core.render.numbers import number
from bot.drawing.scales import Scale, TimeScale, moments, values, written
from bot.drawing.svg import QUIET, SIZE, add, length

_FEWER = 500
"""A drawing that is narrower has room for fewer times: one takes some 80."""


def room(down: Scale) -> float:
    """Return how much room the values take."""
    return max(length(number(tick)) for tick in values(down.low, down.high)) + SIZE


def levels(grid: Element, down: Scale, begin: float, end: float) -> None:
    """Draw a line a round value from ``begin`` to ``end``, with the value before it."""
    for tick in values(down.low, down.high):
        y = down(tick)
        line(grid, (begin, y), (end, y))
        add(grid, "text", number(tick), x=begin - 8, y=y + 4.5, text_anchor="end")


def times(grid: Element, across: TimeScale, width: float, y: float, top: float | None) -> None:
    """Write round times at ``y``, with a line from ``top`` where that is given."""
    for at in moments(across.span, 5 if width > _FEWER else 2):
        x, text = across(at), written(at, across.span)
        if top is not None:
            line(grid, (x, top), (x, y - 22))
        middle = min(max(x, length(text) / 2), width - length(text) / 2)
        add(grid, "text", text, x=middle, y=y, text_anchor="middle")


def line(grid: Element, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a line that stays behind all else."""
    (x1, y1), (x2, y2) = begin, end
    add(grid, "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=QUIET, stroke_opacity=0.35)
