"""Events as the page lists them: the newest first, a part at a time, each in words."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict, replace

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.core.events import StoredEvent
from bot.core.kinds import Kind
from bot.core.render.spans import IT, Line, plain
from bot.core.render.words.shared import spoken_name
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.events import Filter, document, line_of
from bot.views.reads.paging import event_filter
from bot.views.seen.info import board_infos
from bot.views.watches import known


class Told(Struct, frozen=True, kw_only=True):
    """An event in words, with its board.

    ``subject`` is the row that it happened to, "" where there is none; ``said`` reads on after it.
    """

    id: str
    at: datetime
    kind: Kind
    board: BoardInfo
    mark: str
    subject: str
    said: str
    model: str | None

    @property
    def text(self) -> str:
        """The whole sentence."""
        return f"{self.mark} {self.subject}{self.said}".strip()


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
        infos = board_infos(db, settings.hub.endpoint, {one.board for one in page.found})
    found = [one if visible == EVERY else without_watches(one) for one in page.found]
    return EventPart(
        documents=tuple(document(one, settings, about(one.board)) for one in found),
        told=tuple(told(one, infos[one.board], settings.hub.endpoint) for one in found),
        next=page.last,
    )


def told(stored: StoredEvent, board: BoardInfo, endpoint: str) -> Told:
    """Return an event in words."""
    return in_words(stored, board, line_of(stored, board, endpoint), endpoint)


def in_words(stored: StoredEvent, board: BoardInfo, line: Line, endpoint: str) -> Told:
    """Return an event in the words of its line."""
    of_row = stored.event.model is not None
    subject = spoken_name(board, endpoint) if line.subject == IT else plain(line.subject)
    return Told(
        id=stored.event.id,
        at=stored.at,
        kind=stored.event.kind,
        board=board,
        mark=line.mark,
        subject=subject if of_row else "",
        said=f"{'' if of_row else subject}{plain(line.story)}",
        model=stored.event.model,
    )


def without_watches(stored: StoredEvent) -> StoredEvent:
    """Return an event that does not say who wanted it."""
    return replace(stored, event=replace(stored.event, watches=()))
