"""Why an event was, or was not, told."""

from __future__ import annotations

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.core.alerts.reason import FOR, Reason
from bot.core.alerts.watch import Watch
from bot.core.errors import ConfigError
from bot.core.events import StoredEvent
from bot.core.kinds import Kind
from bot.core.names.naming import board_named, model_named
from bot.core.names.suggest import unknown
from bot.core.render.clean import inert
from bot.store import Store
from bot.store.paging import PAGE
from bot.views.events import document
from bot.views.reads.named import unseen
from bot.views.reads.paging import event_filter, event_pages
from bot.views.seen.info import board_infos
from bot.views.watches import known
from bot.views.why.replay import Replay, background, polls


class Sent(Struct, frozen=True, kw_only=True):
    """The delivery that tells a channel of an event."""

    id: str
    channel: str
    state: str


class Why(Struct, frozen=True, kw_only=True):
    """What one watch says of an event for one channel, and what was done.

    ``reasons`` are those for where it is ``wanted``, else the first against. A watch that tells
    nobody has no channel.
    """

    watch: str
    channel: str | None
    wanted: bool
    reasons: tuple[Reason, ...]
    delivery: Sent | None


class Explained(Struct, frozen=True, kw_only=True):
    """An event, as ``events`` has it, and why each watch wants it or not."""

    event: dict[str, object]
    watches: tuple[Why, ...]
    stored: StoredEvent
    board: BoardInfo


def explain(store: Store, settings: Settings, name: str, board: str | None) -> Explained | None:
    """Explain the event of an id, or the last one of a model on a board; None where there is none.

    What was done is what is stored; why is worked out with today's configuration.

    Raises:
        ConfigError: there is no such event, model or board.
    """
    stored = _of_row(store, settings, name, board) if board else _of_id(store, name)
    if stored is None:
        return None
    reasons = _reasons(store, settings, stored)
    with store.read() as db:
        sent = db.deliveries.of_event(stored.event.id)
        about = known(db).about(stored.board)
        info = board_infos(db, settings.hub.endpoint, [stored.board])[stored.board]
    whys = [
        _why(watch, channel, reasons[channel][watch.name], sent)
        for watch in settings.watches
        for channel in watch.channels
    ]
    whys += [_why(watch, None, None, sent) for watch in settings.watches if not watch.channels]
    event = document(stored, settings, about)
    return Explained(event=event, watches=tuple(whys), stored=stored, board=info)


def _why(
    watch: Watch, channel: str | None, reason: Reason | None, sent: dict[str, tuple[str, str]]
) -> Why:
    delivery = None
    if channel is not None and channel in sent:
        name, state = sent[channel]
        delivery = Sent(id=name, channel=channel, state=state)
    return Why(
        watch=watch.name,
        channel=channel,
        wanted=reason in FOR,
        reasons=(reason,) if reason else (),
        delivery=delivery,
    )


def _of_id(store: Store, name: str) -> StoredEvent:
    with store.read() as db:
        found = db.events.one(name)
    if found is None:
        hint = "; `events --json` has their ids; of a model on a board: explain MODEL BOARD"
        raise ConfigError([f"{inert(name)}: no such event{hint}"])
    return found


def _of_row(store: Store, settings: Settings, model: str, board: str) -> StoredEvent | None:
    """Return the last event of a model on a board."""
    endpoint = settings.hub.endpoint
    named, meant = board_named(board, endpoint), model_named(model, endpoint)
    with store.read() as db:
        views = [view.key for view in db.boards.list_all()]
    keys = [key for key in views if key.benchmark.casefold() == named.benchmark.casefold()]
    if not keys:
        seen = {key.benchmark for key in views}
        raise unseen(named.benchmark, "no benchmark that is watched or was seen", seen)
    with store.read() as db:
        found = [db.boards.rows(key) for key in keys]
    seen_models = {row.result.model for one in found if one for row in one.rows}
    pages = event_pages(store, benchmark=keys[0].benchmark, task=named.task, model=meant, limit=1)
    last = next((one for page in pages for one in page), None)
    if last is None and meant.casefold() not in {one.casefold() for one in seen_models}:
        raise unknown(meant, "no model that was seen on this board", seen_models)
    return last


def _reasons(store: Store, settings: Settings, stored: StoredEvent) -> dict[str, dict[str, Reason]]:
    """Return the verdict of each watch, by channel, with what the channel knew of the row."""
    replay = Replay(settings, background(store))
    for together in polls([_until(store, stored)]):
        routed = replay.poll(together)
        if any(one.event.id == stored.event.id for one in together):
            reasons = {alert.channel: alert.reasons[stored.event.id] for alert in routed.alerts}
            return {channel: dict(verdict) for channel, verdict in reasons.items()}
    raise ConfigError([f"{stored.event.id}: the event is not stored any more"])


def _until(store: Store, stored: StoredEvent) -> list[StoredEvent]:
    """Return what decides on an event, and the event: found by an index, the oldest first."""
    model = stored.event.model
    which = event_filter(
        store,
        benchmark=stored.board.benchmark,
        task=stored.board.task,
        model=model,
        kinds=() if model else (stored.event.kind.value,),
    )
    with store.read() as db:
        until = db.events.last()
    found: list[StoredEvent] = []
    while until > 0:
        with store.read() as db:
            page = db.events.newest(which, until, PAGE)
        found += (one for one in page.found if _is_before(one, stored))
        until = 0 if page.last is None else page.last - 1
    return found[::-1]


def _is_before(one: StoredEvent, stored: StoredEvent) -> bool:
    """Whether an event is the one, or an earlier one of the row, or of the board scored anew."""
    if one.event.id == stored.event.id:
        return True
    if stored.event.kind is Kind.RECOMPUTED:
        return (one.event.kind, one.board) == (Kind.RECOMPUTED, stored.board)
    return one.row is not None and (one.row, one.board) == (stored.row, stored.board)
