"""``/``: every board at a glance."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.seen.glance import glances
from bot.web.answers import answer, check
from bot.web.lists import PARAMETERS, some
from bot.web.site import Asked


def boards(asked: Asked) -> Response:
    """Show who leads each board, who follows, and when it last changed."""
    check(asked, *PARAMETERS)
    official = asked.official()
    found = glances(asked.store, asked.endpoint, lambda key: asked.may_see(key, official))
    page = some(asked, "boards", found)
    return answer(asked, page, "boards.html")
