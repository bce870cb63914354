"""Boards at a glance: who leads each, who follows, when it last changed, whether it fails."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey, Row
from bot.core.diff.variants import variants
from bot.core.events import StoredEvent
from bot.core.kinds import Kind
from bot.core.render.clean import clean
from bot.core.tasks import About
from bot.store import Store
from bot.store.boards.boards import BoardView
from bot.store.boards.standing import Standing
from bot.store.paging import EVERY, Names
from bot.views.events import line_of
from bot.views.seen.events import in_words
from bot.views.seen.info import board_infos
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


class Change(Struct, frozen=True, kw_only=True):
    """The last change of a board: its event, and that in words."""

    event: str
    kind: Kind
    at: datetime
    text: str


class Glance(Struct, frozen=True, kw_only=True):
    """A board at a glance; ``leader`` and ``second`` are null where there is none.

    ``first`` are its first rows. ``failing`` says that its last poll failed, ``error`` why, to
    those who may know. ``last`` is what happened last, null where nothing has.
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
    last: Change | None
    first: tuple[Place, ...]
    led_since: datetime | None
    led: tuple[Lead, ...]


class Glances(Struct, frozen=True, kw_only=True):
    """Some boards at a glance; ``more`` says that others follow them."""

    boards: tuple[Glance, ...]
    more: bool


def glances(store: Store, endpoint: str, begin: int, count: int, visible: Names = EVERY) -> Glances:
    """Return ``count`` of the watched boards of ``visible`` benchmarks, by name, from a place on.

    Those who may not see every benchmark are not told why a poll failed.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        every = (view for view in db.boards.list_all() if view.watched)
        about = known(db).about
        views = [view for view in every if visible.hold(view.key.benchmark)]
        views.sort(key=lambda view: _place(view.key, about(view.key)))
        some = [view if visible == EVERY else replace(view, error=None) for view in views]
        some = some[begin : begin + count]
        standing, former = db.standings.first(FIRST), db.models.former()
        infos = board_infos(db, endpoint, [view.key for view in some])
        led = {view.key: leads(db, view.key, former, leader=view.leader) for view in some}
        last = db.news.of_polls({key: standing[key].changed_at for key in led if key in standing})
    boards = []
    for view in some:
        key, info = view.key, replace(infos[view.key], rows=view.rows)
        change = _change(last[key], info, endpoint) if key in last else None
        boards.append(_glance(info, view, standing.get(key), led[key], change))
    return Glances(boards=tuple(boards), more=len(views) > begin + count)


def _place(key: BoardKey, about: About) -> tuple[object, ...]:
    """Return what boards are ordered by: their names as people see them."""
    return clean(about.name or key.benchmark).casefold(), key.place


def _change(stored: StoredEvent, board: BoardInfo, endpoint: str) -> Change:
    told = in_words(stored, board, line_of(stored, board, endpoint), endpoint)
    return Change(event=told.id, kind=told.kind, at=told.at, text=told.text)


def _glance(
    info: BoardInfo,
    view: BoardView,
    standing: Standing | None,
    led: tuple[Lead, ...],
    last: Change | None,
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
        last=last,
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
