"""A scatter: models' scores against their sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import number, parameters, plural
from bot.drawing.grid import levels, line, room
from bot.drawing.scales import Scale, bounds
from bot.drawing.svg import PALETTE, add, label, length, picture
from bot.drawing.values import WIDE, Dot

HEIGHT = 360
_TOP, _BOTTOM = 16, 306
_RIGHT = 16
_NAMED = 8
"""So many of the best are named in the drawing, where there is room; all are in their titles."""
_APART = 15

Box = tuple[float, float, float, float]


def scatter(
    dots: Sequence[Dot],
    title: str,
    *,
    name: str = "scatter",
    width: float = WIDE,
    decimals: int = 0,
) -> Element:
    """Draw a dot a row, the best first: sizes from left to right, tenfold by tenfold; scores up."""
    root = picture((width, HEIGHT), name, title, _told(dots, decimals))
    if not dots:
        add(root, "text", "No sizes are known.", x=_TOP, y=_TOP + 5)
        return root
    low, high = bounds(dot.score for dot in dots)
    down = Scale(low, high, _BOTTOM, _TOP)
    sizes = [math.log10(dot.size) for dot in dots]
    least, greatest = math.floor(min(sizes)), math.ceil(max(sizes))
    across = Scale(Decimal(least), Decimal(max(greatest, least + 1)), room(down), width - _RIGHT)
    _grid(root, across, down)
    places = [
        (across(Decimal(size)), down(dot.score)) for size, dot in zip(sizes, dots, strict=True)
    ]
    for dot, (x, y) in reversed(list(zip(dots, places, strict=True))):
        group = add(root, "g", class_="dot")
        told = f"{inert(dot.name)}: {parameters(dot.size)}, {number(dot.score, decimals)}"
        add(group, "title", told)
        add(group, "circle", cx=x, cy=y, r=5, fill=PALETTE[0], fill_opacity=0.75)
    for dot, x, y, anchor in _named(dots, places, width):
        label(root, dot.name, width / 3, x=x, y=y, text_anchor=anchor, class_="name")
    return root


def _grid(root: Element, across: Scale, down: Scale) -> None:
    grid = add(root, "g", class_="grid", font_size=12)
    levels(grid, down, across.begin, across.end)
    for power in range(int(across.low), int(across.high) + 1):
        x = across(Decimal(power))
        line(grid, (x, float(_TOP)), (x, float(_BOTTOM)))
        add(grid, "text", parameters(10**power), x=x, y=_BOTTOM + 20, text_anchor="middle")
    middle = (across.begin + across.end) / 2
    add(grid, "text", "parameters", x=middle, y=_BOTTOM + 40, text_anchor="middle")


def _named(
    dots: Sequence[Dot], places: Sequence[tuple[float, float]], width: float
) -> Iterator[tuple[Dot, float, float, str]]:
    """Return where the names of the best go; one that would lie over another has no place."""
    taken: list[Box] = []
    for dot, (x, y) in list(zip(dots, places, strict=True))[:_NAMED]:
        taken_by = min(length(inert(dot.name)), width / 3)
        to_left = x > width / 2
        begin = x - 10 - taken_by if to_left else x + 10
        box = (begin, y - _APART / 2, begin + taken_by, y + _APART / 2)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            yield dot, x - 10 if to_left else x + 10, y + 4.5, "end" if to_left else "start"


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _told(dots: Sequence[Dot], decimals: int) -> str:
    if not dots:
        return "No sizes are known."
    told = [
        f"{inert(dot.name)}, {parameters(dot.size)}: {number(dot.score, decimals)}"
        for dot in dots[:_NAMED]
    ]
    left = len(dots) - _NAMED
    more = f"; and {plural(left, 'more row')}" if left > 0 else ""
    return f"{'; '.join(told)}{more}."
