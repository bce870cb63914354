"""``/deliveries``: what was sent where, the newest first, with every attempt."""

from __future__ import annotations

from starlette.responses import Response

from bot.core.delivery import State
from bot.store.outbox.views import DeliveryView
from bot.views.deliveries import SHORT_ID
from bot.views.seen.deliveries import delivery_part, one_delivery, seen_deliveries
from bot.web.answers import HTML, Table, answer, check, form
from bot.web.lists import PARAMETERS, Part, after, as_data, cursor, limit, onward
from bot.web.refusal import NOT_FOUND, Refused
from bot.web.site import Asked

NAME = "deliveries"
STATES = tuple(state.value for state in State)
COLUMNS = (
    "id", "channel", "type", "benchmark", "task", "include_derived", "state", "created_at",
    "next_attempt_at", "events", "attempts", "last_outcome", "last_error",
)  # fmt: skip


def deliveries(asked: Asked) -> Response:
    """List deliveries, with what each told, what came of it, and how it is sent again."""
    check(asked, "id", "state", "channel", *PARAMETERS, table=True)
    states = [State(one) for one in asked.several("state", STATES)]
    channel, before, most = asked.parameter("channel"), after(asked, NAME), limit(asked)
    name = asked.parameter("id")
    found = (
        delivery_part(asked.store, states, channel, before, most)
        if name is None
        else one_delivery(asked.store, name)
    )
    if channel is not None and channel not in asked.settings.channels and not found.views:
        raise Refused(NOT_FOUND, "No channel has this name, and nothing was sent to one.")
    part = Part(found.views, None if found.next is None else cursor(NAME, found.next))
    is_page = form(asked) == HTML
    return answer(
        asked,
        part,
        "deliveries.html",
        Table(COLUMNS, map(_record, part.items)),
        seen=seen_deliveries(asked.store, found.views, asked.endpoint) if is_page else (),
        states=STATES,
        channels=sorted(asked.settings.channels),
        given={"id": name, "state": [*states], "channel": channel},
        short=SHORT_ID,
        now=asked.site.clock(),
        here={one.id for one in found.views},
        next_path=onward(asked, part.next),
        as_data={one: as_data(asked, one) for one in ("json", "csv")},
    )


def _record(view: DeliveryView) -> dict[str, object]:
    last = view.attempts[-1] if view.attempts else None
    values = {name: getattr(view, name, None) for name in COLUMNS}
    return {
        **values,
        "benchmark": view.board and view.board.benchmark,
        "task": view.board and view.board.task,
        "include_derived": view.board and view.board.include_derived,
        "events": len(view.events),
        "attempts": len(view.attempts),
        "last_outcome": last and last.outcome,
        "last_error": last and last.error,
    }
