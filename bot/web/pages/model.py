"""``/models/NAMESPACE/NAME``: a model on every board where it stands."""

from __future__ import annotations

from starlette.responses import Response

from bot.views.seen.model import Place, seen_model
from bot.web.answers import Table, answer, check
from bot.web.drawings import ranks
from bot.web.lists import PARAMETERS, onward, some
from bot.web.site import Asked

COLUMNS = (
    "benchmark", "task", "include_derived", "rank", "rows", "variant", "value", "verified",
    "last_change",
)  # fmt: skip


def model(asked: Asked) -> Response:
    """Show a model's ranks, and what it would take to be first."""
    check(asked, *PARAMETERS, table=True)
    name = asked.request.path_params["name"]
    found = seen_model(asked.store, name, asked.endpoint, asked.visible())
    part = some(asked, "models", found.places)
    table = Table(COLUMNS, map(_record, part.items))
    drawn: dict[str, object] = {"ranks": lambda: ranks(asked, found.model), "model": found}
    drawn |= {"next_path": onward(asked, part.next), "now": asked.site.clock()}
    return answer(asked, part, "model.html", table, endpoint=asked.endpoint, **drawn)


def _record(place: Place) -> dict[str, object]:
    key = place.board.key
    values = {name: getattr(place, name, None) for name in COLUMNS}
    return {
        **values,
        "benchmark": key.benchmark,
        "task": key.task,
        "include_derived": key.include_derived,
    }
