"""``/race/NAMESPACE/NAME``: how a board's first rows came to where they are; a still of any day."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from starlette.responses import Response

from bot.core.errors import BotError
from bot.core.render.clean import inert
from bot.drawing.document import SCRIPTS
from bot.drawing.player import html, player
from bot.views.boards import FoundBoard, stored_board
from bot.views.history import Point, points
from bot.views.seen.race import Race
from bot.views.seen.race import race as look_up
from bot.web.access import unseen
from bot.web.answers import Table, answer, check
from bot.web.pages.board import PARAMETERS, past, written
from bot.web.site import Asked
from bot.web.templating import board_path, model_path


def race(asked: Asked) -> Response:
    """Show a race as it stands or stood, and let people play it."""
    check(asked, *PARAMETERS, table=True)
    board, found = _raced(asked)
    span = found.course.span
    at = min(past(asked) or span.end, span.end)
    if at < span.start:
        raise BotError(f"{inert(board.key.name)}: nothing is stored of that time.")
    shown = [point for point in points(found.timelines) if point.at <= at]
    return answer(
        asked,
        shown,
        "race.html",
        Table(Point.__struct_fields__, shown),
        board=found.board,
        key=board.key,
        at=at,
        end=span.end,
        start=span.start,
        player=_player(found, board, at),
        scripts=SCRIPTS,
    )


def _raced(asked: Asked) -> tuple[FoundBoard, Race]:
    board = stored_board(asked.store, asked.settings, written(asked), derived=asked.flag("derived"))
    if not asked.may_see(board.key, asked.official()):
        raise unseen()
    found = look_up(asked.store, board.board.board, until=board.board.snapshot_at)
    if found is None:
        raise BotError(f"{inert(board.key.name)}: nothing is stored of it.")
    return board, found


def _player(found: Race, board: FoundBoard, at: datetime) -> Markup:
    info = found.board
    links = {line.name: model_path(line.model).unescape() for line in found.timelines}
    here = board_path(board.key, "/race").unescape()
    still = f"{here}{'&' if '?' in here else '?'}at="
    made = player(found.course, info.name or info.benchmark, at, links=links, still=still)
    # Its texts are escaped where it is made.
    return Markup(html(made))  # noqa: S704
