"""``/events/EVENT``: one event, at an address that stays, and why each watch wanted it or not."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.seen.events import told
from bot.views.seen.why import Reasoned, seen_event
from bot.web.answers import answer, check
from bot.web.site import Asked


def event(asked: Asked) -> Response:
    """Show an event, and to those who may know why and where it was told."""
    check(asked)
    name, trusted = asked.request.path_params["event"], asked.visitor.trusted
    found = seen_event(asked.store, asked.settings, name, why=trusted, visible=asked.visible())
    data: dict[str, object] = {"event": found.event}
    if asked.visitor.trusted:
        data["watches"] = found.watches
    line = told(found.stored, found.board, asked.settings)
    return answer(
        asked,
        data,
        "event.html",
        told=line,
        stored=found.stored,
        reasons=[Reasoned.of(one) for one in found.watches],
        endpoint=asked.endpoint,
    )
