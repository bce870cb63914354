"""Events as the page lists them: the newest first, a part at a time, each in words."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict, replace

from bot.config import Settings
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.events import StoredEvent
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.events import Filter, document, story
from bot.views.reads.paging import event_filter
from bot.views.watches import known


class Told(Struct, frozen=True, kw_only=True):
    """An event in words, with its board."""

    id: str
    at: datetime
    kind: str
    board: BoardInfo
    text: str
    model: str | None


class EventPart(Struct, frozen=True, kw_only=True):
    """Some events, as ``events --json`` has them and in words; the number before the next part.

    ``next`` is null where no older ones are left.
    """

    documents: tuple[dict[str, object], ...]
    told: tuple[Told, ...]
    next: int | None


def event_part(
    store: Store,
    settings: Settings,
    wanted: Filter,
    before: int | None,
    limit: int,
    visible: Names = EVERY,
) -> EventPart:
    """Return events that are wanted, the newest first, of numbers below ``before``.

    Where only some benchmarks are ``visible``, watches are named in none of them.
    """
    which = event_filter(store, **asdict(wanted), visible=visible)
    with store.read() as db:
        until = db.events.last() if before is None else before - 1
        page, about = db.events.newest(which, until, limit), known(db).about
    found = [one if visible == EVERY else without_watches(one) for one in page.found]
    return EventPart(
        documents=tuple(document(one, settings, about(one.board)) for one in found),
        told=tuple(
            told(one, board_info(one.board, settings.hub.endpoint, about(one.board)), settings)
            for one in found
        ),
        next=page.last,
    )


def told(stored: StoredEvent, board: BoardInfo, settings: Settings) -> Told:
    """Return an event in words."""
    return Told(
        id=stored.event.id,
        at=stored.at,
        kind=stored.event.kind.value,
        board=board,
        text=story(stored, settings.hub.endpoint),
        model=stored.event.model,
    )


def without_watches(stored: StoredEvent) -> StoredEvent:
    """Return an event that does not say who wanted it."""
    return replace(stored, event=replace(stored.event, watches=()))
