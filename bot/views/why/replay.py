"""The way from events to channels, gone again over stored events with a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, groupby

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.alert import Recall
from bot.core.alerts.memory import ANEW_EVERY, Memory, collected
from bot.core.alerts.mute import Mute, Place, muted
from bot.core.alerts.reason import Reason
from bot.core.alerts.route import Routed, route
from bot.core.alerts.watch import FormerIds, Known, unlisted, unwatched
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
        self._anew: dict[tuple[BoardKey, str], datetime] = {}
        self._blind: dict[tuple[BoardKey, bool], dict[str, Reason | None]] = {}

    def poll(self, events: Sequence[StoredEvent]) -> Routed:
        """Decide who is told of the events that one poll found on one board."""
        first = events[0]
        found = [Found(row_id=one.row, event=one.event) for one in events]
        behind, settings = self._behind, self._settings
        lasting = [mute for mute in behind.mutes if mute.lasts(first.at)]
        holding = muted(lasting, behind.place(first.board))
        anew = self._told_anew(first)
        recall = Recall(at=first.at, memories=self._memories, muted=holding, anew=anew)
        blind = self._unseen(first)
        routed = route(
            found,
            settings.watches,
            lambda watch: blind[watch.name],
            behind.former,
            settings.split,
            recall,
        )
        for alert in routed.alerts:
            self._memories.update({(alert.channel, row): m for row, m in alert.memory.items()})
            if any(event.kind is Kind.RECOMPUTED for event in alert.events):
                self._anew[first.board, alert.channel] = first.at
        return routed

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
