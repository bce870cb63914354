"""A sparkline: one score over time, as large as a word."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bot.core.render.numbers import day, number
from bot.drawing.scales import Scale, TimeScale, bounds, steps
from bot.drawing.svg import PALETTE, add, picture
from bot.drawing.values import Line, Span

WIDTH, HEIGHT = 120, 28
_EDGE = 3


def sparkline(line: Line, span: Span, *, name: str = "sparkline", decimals: int = 0) -> Element:
    """Draw a line's scores, each held until the next, with a dot where it stands now."""
    root = picture((WIDTH, HEIGHT), name, line.name, _told(line, decimals))
    low, high = bounds(stand.score for stand in line.stands if stand.score is not None)
    across = TimeScale(span, _EDGE, WIDTH - _EDGE)
    down = Scale(low, high, HEIGHT - _EDGE, _EDGE)
    add(root, "path", d=steps(line, across, down), fill="none", stroke=PALETTE[0], stroke_width=2)
    last = line.stands[-1].score if line.stands else None
    if last is not None:
        add(root, "circle", cx=float(WIDTH - _EDGE), cy=down(last), r=2.5,
            fill=PALETTE[0])  # fmt: skip
    return root


def _told(line: Line, decimals: int) -> str:
    told = [
        f"{number(stand.score, decimals)} on {day(stand.at)}"
        for stand in line.stands
        if stand.score is not None
    ]
    return f"From {told[0]} to {told[-1]}." if told else "There are no scores."
