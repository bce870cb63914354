"""The way from events to channels, gone again over stored events with a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, groupby

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.alert import Alert, Recall
from bot.core.alerts.memory import ANEW_EVERY, Memories, Memory, collected
from bot.core.alerts.mute import Mute, Place, muted
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import Routed, route
from bot.core.alerts.unrest.aspects import is_own
from bot.core.alerts.unrest.rested import whole
from bot.core.alerts.watch import FormerIds, Known, Watch, unlisted, unwatched
from bot.core.board import BoardKey
from bot.core.events import Event, Found, StoredEvent
from bot.core.kinds import Kind
from bot.store import Store
from bot.views.watches import known

_OF_LISTS = (Kind.NEW_BENCHMARK, Kind.BENCHMARK_GONE)


class Background(Struct, frozen=True, kw_only=True):
    """What is stored beside the events, that decides on them: benchmarks, former ids, mutes."""

    known: Known
    former: FormerIds
    mutes: tuple[Mute, ...]

    def place(self, board: BoardKey) -> Place:
        """Return a board by all names that it may be muted under."""
        benchmarks = self.known.former(board.benchmark)
        return Place(board=board, benchmarks=benchmarks, models=self.former)


_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def background(store: Store) -> Background:
    """Return what is known and was muted, as it is stored now."""
    with store.read() as db:
        mutes = db.mutes.since(_EVER)
        return Background(known=known(db), former=db.models.former(), mutes=mutes)


class Replay:
    """Tells channels of events again, one poll after another, with what each remembers by then.

    Nothing is sent. Mutes count as they were then.
    """

    def __init__(self, settings: Settings, behind: Background) -> None:
        self._settings = settings
        self._behind = behind
        self._memories: dict[tuple[str, str], Memory] = {}
        self._restless: dict[tuple[str, str], list[StoredEvent]] = {}
        self._anew: dict[tuple[BoardKey, str], datetime] = {}
        self._blind: dict[tuple[BoardKey, bool], dict[str, Reason | None]] = {}

    def poll(self, events: Sequence[StoredEvent]) -> Routed:
        """Decide who is told of the events that one poll found on one board."""
        first = events[0]
        routed = self._routed(events, self._settings.watches, self._memories)
        for alert in routed.alerts:
            self._memories.update({(alert.channel, row): m for row, m in alert.memory.items()})
            if any(event.kind is Kind.RECOMPUTED for event in alert.events):
                self._anew[first.board, alert.channel] = first.at
            self._follow(alert, events)
        return routed

    def rest(self, now: datetime) -> Iterator[tuple[StoredEvent, Alert]]:
        """Yield what channels are told of rows that were unstable and have rested by now."""
        spells = {key: self._memories[key].unstable for key in self._restless}
        rested = [(spell.rests_at, key) for key, spell in spells.items() if spell]
        for at, (channel, row) in sorted(one for one in rested if one[0] <= now):
            steps, memory = self._restless.pop((channel, row)), self._memories[channel, row]
            self._memories[channel, row] = replace(memory, unstable=None)
            net = whole([one.event for one in steps])
            if net is None or not is_own(net):
                continue
            stored = StoredEvent(at=at, board=steps[-1].board, event=net, row=row)
            own = [watch for watch in self._settings.watches if channel in watch.channels]
            watches = [replace(watch, channels=(channel,)) for watch in own]
            for alert in self._routed([stored], watches, {(channel, row): memory}).alerts:
                self._memories[channel, row] = alert.memory.get(row, self._memories[channel, row])
                yield stored, alert

    def _routed(
        self, events: Sequence[StoredEvent], watches: Sequence[Watch], memories: Memories
    ) -> Routed:
        first, behind = events[0], self._behind
        lasting = [mute for mute in behind.mutes if mute.lasts(first.at)]
        recall = Recall(
            at=first.at,
            memories=memories,
            muted=muted(lasting, behind.place(first.board)),
            anew=self._told_anew(first),
        )
        found = [Found(row_id=one.row, event=one.event) for one in events]
        blind, split = self._unseen(first), self._settings.split
        return route(found, watches, lambda watch: blind[watch.name], behind.former, split, recall)

    def _follow(self, alert: Alert, events: Sequence[StoredEvent]) -> None:
        """Keep what rows do of which a channel was told that they are unstable."""
        for row, memory in alert.memory.items():
            if memory.unstable is None:
                self._restless.pop((alert.channel, row), None)
            else:
                self._restless.setdefault((alert.channel, row), [])
        if self._restless:
            for one in events:
                steps = self._restless.get((alert.channel, one.row or ""))
                if steps is not None and one.event.kind is not Kind.RANK_SHIFT:
                    steps.append(one)

    def remember(self, channel: str, row: str, event: Event | None, at: datetime) -> None:
        """Let a channel remember what a digest said of a row; without an event, nothing."""
        known = collected(self._memories.get((channel, row)), event, at)
        if known is not None:
            self._memories[channel, row] = known

    def _told_anew(self, stored: StoredEvent) -> list[str]:
        """Return the channels that were told within a day that the board was scored anew."""
        since = stored.at - ANEW_EVERY
        told = self._anew.items()
        return [channel for (board, channel), at in told if board == stored.board and at > since]

    def _unseen(self, stored: StoredEvent) -> dict[str, Reason | None]:
        """Return why each watch does not look at a board, or at what the Hub lists; asked once."""
        board = stored.board
        of_list = stored.event.kind in _OF_LISTS and board.task is None
        if (board, of_list) not in self._blind:
            self._blind[board, of_list] = {
                watch.name: unlisted(watch, benchmark=board.benchmark)
                if of_list
                else unwatched(watch, key=board, known=self._behind.known)
                for watch in self._settings.watches
            }
        return self._blind[board, of_list]


def polls(pages: Iterable[Sequence[StoredEvent]]) -> Iterator[list[StoredEvent]]:
    """Yield the events that came together: of one board, found by one poll."""
    for _, together in groupby(chain.from_iterable(pages), key=_poll):
        yield [*together]


def _poll(stored: StoredEvent) -> tuple[object, BoardKey]:
    return stored.at, stored.board
