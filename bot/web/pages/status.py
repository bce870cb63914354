"""``/status``: how the program is doing."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.operation.state import state
from bot.web.answers import answer, check
from bot.web.site import Asked


def status(asked: Asked) -> Response:
    """Show what ``status`` says, what is held until when, and what is muted."""
    check(asked)
    found = state(asked.store, asked.settings, asked.site.clock(), polls=asked.site.polls)
    return answer(asked, found.status, "status.html", state=found)
