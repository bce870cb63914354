"""``/embed/boards/NAMESPACE/NAME``: the first rows of a board, for a frame in another page."""

from __future__ import annotations

from msgspec.structs import replace
from starlette.responses import Response

from bot.views.boards import stored_board
from bot.web.answers import Table, answer, check
from bot.web.pages.board import COLUMNS, record, written
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

TOP, MOST = 10, 100
THEMES = (None, "light", "dark")


def board(asked: Asked) -> Response:
    """Show the first rows of a board, light or dark as is asked for, or as the reader likes it."""
    check(asked, "task", "derived", "top", "theme", table=True)
    theme, top = asked.parameter("theme"), asked.whole("top", TOP, MOST)
    if theme not in THEMES:
        raise Refused(BAD_REQUEST, "theme: must be light or dark")
    derived = asked.flag("derived")
    found = stored_board(
        asked.store, asked.settings, written(asked), derived=derived, visible=asked.visible()
    )
    shown = replace(found.board, rows=found.board.rows[:top])
    table, rows = Table(COLUMNS, map(record, shown.rows)), len(found.board.rows)
    return answer(asked, shown, "embed.html", table, key=found.key, theme=theme, rows=rows)
