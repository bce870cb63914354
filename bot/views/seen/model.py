"""A model's page: where it stands on every board, and what it would take to be first there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from bot.core.alerts.message import BoardInfo, board_info
from bot.core.diff.variants import variants
from bot.core.tasks import About
from bot.store import Store
from bot.store.boards.boards import BoardView
from bot.store.boards.standing import Standing
from bot.store.paging import EVERY, Names
from bot.views.reads.named import unknown_model
from bot.views.watches import known


class Place(Struct, frozen=True, kw_only=True):
    """Where a row of a model stands; ``rows`` counts those of the board.

    ``gap`` is what the row lacks to the leader's score, null for the leader.
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
        former = db.models.former()
        current = next((now for now, ids in former.items() if name in ids), name)
        is_known = visible == EVERY and db.models.is_known(current)
        standings, about = db.standings.of_model(current, visible), known(db).about
        views = {view.key: view for view in db.boards.list_all()}
        places = [
            place
            for key, standing in standings.items()
            if key in views
            for place in _places(views[key], standing, endpoint, about(key))
        ]
    if not (places or is_known):
        raise unknown_model(store, name, visible)
    places.sort(key=lambda one: (one.rank, one.board.key.place))
    return SeenModel(model=current, former=former.get(current, ()), places=tuple(places))


def _places(view: BoardView, standing: Standing, endpoint: str, about: About) -> Iterator[Place]:
    info = board_info(
        view.key,
        endpoint,
        about,
        higher_is_better=view.higher_is_better,
        rows=view.rows,
    )
    variant = variants(standing.rows)
    for row in standing.rows:
        result, leads = row.as_reported, view.leader == row.result.model
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
            gap=None if leads and not lacks else lacks,
        )
