"""Bars: how some rows stood at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from xml.etree.ElementTree import Element

from bot.core.render.clean import inert
from bot.core.render.numbers import number, plural
from bot.drawing.scales import Scale, bounds
from bot.drawing.svg import SIZE, add, dashes, label, length, paint, picture, put
from bot.drawing.values import WIDE, Bar

ROW = 38
LEFT = 34
"""Where bars begin: right of the ranks."""
THICK = 12
_BASE = 14
_BAR = 20
_TOLD = 10


def bars(
    rows: Sequence[Bar],
    title: str,
    *,
    name: str = "bars",
    width: float = WIDE,
    decimals: int = 0,
    reach: tuple[Decimal, Decimal] | None = None,
    most: int = 1,
) -> Element:
    """Draw the rows in their order, each with its rank, name and score.

    Bars begin at 0; ``reach`` are the least and the greatest score that there is room for, by
    default those of the rows, and ``most`` is for how many rows. Where there are none, that is
    said.
    """
    height = max(len(rows), most) * ROW
    root = picture((width, height), name, title, _told(rows, decimals))
    scale = from_zero(reach or bounds(row.score for row in rows), LEFT, width)
    put(root, data_left=LEFT, data_row=ROW, data_right=width, data_base=_BASE, data_bar=_BAR,
        data_thick=THICK)  # fmt: skip
    for place, row in enumerate(rows):
        key = place if row.key is None else row.key
        group = add(root, "g", transform=f"translate(0,{place * ROW})", class_="row", data_key=key)
        add(group, "text", str(row.rank), x=LEFT - 10, y=_BASE, text_anchor="end", class_="rank")
        score = number(row.score, decimals)
        label(group, row.name, room(width, score), x=LEFT, y=_BASE, class_="name")
        add(group, "text", score, x=width, y=_BASE, text_anchor="end", font_weight=600,
            class_="score")  # fmt: skip
        begin, end = sorted((scale(Decimal(0)), scale(row.score)))
        bar = add(group, "rect", x=begin, width=max(end - begin, 1.0), y=_BAR, height=THICK, rx=2)
        put(paint(bar, key), class_="bar", stroke_dasharray=dashes(key))
    if not rows:
        add(root, "text", "No rows.", x=LEFT, y=_BASE)
    return root


def room(width: float, score: str) -> float:
    """Return the room that a name has beside its score."""
    return width - LEFT - length(score) - SIZE


def from_zero(reach: tuple[Decimal, Decimal], begin: float, end: float) -> Scale:
    """Return the scale of bars that have room for scores between two."""
    low, high = min(reach[0], Decimal(0)), max(reach[1], Decimal(0))
    return Scale(low, high if high > low else low + 1, begin, end)


def _told(rows: Sequence[Bar], decimals: int) -> str:
    if not rows:
        return "There are no rows."
    told = [f"{row.rank}. {inert(row.name)} {number(row.score, decimals)}" for row in rows[:_TOLD]]
    left = len(rows) - _TOLD
    return "; ".join(told) + (f"; and {plural(left, 'more row')}." if left > 0 else ".")
