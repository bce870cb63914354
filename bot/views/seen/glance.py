"""Boards at a glance: who leads each, who follows, when it last changed, whether it fails."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from bot.core.alerts.message import BoardInfo, board_info
from bot.core.board import Row
from bot.core.diff.variants import variants
from bot.store import Store
from bot.store.boards.boards import BoardView
from bot.store.boards.standing import Standing
from bot.store.paging import EVERY, Names
from bot.views.seen.leads import Lead, leads
from bot.views.watches import known

FIRST = 3
"""How many rows of a board are seen at a glance."""


class Place(Struct, frozen=True, kw_only=True):
    """A row at a glance."""

    rank: int
    model: str
    variant: str | None
    score: Decimal


class Glance(Struct, frozen=True, kw_only=True):
    """A board at a glance; ``leader`` and ``second`` are null where there is none.

    ``first`` are its first rows. ``failing`` says that its last poll failed, ``error`` why.
    ``led`` are the last to lead, the newest first: the first of them is who leads, since when.
    ``led_since`` is that time, null where it led when the bot came.
    """

    board: BoardInfo
    snapshot_at: datetime | None
    leader: Place | None
    second: Place | None
    failing: bool
    error: str | None
    changed_at: datetime | None
    first: tuple[Place, ...]
    led_since: datetime | None
    led: tuple[Lead, ...]


class Glances(Struct, frozen=True, kw_only=True):
    """Some boards at a glance; ``more`` says that others follow them."""

    boards: tuple[Glance, ...]
    more: bool


def glances(store: Store, endpoint: str, begin: int, count: int, visible: Names = EVERY) -> Glances:
    """Return ``count`` of the watched boards of ``visible`` benchmarks, by name, from a place on.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        every = (view for view in db.boards.list_all() if view.watched)
        views = [view for view in every if visible.hold(view.key.benchmark)]
        standing, about, former = db.standings.first(FIRST), known(db).about, db.models.former()
        some = views[begin : begin + count]
        led = {view.key: leads(db, view.key, former, leader=view.leader) for view in some}
    boards = []
    for view in some:
        info = board_info(
            view.key,
            endpoint,
            about(view.key),
            higher_is_better=view.higher_is_better,
            rows=view.rows,
        )
        boards.append(_glance(info, view, standing.get(view.key), led[view.key]))
    return Glances(boards=tuple(boards), more=len(views) > begin + count)


def _glance(
    info: BoardInfo,
    view: BoardView,
    standing: Standing | None,
    led: tuple[Lead, ...],
) -> Glance:
    first = _places(standing.rows, view.leader) if standing else ()
    came = led[0] if led and not led[0].at_least else None
    return Glance(
        board=info,
        snapshot_at=view.polled_at,
        leader=first[0] if first else None,
        second=first[1] if len(first) > 1 else None,
        failing=view.failures > 0,
        error=view.error if view.failures else None,
        changed_at=standing.changed_at if standing else None,
        first=first,
        led_since=came.since if came else None,
        led=led,
    )


def _places(rows: tuple[Row, ...], leader: str | None) -> tuple[Place, ...]:
    """Return the first rows, the leader before those that are level with it."""
    variant = variants(rows)
    found = [(row, row.as_reported) for row in rows]
    found.sort(key=lambda one: (one[1].rank, one[1].model != leader, one[0].id))
    return tuple(
        Place(rank=one.rank, model=one.model, variant=variant[row.id], score=one.score)
        for row, one in found[:FIRST]
    )
