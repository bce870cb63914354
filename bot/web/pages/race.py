"""``/race/NAMESPACE/NAME``: how a board's first rows came to where they are; a still of any day."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from markupsafe import Markup
from starlette.responses import Response

from bot.core.errors import BotError
from bot.core.names.links import event_page
from bot.core.render.clean import inert
from bot.drawing.document import SCRIPTS
from bot.drawing.player import Links, html, player
from bot.views.history import Point, points
from bot.views.seen.race import Race, named_race
from bot.web.answers import Table, answer, check
from bot.web.pages.board import PARAMETERS, past, written
from bot.web.site import Asked
from bot.web.templating import board_path, model_path


def race(asked: Asked) -> Response:
    """Show a race as it stands or stood, and let people play it."""
    check(asked, *PARAMETERS, table=True)
    derived, visible = asked.flag("derived"), asked.visible()
    found = named_race(
        asked.store, asked.settings, written(asked), derived=derived, visible=visible
    )
    key, span = found.board.key, found.course.span
    at = min(past(asked) or span.end, span.end)
    if at < span.start:
        raise BotError(f"{inert(key.name)}: nothing is stored of that time.")
    shown = [point for point in points(found.timelines) if point.at <= at]
    table = Table(Point.__struct_fields__, shown)
    more = {"board": found.board, "key": key, "at": at, "start": span.start, "end": span.end}
    drawn = {"player": lambda: _player(found, at), "scripts": SCRIPTS}
    return answer(asked, shown, "race.html", table, **more, **drawn)


def _player(found: Race, at: datetime) -> Markup:
    info = found.board
    rows = {line.name: model_path(line.model).unescape() for line in found.timelines}
    here = board_path(info.key, "/race").unescape()
    still = f"{here}{'&' if '?' in here else '?'}at="
    links = Links(rows=rows, event=partial(event_page, ""), still=still)
    made = player(found.course, info.name or info.benchmark, at, links)
    return Markup(html(made))  # noqa: S704 - the texts are escaped where they are put in
