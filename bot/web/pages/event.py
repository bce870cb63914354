"""``/events/EVENT``: one event, at an address that stays, and why each watch wanted it or not."""

from __future__ import annotations

from starlette.responses import Response

from bot.core.events import Event
from bot.views.deliveries import SHORT_ID
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
    return answer(
        asked,
        data,
        "event.html",
        told=found.told,
        details=found.details,
        others=found.others,
        part_of=found.part_of,
        stored=found.stored,
        there=_there(found.stored.event),
        reasons=sorted(map(Reasoned.of, found.watches), key=lambda one: one.id is None),
        short=SHORT_ID,
    )


def _there(event: Event) -> tuple[str, ...]:
    """Return when there was a row: ``before``, ``after``, or both."""
    pairs = (event.rank, event.score, event.verified)
    return tuple(
        side for side in ("before", "after") if any(getattr(one, side) is not None for one in pairs)
    )
