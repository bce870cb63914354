"""Drawings of what pages show; each has a title and words for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from markupsafe import Markup

from bot.drawing.player import SIZES
from bot.drawing.scatter import best_of_size, scatter
from bot.drawing.sparkline import sparkline
from bot.drawing.svg import inline, put
from bot.drawing.values import Dot, Line, Span, Stand
from bot.views.boards import ShownRow
from bot.views.history import lines, place_of
from bot.views.reads.paging import history_groups
from bot.views.seen.info import board_infos
from bot.views.seen.leads import Lead
from bot.views.seen.picture import picture
from bot.views.seen.race import bounded
from bot.web.site import Asked

FEWEST = 3
"""Fewer dots show nothing."""
MOST_POINTS = 3_000
"""More points of all lines of a drawing are not told apart."""
MOST = 300
"""More dots are a cloud; the first rows are drawn, and the best of their size."""


def sizes(rows: Sequence[ShownRow]) -> Markup | None:
    """Draw models' scores against their sizes; None where too few sizes are known."""
    dots = [
        Dot(f"{row.model} ({row.variant})" if row.variant else row.model, row.parameters, row.value)
        for row in rows
        if row.parameters
    ]
    if len(dots) < FEWEST:
        return None
    shown = sorted({*range(min(len(dots), MOST)), *best_of_size(dots)})
    title, drawn = "Scores of models by their size", Markup()
    for size, width in SIZES:
        made = scatter([dots[one] for one in shown], title, name=f"scatter-{size}", width=width)
        put(made, class_=f"drawing scatter {size}")
        drawn += Markup(inline(made))  # noqa: S704 - the drawing has escaped what strangers wrote
    return drawn


def ranks(asked: Asked, model: str) -> Markup | None:
    """Draw a model's ranks over time on the boards that the visitor may see; None without any."""
    visible = asked.visible()
    every = (lines([group], None) for group in history_groups(asked.store, model=model))
    every_line = chain.from_iterable(every)
    seen = (line for line in every_line if visible.hold(line.board.benchmark))
    found = sorted(bounded(seen, MOST_POINTS), key=place_of)
    if not found:
        return None
    with asked.store.read() as db:
        infos = board_infos(db, asked.endpoint, {line.board for line in found})
    until = asked.site.clock().replace(minute=0, second=0, microsecond=0)
    drawn = Markup()
    for size, width in SIZES:
        made = picture(found, model, infos, until, width)
        put(made, class_=f"drawing {size}")
        drawn += Markup(inline(made))  # noqa: S704
    return drawn


def spark(led: Sequence[Lead], number: int, now: datetime) -> Markup | None:
    """Draw the scores with which others came to lead, the newest first; None of fewer than two.

    ``number`` tells drawings of one page apart.
    """
    stands = [Stand(one.since, 1, one.score, 1) for one in reversed(led) if one.score is not None]
    if len(stands) < FEWEST - 1:
        return None
    line = Line("Scores of leaders", tuple(stands))
    drawn = sparkline(line, Span(stands[0].at, now), name=f"spark-{number}")
    return Markup(inline(drawn))  # noqa: S704 - the drawing has escaped what strangers wrote
