"""What is stored, read in one go: tests have little of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from bot.core.delivery import State
from bot.core.events import StoredEvent
from bot.core.timing.window import Window
from bot.store import Store
from bot.store.boards.boards import BoardView
from bot.store.boards.history import HistoryPoint
from bot.store.outbox.views import DeliveryView
from bot.views.reads.paging import delivery_pages, event_pages, history_groups


def boards(store: Store) -> tuple[BoardView, ...]:
    """List every board, and every benchmark that was never polled, by name."""
    with store.read() as db:
        return db.boards.list_all()


def events(store: Store, **wanted: Any) -> tuple[StoredEvent, ...]:
    """List the events that ``event_pages`` reads."""
    return tuple(chain(*event_pages(store, **wanted)))


def history(store: Store, **wanted: Any) -> tuple[HistoryPoint, ...]:
    """List the versions of rows that ``history_groups`` reads, the oldest first."""
    return tuple(sorted(chain(*history_groups(store, **wanted)), key=_by_time))


def deliveries(
    store: Store, states: Iterable[str] = (), limit: int | None = None
) -> tuple[DeliveryView, ...]:
    """List deliveries in these states, the oldest first; of more than ``limit``, the newest."""
    return tuple(chain(*delivery_pages(store, [State(one) for one in states], limit)))


def windows(store: Store) -> tuple[Window, ...]:
    """List what is collected, by channel."""
    with store.read() as db:
        return db.windows.all()


def pending(store: Store) -> Mapping[str, int]:
    """Count the deliveries that wait for an attempt, by channel."""
    with store.read() as db:
        return db.deliveries.pending()


def _by_time(point: HistoryPoint) -> tuple[object, ...]:
    return point.at, point.board.place, point.result.rank, point.row_id
