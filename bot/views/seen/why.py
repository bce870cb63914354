"""One event, and why each watch wanted it or not, in words."""

from __future__ import annotations

from typing import Self

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.errors import ConfigError
from bot.core.events import StoredEvent
from bot.core.render.words.reasons import reason
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.events import document
from bot.views.seen.events import without_watches
from bot.views.watches import known
from bot.views.why.explain import Why, explain


class SeenEvent(Struct, frozen=True, kw_only=True):
    """An event, as ``explain`` has it; ``watches`` are empty for who may not know them."""

    stored: StoredEvent
    board: BoardInfo
    event: dict[str, object]
    watches: tuple[Why, ...]


class Reasoned(Struct, frozen=True, kw_only=True):
    """What one watch says of an event for one channel, in words; ``id`` is the delivery's."""

    watch: str
    channel: str | None
    why: str
    state: str | None
    id: str | None

    @classmethod
    def of(cls, why: Why) -> Self:
        """Return it in words."""
        words = "; ".join(map(reason, why.reasons)) or "the watch tells no channel"
        sent = why.delivery
        return cls(
            watch=why.watch,
            channel=why.channel,
            why=words,
            state=sent.state if sent else None,
            id=sent.id if sent else None,
        )


def seen_event(
    store: Store, settings: Settings, name: str, *, why: bool, visible: Names = EVERY
) -> SeenEvent:
    """Return the event of an id; with ``why``, why each watch wanted it or not.

    Of benchmarks that are not ``visible`` there is none.

    Raises:
        ConfigError: there is no such event.
    """
    with store.read() as db:
        stored, about_of = db.events.one(name), known(db).about
    if stored is None or not visible.hold(stored.board.benchmark):
        raise ConfigError(["no event has this id; events that were pruned are gone"])
    about = about_of(stored.board)
    board = board_info(stored.board, settings.hub.endpoint, about)
    if not why:
        shown = without_watches(stored)
        event = document(shown, settings, about)
        return SeenEvent(stored=shown, board=board, event=event, watches=())
    found = explain(store, settings, name, None)
    assert found is not None, "it is there"
    return SeenEvent(stored=stored, board=board, event=found.event, watches=found.watches)
