"""The one way from what happened to who is told of it: routes, makes deliveries, and saves both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, groupby

from msgspec import UNSET, Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.alert import Alert, Recall
from bot.core.alerts.deliveries import NewDelivery, Told, deliveries
from bot.core.alerts.memory import Memories, Memory
from bot.core.alerts.message import BoardChange, board_info, decode, with_muted
from bot.core.alerts.mute import HeldBack, Mute, Place, muted, nothing_muted
from bot.core.alerts.route import Routed, Unseen, route
from bot.core.alerts.watch import NO_FORMER, FormerIds, lead_lost
from bot.core.board import BoardKey
from bot.core.discovery import benchmark_event
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.core.names.links import event_page
from bot.core.process import Clock, NewId
from bot.core.render.clean import inert
from bot.core.tasks import UNKNOWN, About
from bot.core.timing.window import Hold, sort_out
from bot.counts import Counts
from bot.store import Store, Unit

Sorted = tuple[Hold | None, BoardChange]
"""A change, and what it is held for; None: it is told at once."""


class News(Struct, frozen=True, kw_only=True):
    """What happened to one board; ``unseen`` says why a watch does not look at it.

    ``silent`` are rows to which nothing happened, but which stand elsewhere.
    ``change`` holds what is the same for all who are told. ``former`` are ids that models had,
    ``benchmarks`` those that the board's benchmark had. ``memories`` are what channels know of the
    rows, ``anew`` those that were told within a day that it was scored anew. ``only`` names
    the one channel that is told, where it is not news for all.
    """

    change: BoardChange
    found: tuple[Found, ...]
    silent: tuple[Found, ...] = ()
    unseen: Unseen
    former: FormerIds = NO_FORMER
    benchmarks: tuple[str, ...] = ()
    memories: Memories = {}
    anew: frozenset[str] = frozenset()
    only: str | None = None

    @property
    def place(self) -> Place:
        """Where it happened, by all names that it may be muted under."""
        board = self.change.board.key
        return Place(board=board, benchmarks=self.benchmarks, models=self.former)


class Teller:
    """Decides who is told of news, for a set of watches; stores nothing.

    ``mutes`` returns those that last now: it is asked where there is news. ``counts`` is for
    what is stored of it.
    """

    def __init__(
        self,
        settings: Settings,
        new_id: NewId,
        mutes: Callable[[], Sequence[Mute]] = tuple,
        counts: Counts | None = None,
    ) -> None:
        self._settings = settings
        self._new_id = new_id
        self._mutes = mutes
        self.counts = counts or Counts()

    def turn(
        self,
        kind: Kind,
        key: BoardKey,
        at: datetime,
        unseen: Unseen,
        about: About = UNKNOWN,
        former: tuple[str, ...] = (),
    ) -> News:
        """Return the news that a benchmark, or a task of one, has joined or left.

        ``former`` are ids that the benchmark had.
        """
        board = board_info(key, self._settings.hub.endpoint, about)
        event = benchmark_event(kind, board.url, self._new_id)
        change = BoardChange(board=board, snapshot_at=at)
        found = (Found(row_id=None, event=event),)
        return News(change=change, found=found, unseen=unseen, benchmarks=former)

    def tell(self, news: Iterable[News]) -> Told:
        """Return what is to be saved of news of one benchmark that came at once.

        Programs get a delivery a board, people one for all boards.
        """
        found: list[tuple[BoardKey, tuple[Found, ...]]] = []
        changes: dict[str, list[Sorted]] = {}
        held: dict[str, HeldBack] = {}
        memory: list[tuple[BoardKey, str, Mapping[str, Memory]]] = []
        listed = list(news)
        mutes = self._mutes() if listed else ()
        for one in listed:
            routed = self._routed(one, mutes)
            key = one.change.board.key
            named = zip(one.found, routed.events, strict=True)
            found.append((key, tuple(replace(f, event=e) for f, e in named)))
            memory += [
                (key, alert.channel, alert.memory) for alert in routed.alerts if alert.memory
            ]
            for alert in routed.told:
                changes.setdefault(alert.channel, []).extend(self._sorted(alert, one))
            for alert in routed.muted:
                held[alert.channel] = (*held.get(alert.channel, ()), *alert.muted)
        made = [one for name in sorted(changes) for one in self._deliveries(name, changes[name])]
        return Told(found=tuple(found), deliveries=tuple(made), muted=held, memory=tuple(memory))

    def _routed(self, news: News, mutes: Sequence[Mute]) -> Routed:
        watches, programs = self._settings.watches, self._settings.split
        if news.only is not None:
            own = [watch for watch in watches if news.only in watch.channels]
            watches = tuple(replace(watch, channels=(news.only,)) for watch in own)
        holding = muted(mutes, news.place) if mutes else nothing_muted
        recall = Recall(
            at=news.change.snapshot_at, memories=news.memories, muted=holding, anew=news.anew
        )
        return route(news.found, watches, news.unseen, news.former, programs, recall, news.silent)

    def _sorted(self, alert: Alert, news: News) -> list[Sorted]:
        """Return what of an alert is told at once, and what is held for what."""
        lost = lead_lost(self._settings.watches, news.former)
        change = self._with_pages(alert.of(news.change))
        if alert.channel in self._settings.split:
            change = replace(change, leader=UNSET)
        return sort_out(change, self._settings.timing(alert.channel), lost)

    def _with_pages(self, change: BoardChange) -> BoardChange:
        """Return a change whose events have the addresses of their pages, where there are any."""
        base = self._settings.public_url
        if base is None:
            return change
        events = (replace(one, page=event_page(base, one.id)) for one in change.events)
        return replace(change, events=tuple(events))

    def _deliveries(self, channel: str, changes: Sequence[Sorted]) -> Iterator[NewDelivery]:
        """Yield what a channel is told at once, then what is held for it."""
        split, timing = channel in self._settings.split, self._settings.timing(channel)
        for why in (None, *Hold):
            some = [change for hold, change in changes if hold is why]
            told = some if split or len(some) < 2 else [self._together(some)]  # noqa: PLR2004
            for each in told:
                window = timing.window(channel, why, each.snapshot_at) if why else None
                yield from deliveries(channel, each, self._new_id, split=split, window=window)

    def _together(self, changes: Sequence[BoardChange]) -> BoardChange:
        """Make one change of several boards' of one benchmark; each event names its task."""
        first = changes[0].board
        board = board_info(BoardKey(first.benchmark), self._settings.hub.endpoint, first.about)
        watches = dict.fromkeys(name for change in changes for name in change.watches)
        events = tuple(replace(e, task=one.board.task) for one in changes for e in one.events)
        return replace(changes[0], watches=tuple(watches), board=board, events=events)


def live_mutes(store: Store, clock: Clock) -> tuple[Mute, ...]:
    """Return what is muted now."""
    with store.read() as db:
        return db.mutes.live(clock())


def follow(was: str, now: str, at: datetime, db: Unit) -> None:
    """Let a benchmark go on under the id that the Hub redirects it to, in the caller's unit."""
    db.lists.move_tasks(was, now, at)
    db.renames.move(was, now, at)
    tasks = db.lists.tasks().get(now)
    if tasks is not None and tasks.first is not None:
        db.renames.name_task(now, tasks.first, at)


def moved(was: str, now: str) -> str:
    """Return the sentence that says that a benchmark is called otherwise now."""
    return f"{inert(was)} is {inert(now)} on the Hub now; its board goes on under that name"


def save(told: Told, at: datetime, db: Unit) -> None:
    """Store what happened with the deliveries that tell of it, as part of the caller's unit."""
    for key, found in told.found:
        db.events.add(key, found, at)
    for one in told.deliveries:
        if one.window:  # before all else of a channel, as whoever closes it does
            db.windows.open(one.window)
    for board, channel, memory in told.memory:
        db.memory.save(board, channel, memory)
    db.outbox.add(_counted(told, db), at)


def _counted(told: Told, db: Unit) -> list[NewDelivery]:
    """Return deliveries of which each channel's first says how much was held back before it.

    What is collected says so when it is told.
    """
    made = {name: list(some) for name, some in groupby(told.deliveries, lambda one: one.channel)}
    for channel in sorted(made.keys() | told.muted.keys()):
        some = made.get(channel, [])
        at_once = bool(some) and some[0].window is None
        held = db.mutes.count(channel, told.muted.get(channel, ()), told=at_once)
        if held:
            first = _parts_of(some[0])
            some[:first] = [replace(p, body=with_muted(p.body, held)) for p in some[:first]]
    return list(chain(*made.values()))


def _parts_of(delivery: NewDelivery) -> int:
    """Return in how many deliveries a change comes of which this is the first."""
    data = decode(delivery.body).data
    return data.parts if isinstance(data, BoardChange) else 1
