"""What feeds tell: the newest events of a board, a model, a watch, without others' moves."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.core.events import StoredEvent
from bot.core.names.naming import board_named
from bot.core.names.suggest import unknown
from bot.store import Store, Unit
from bot.store.boards.news import LOOKED_THROUGH
from bot.store.paging import EVERY, Names
from bot.views.boards import watched_key
from bot.views.reads.named import unknown_model
from bot.views.seen.info import board_infos

MOST = 100
"""How many events a feed has."""

PARTS = 10
"""So many parts of the newest events are looked through for those of a watch."""


class Item(Struct, frozen=True, kw_only=True):
    """An event, and the board that it is of."""

    stored: StoredEvent
    board: BoardInfo


class News(Struct, frozen=True, kw_only=True):
    """The newest events of something, the newest first.

    ``board`` is what they are of, ``model`` the id that one has now, where they are of one.
    """

    items: tuple[Item, ...]
    board: BoardInfo | None = None
    model: str | None = None


def board_news(
    store: Store, settings: Settings, written: str, *, derived: bool, visible: Names = EVERY
) -> News:
    """Return the news of a watched board, as people name it.

    Of benchmarks that are not ``visible`` there is none.

    Raises:
        BotError: there is no such board, or no watch looks at it.
    """
    endpoint = settings.hub.endpoint
    named = board_named(written, endpoint)
    with store.read() as db:
        key, _ = watched_key(settings, db, named, derived=derived, visible=visible)
        items = _items(db, db.news.of_board(key, MOST), endpoint)
        board = board_infos(db, endpoint, [key])[key]
    return News(items=items, board=board)


def model_news(store: Store, name: str, endpoint: str, visible: Names = EVERY) -> News:
    """Return the news of a model, of the boards of ``visible`` benchmarks alone.

    Raises:
        ConfigError: no such model was seen, or it has nothing to do with these boards.
    """
    with store.read() as db:
        former, model = db.models.former(), db.models.current(name, visible)
        found = db.news.of_model((model, *former.get(model, ())), visible, MOST)
        stands = db.standings.of_model(model, visible)
        items = _items(db, found, endpoint)
    if not (items or stands):
        raise unknown_model(store, name, visible)
    return News(items=items, model=model)


def watch_news(store: Store, settings: Settings, name: str) -> News:
    """Return the news that a watch wanted, of those found of late.

    Raises:
        ConfigError: there is no such watch.
    """
    names = {watch.name for watch in settings.watches}
    if name not in names:
        raise unknown(name, "no watch of the configuration", names)
    found: list[StoredEvent] = []
    with store.read() as db:
        last = db.events.last()
    for part in range(PARTS):
        until = last - part * LOOKED_THROUGH
        if until <= 0 or len(found) >= MOST:
            break
        with store.read() as db:
            found += db.news.of_watch(name, until, MOST - len(found))
    with store.read() as db:
        return News(items=_items(db, found, settings.hub.endpoint))


def _items(db: Unit, found: Collection[StoredEvent], endpoint: str) -> tuple[Item, ...]:
    boards = board_infos(db, endpoint, {one.board for one in found})
    return tuple(Item(stored=one, board=boards[one.board]) for one in found)
