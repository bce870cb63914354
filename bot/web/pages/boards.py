"""``/``: every board at a glance."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.seen.glance import glances
from bot.web.answers import answer, check
from bot.web.lists import PARAMETERS, Part, after, following, limit, onward
from bot.web.site import Asked


def boards(asked: Asked) -> Response:
    """Show who leads each board, who follows, and when it last changed."""
    check(asked, *PARAMETERS)
    begin, count = after(asked, "boards") or 0, limit(asked)
    found = glances(asked.store, asked.endpoint, begin, count, asked.visible())
    part = Part(found.boards, following("boards", begin + count, more=found.more))
    return answer(
        asked, part, "boards.html", now=asked.site.clock(), next_path=onward(asked, part.next)
    )
