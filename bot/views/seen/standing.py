"""Where a model stands on a board, in a word: its best rank, and since when it leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.core.names.naming import model_named
from bot.core.names.suggest import unknown
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.boards import ShownRow, stored_board
from bot.views.seen.leads import Lead, held_since, leads


class ModelStanding(Struct, frozen=True, kw_only=True):
    """A model's best rank on a board; ``lead`` says since when it is first, if it is."""

    board: BoardInfo
    model: str
    rank: int
    lead: Lead | None

    def days(self, now: datetime) -> int:
        """Return for how many days it leads; one at the least."""
        return max((now - self.lead.since).days, 1) if self.lead else 0


def model_standing(
    store: Store,
    settings: Settings,
    board: str,
    model: str,
    *,
    derived: bool,
    visible: Names = EVERY,
) -> ModelStanding:
    """Return where a model stands on a watched board, as people name both.

    Of benchmarks that are not ``visible`` there is none.

    Raises:
        BotError: there is no such board, or nothing is stored of it.
        ConfigError: no such model stands there.
    """
    found = stored_board(store, settings, board, derived=derived, visible=visible)
    rows = found.board.rows
    own = _rows_of(model, rows) or _rows_of(model_named(model, settings.hub.endpoint), rows)
    if not own:
        raise unknown(model, "no model on this board", {one.model for one in rows})
    best = min(own, key=lambda one: one.rank)
    with store.read() as db:
        lead = held_since(leads(db, found.key, db.models.former()), best.model)
    return ModelStanding(
        board=found.board.board,
        model=best.model,
        rank=best.rank,
        lead=lead,
    )


def _rows_of(model: str, rows: Sequence[ShownRow]) -> list[ShownRow]:
    """Return the rows of a model, by any id that it has had, whatever the case."""
    name = model.casefold()
    return [one for one in rows if name in {id_.casefold() for id_ in (one.model, *one.former)}]
