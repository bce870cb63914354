"""One event with all that alerts said of it, and who was told, in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.core.errors import ConfigError
from bot.core.events import Event, Leader, RowName, StoredEvent
from bot.core.render.spans import Spans
from bot.core.render.words.reasons import reason
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.events import document, line_of
from bot.views.seen.events import Told, in_words, without_watches
from bot.views.seen.info import board_infos
from bot.views.seen.leads import led_at
from bot.views.watches import known
from bot.views.why.explain import Why, explain

_NAMED = 20
"""So many rows of each list of a cause are named."""


class Beside(Struct, frozen=True, kw_only=True):
    """Another row that an event names; ``score`` is null where it is not known."""

    model: str
    variant: str | None
    score: Decimal | None = None


class Others(Struct, frozen=True, kw_only=True):
    """What other rows have to do with an event; ``by`` is how far they are apart, ``more`` rows."""

    what: str
    rows: tuple[Beside, ...]
    by: Decimal | None = None
    more: int = 0


class SeenEvent(Struct, frozen=True, kw_only=True):
    """An event, as ``explain`` has it; ``watches`` are empty for who may not know them.

    ``told`` are the words of its alert, ``details`` the facts below them, ``others`` what it says
    of other rows. ``part_of`` is the id of the event that told it, where the board was scored anew.
    """

    stored: StoredEvent
    board: BoardInfo
    told: Told
    details: tuple[Spans, ...]
    others: tuple[Others, ...]
    part_of: str | None
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
    endpoint = settings.hub.endpoint
    with store.read() as db:
        stored = db.events.one(name)
        if stored is None or not visible.hold(stored.board.benchmark):
            raise ConfigError(["no event has this id; events that were pruned are gone"])
        board = board_infos(db, endpoint, [stored.board])[stored.board]
        about = known(db).about(stored.board)
        leader = led_at(db, stored.board, stored.at)
        first = db.news.of_polls({stored.board: stored.at}).get(stored.board)
        facts = db.models.facts([stored.event.model]) if stored.event.model else {}
    line = line_of(stored, board, endpoint, facts, leader)
    found = explain(store, settings, name, None) if why else None
    stored = stored if why else without_watches(stored)
    return SeenEvent(
        stored=stored,
        board=board,
        told=in_words(stored, board, line, endpoint),
        details=line.details,
        others=tuple(one for one in _others(stored.event, leader) if one.rows),
        part_of=first.event.id if first and stored.event.recomputed is True else None,
        event=document(stored, settings, about),
        watches=found.watches if found else (),
    )


def _others(event: Event, leader: RowName | None) -> tuple[Others, ...]:
    """Return what an event says of other rows, the nearest to its own story first."""
    cause = event.cause
    first = [leader] if leader and event.gap else []
    return (
        Others(what="Ahead of the second", rows=_led(event.second or None), by=event.margin),
        Others(what="Led before", rows=_led(event.previous_leader)),
        Others(what="Behind the leader", rows=_named(first, event), by=event.gap),
        _cause("It passed", cause.overtook, event),
        _cause("It was passed by", cause.overtaken_by, event),
        _cause("New above it", cause.displaced_by, event),
        _cause("Gone from above it", cause.vacated_by, event),
    )


def _led(one: Leader | None) -> tuple[Beside, ...]:
    return (Beside(model=one.model, variant=one.variant, score=one.score),) if one else ()


def _cause(what: str, rows: Sequence[RowName], event: Event) -> Others:
    return Others(what=what, rows=_named(rows[:_NAMED], event), more=max(len(rows) - _NAMED, 0))


def _named(rows: Sequence[RowName], event: Event) -> tuple[Beside, ...]:
    scores = {RowName(one.model, one.variant): one.score for one in event.related}
    return tuple(
        Beside(model=row.model, variant=row.variant, score=scores.get(row)) for row in rows
    )
