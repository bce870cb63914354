"""``/``: every board at a glance."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.seen.glance import Glance, glances
from bot.web.answers import CSV, JSON, Table, answer, check
from bot.web.lists import PARAMETERS, Part, after, as_data, following, limit, onward
from bot.web.site import Asked

COLUMNS = (
    "benchmark", "task", "include_derived", "name", "rows", "snapshot_at", "leader_model",
    "leader_variant", "leader_score", "led_since", "second_model", "second_variant",
    "second_score", "failing", "changed_at", "last_event", "last_change",
)  # fmt: skip


def boards(asked: Asked) -> Response:
    """Show who leads each board, who follows, and when it last changed."""
    check(asked, *PARAMETERS, table=True)
    begin, count = after(asked, "boards") or 0, limit(asked)
    found = glances(asked.store, asked.endpoint, begin, count, asked.visible())
    part = Part(found.boards, following("boards", begin + count, more=found.more))
    return answer(
        asked,
        part,
        "boards.html",
        Table(COLUMNS, map(_record, part.items)),
        now=asked.site.clock(),
        next_path=onward(asked, part.next),
        as_data={one: as_data(asked, one) for one in (JSON, CSV)},
    )


def _record(glance: Glance) -> dict[str, object]:
    board, last = glance.board, glance.last
    found: dict[str, object] = {
        f"{name}_{part}": getattr(place, part, None)
        for name, place in (("leader", glance.leader), ("second", glance.second))
        for part in ("model", "variant", "score")
    }
    said = {"last_event": last and last.event, "last_change": last and last.text}
    own = {name: getattr(glance, name, getattr(board, name, None)) for name in COLUMNS}
    return {**own, **found, **said}
