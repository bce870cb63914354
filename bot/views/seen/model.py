"""A model's page: where it stands on every board, and what it would take to be first there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.diff.variants import variants
from bot.store import Store
from bot.store.boards.boards import BoardView
from bot.store.boards.standing import Standing
from bot.store.paging import EVERY, Names
from bot.views.reads.named import unknown_model
from bot.views.seen.info import board_infos
from bot.views.seen.leads import Lead, held_since, leads


class Place(Struct, frozen=True, kw_only=True):
    """Where a row of a model stands; ``rows`` counts those of the board.

    ``gap`` is what the row lacks to the leader's score, null for the leader; ``lead`` is since when
    that leads.
    """

    board: BoardInfo
    rank: int
    rows: int
    variant: str | None
    value: Decimal
    verified: bool
    last_change: datetime
    leader: str | None
    leader_score: Decimal | None
    gap: Decimal | None
    lead: Lead | None


class SeenModel(Struct, frozen=True, kw_only=True):
    """A model by the id that it has now, with those it had before, and where it stands."""

    model: str
    former: tuple[str, ...]
    places: tuple[Place, ...]


def seen_model(store: Store, name: str, endpoint: str, visible: Names = EVERY) -> SeenModel:
    """Return where a model stands on the boards of ``visible`` benchmarks, the best ranks first.

    Raises:
        ConfigError: no such model was seen, or it stands on none of them.
    """
    with store.read() as db:
        former, current = db.models.former(), db.models.current(name, visible)
        is_known = visible == EVERY and db.models.is_known(current)
        standings = db.standings.of_model(current, visible)
        views = {view.key: view for view in db.boards.list_all()}
        infos = board_infos(db, endpoint, standings)
        led = {
            key: held_since(leads(db, key, former, leader=current), current)
            for key in standings
            if key in views and views[key].leader == current
        }
        places = [
            place
            for key, standing in standings.items()
            if key in views
            for place in _places(views[key], standing, infos[key], led.get(key))
        ]
    if not (places or is_known):
        raise unknown_model(store, name, visible)
    places.sort(key=lambda one: (one.rank, one.board.key.place))
    return SeenModel(model=current, former=former.get(current, ()), places=tuple(places))


def _places(
    view: BoardView, standing: Standing, info: BoardInfo, lead: Lead | None
) -> Iterator[Place]:
    info = replace(info, rows=view.rows)
    variant = variants(standing.rows)
    for row in standing.rows:
        result, is_its = row.as_reported, view.leader == row.result.model
        lacks = None if view.score is None else abs(view.score - result.score)
        yield Place(
            board=info,
            rank=result.rank,
            rows=view.rows,
            variant=variant[row.id],
            value=result.score,
            verified=result.verified,
            last_change=standing.changed_at,
            leader=view.leader,
            leader_score=view.score,
            gap=None if is_its and not lacks else lacks,
            lead=lead if is_its and not lacks else None,
        )
