"""A scatter: models' scores against their sizes, along the best of their size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import number, parameters, plural
from bot.drawing.grid import levels, line, room
from bot.drawing.scales import Scale, bounds
from bot.drawing.svg import PALETTE, QUIET, add, coordinate, label, length, picture
from bot.drawing.values import WIDE, Dot

HEIGHT = 360
_TOP, _BOTTOM = 24, 306
_RIGHT = 10
_AROUND = 0.06
"""So much of the width is left free at either side of the dots."""
_TICK = 60
"""A size that is written at the foot takes so much."""
_STEPS = ((1, 2, 5), (1, 3), (1,))
_NAMED = 8
"""So many of the best are named besides the best of their size, where there is room."""
_RADIUS, _APART, _HIGH = 4.5, 9, 16
_PART = 0.45
"""So much of the width a name may take."""

Place = tuple[float, float]


class Box(NamedTuple):
    """What a name covers."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether two names would lie over each other."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def covers(self, place: Place) -> bool:
        """Tell whether a dot would lie below the name."""
        x, y = place
        across = self.left - _RADIUS < x < self.right + _RADIUS
        return across and self.top - _RADIUS < y < self.bottom + _RADIUS

    def within(self, other: Box) -> bool:
        """Tell whether all of it is in another."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


def best_of_size(dots: Sequence[Dot]) -> list[int]:
    """Return which of some dots, the best first, no smaller one is as good as: the first is one."""
    found: list[int] = []
    for place, dot in enumerate(dots):
        if not found or dot.size < dots[found[-1]].size:
            found.append(place)
    return found


def scatter(
    dots: Sequence[Dot],
    title: str,
    *,
    name: str = "scatter",
    width: float = WIDE,
    decimals: int = 0,
) -> Element:
    """Draw a dot a row, the best first: sizes from left to right, tenfold by tenfold; scores up.

    The best of their size are named where there is room, the first row before all; what a name
    would lie over another or be cut is in the dot's title alone.
    """
    best = best_of_size(dots)
    root = picture((width, HEIGHT), name, title, _told(dots, best, decimals))
    if not dots:
        add(root, "text", "No sizes are known.", x=_TOP, y=_TOP + 5)
        return root
    down = Scale(*bounds(dot.score for dot in dots), _BOTTOM, _TOP)
    across = _across(dots, room(down), width - _RIGHT)
    _grid(root, across, down, width)
    places = [(across(_log(dot.size)), down(dot.score)) for dot in dots]
    _along(root, [places[one] for one in reversed(best)])
    others = add(root, "g", fill=PALETTE[0], fill_opacity=0.3, stroke=PALETTE[0])
    first = add(root, "g", fill=PALETTE[0])
    for one in reversed(range(len(dots))):
        _dot(first if one in set(best) else others, dots[one], places[one], decimals)
    whole = Box(across.begin, 2, width, _BOTTOM + _HIGH / 2)
    for one, box in _named(dots, places, best, whole):
        _name(root, dots[one].name, places[one], box)
    return root


def _log(size: float) -> Decimal:
    return Decimal(math.log10(size))


def _across(dots: Sequence[Dot], begin: float, end: float) -> Scale:
    """Return where sizes stand: as far apart as there is room, tenfold by tenfold."""
    low, high = (_log(one(dot.size for dot in dots)) for one in (min, max))
    free = (high - low) * Decimal(_AROUND) or Decimal("0.5")
    return Scale(low - free, high + free, begin, end)


def _grid(root: Element, across: Scale, down: Scale, width: float) -> None:
    grid = add(root, "g", class_="grid", font_size=12)
    levels(grid, down, across.begin, across.end)
    for size in _sizes(across):
        x, text = across(_log(size)), parameters(size)
        line(grid, (x, float(_TOP)), (x, float(_BOTTOM)))
        middle = min(x, width - length(text) / 2)
        add(grid, "text", text, x=middle, y=_BOTTOM + 20, text_anchor="middle")
    middle = (across.begin + across.end) / 2
    add(grid, "text", "parameters", x=middle, y=_BOTTOM + 40, text_anchor="middle")


def _sizes(across: Scale) -> list[int]:
    """Return the round sizes that are written, as many as there is room for."""
    powers = range(math.floor(across.low), math.ceil(across.high))
    for steps in _STEPS:
        every = [step * 10**power for power in powers if power >= 0 for step in steps]
        found = [size for size in every if across.low <= _log(size) <= across.high]
        if len(found) * _TICK <= across.end - across.begin:
            break
    return found


def _along(root: Element, best: Sequence[Place]) -> None:
    """Draw a line along the best of their size, the smallest first."""
    (x, y), *larger = best
    steps = "".join(f"H{coordinate(x)}V{coordinate(y)}" for x, y in larger)
    add(root, "path", d=f"M{coordinate(x)},{coordinate(y)}{steps}", fill="none", stroke=QUIET,
        stroke_dasharray="3 3")  # fmt: skip


def _dot(group: Element, dot: Dot, place: Place, decimals: int) -> None:
    told = f"{inert(dot.name)}: {parameters(dot.size)}, {number(dot.score, decimals)}"
    made = add(group, "circle", cx=place[0], cy=place[1], r=_RADIUS)
    add(made, "title", told)


def _named(
    dots: Sequence[Dot], places: Sequence[Place], best: Sequence[int], whole: Box
) -> Iterator[tuple[int, Box]]:
    """Return what names cover: of those that are the best first, of others only free ground."""
    taken: list[Box] = []
    for one in dict.fromkeys((*best, *range(min(len(dots), _NAMED)))):
        takes = min(length(inert(dots[one].name)), whole.right * _PART)
        found = [
            (sum(box.covers(place) for place in places), order, box)
            for order, box in enumerate(_around(places[one], takes, whole))
            if box.within(whole) and not any(box.overlaps(other) for other in taken)
        ]
        if not found:
            continue
        covered, _, box = min(found)
        if one in best or not covered:
            taken.append(box)
            yield one, box


def _around(place: Place, takes: float, whole: Box) -> Iterator[Box]:
    """Return what a name would cover to the left of a dot, to its right, above and below."""
    (x, y), half = place, _HIGH / 2
    middle = min(max(x - takes / 2, whole.left), whole.right - takes)
    above, below = y - 1.5 * _APART, y + 1.5 * _APART
    for left, at in ((x - _APART - takes, y), (x + _APART, y), (middle, above), (middle, below)):
        yield Box(left, at - half, left + takes, at + half)


def _name(root: Element, name: str, place: Place, box: Box) -> None:
    """Write a name where it covers a box: at the side of it that is next to the dot."""
    anchor = "end" if box.right < place[0] else "start" if box.left > place[0] else "middle"
    x = {"end": box.right, "start": box.left, "middle": (box.left + box.right) / 2}[anchor]
    y = (box.top + box.bottom) / 2 + 4.5
    label(root, name, box.right - box.left, x=x, y=y, text_anchor=anchor, class_="name")


def _told(dots: Sequence[Dot], best: Sequence[int], decimals: int) -> str:
    if not dots:
        return "No sizes are known."
    first = [dots[one] for one in best[:_NAMED]]
    told = "; ".join(
        f"{inert(one.name)}, {parameters(one.size)}: {number(one.score, decimals)}" for one in first
    )
    left = len(dots) - len(first)
    more = f"; and {plural(left, 'more row')}" if left > 0 else ""
    return f"The best of their size: {told}{more}."
