"""A history as one picture: a board's ranks, or those of a model on its boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from bot.core.board import BoardKey
from bot.core.render.numbers import day
from bot.drawing.ranks.bump import bump
from bot.drawing.scores import scores
from bot.drawing.svg import stacked
from bot.drawing.values import WIDE, Line, Span, Stand
from bot.views.history import Timeline
from bot.views.seen.info import Infos, titles
from bot.views.seen.race import run

MOST_LINES = 24
"""More lines are not told apart: of a board the first rows are drawn, else the best ranked."""


def picture(
    found: Sequence[Timeline], name: str, infos: Infos, now: datetime, width: float = WIDE
) -> Element:
    """Draw what ``history`` found, up to ``now``: at least one row; ``infos`` has their boards.

    Of a model on one board there are the scores below.
    """
    first = min(line.points[0].at for line in found)
    span = Span(first, max(now, *(line.points[-1].at for line in found)))
    boards = {line.board for line in found}
    title = f"{name}: ranks from {day(span.start)} to {day(span.end)}"
    if len(boards) == 1 and len({line.model for line in found}) > 1:
        top = min(len(found), MOST_LINES)
        race = run(infos[found[0].board], found, span, top)
        return bump(race.course.lines, span, title, top=top, width=width, name=f"ranks-{width}")
    lines = ranked(found, titles(infos))[:MOST_LINES]
    ranks = bump(lines, span, title, top=lowest(lines), width=width, name=f"ranks-{width}")
    if len(boards) > 1:
        return ranks
    below = scores(
        lines,
        span,
        f"{name}: scores",
        decimals=infos[found[0].board].decimals or 0,
        width=width,
        name=f"scores-{width}",
    )
    return stacked(title, ranks, below, name=f"both-{width}")


def ranked(found: Sequence[Timeline], titles: Mapping[BoardKey, str]) -> list[Line]:
    """Return rows of several boards as lines to draw, named by what tells them apart.

    ``titles`` are what the boards are called.
    """
    several = len({line.model for line in found}) > 1
    return [
        Line(
            f"{titles[line.board]}: {line.name}" if several else _named(titles[line.board], line),
            tuple(Stand(one.at, one.rank, one.score, one.rank) for one in line.points),
        )
        for line in found
    ]


def _named(board: str, line: Timeline) -> str:
    return f"{board} ({line.variant})" if line.variant else board


def lowest(lines: Sequence[Line]) -> int:
    """Return the lowest rank that any of some lines had."""
    return max((stand.rank or 1 for line in lines for stand in line.stands), default=1)
