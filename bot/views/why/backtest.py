"""Which alerts a configuration would have sent for the stored events, by channel and watch."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.alert import Alert
from bot.core.alerts.message import BoardChange, Digest, board_info
from bot.core.alerts.parts import digest_parts, parts
from bot.core.alerts.reason import FOR, Reason
from bot.core.events import Event, StoredEvent
from bot.store import Store
from bot.views.events import document
from bot.views.reads.paging import event_pages
from bot.views.why.collecting import Collector
from bot.views.why.replay import Background, Replay, background, polls

EXAMPLES = 3
_ELSEWHERE = frozenset({Reason.OTHER_BOARD, Reason.OTHER_CHANNEL, Reason.OTHER_MODEL})
"""A watch that does not look there has held nothing back."""


class Day(Struct, frozen=True, kw_only=True):
    """What a channel would have been sent on one day, in UTC."""

    date: date
    messages: int
    events: int


class OfWatch(Struct, frozen=True, kw_only=True):
    """What a watch would have told a channel: events by kind, and the first few of them."""

    watch: str
    events: int
    kinds: dict[str, int]
    examples: list[dict[str, object]]


class Held(Struct, frozen=True, kw_only=True):
    """How many events a channel would not have been told of, for one reason."""

    reason: Reason
    events: int


class OfChannel(Struct, frozen=True, kw_only=True):
    """What a channel would have been sent."""

    channel: str
    messages: int
    events: int
    per_day: list[Day]
    watches: list[OfWatch]
    held: list[Held]


class Backtest(Struct, frozen=True, kw_only=True):
    """What a configuration would have sent for the events since a time."""

    since: datetime | None
    until: datetime
    channels: list[OfChannel]


def backtest(store: Store, settings: Settings, since: datetime | None, now: datetime) -> Backtest:
    """Go the way to the channels again for the stored events, and count; sends nothing.

    What channels remember begins empty, with the first of these events.
    """
    behind = background(store)
    replay = Replay(settings, behind)
    counting = {
        name: _Counting(name, settings, behind, replay) for name in sorted(settings.channels)
    }

    def go_on(until: datetime) -> None:
        for stored, alert in replay.rest(until):
            counting[alert.channel].close(stored.at)
            counting[alert.channel].add([stored], alert)
        for one in counting.values():
            one.close(until)

    for together in polls(event_pages(store, since=since)):
        go_on(together[0].at)
        routed = replay.poll(together)
        for alert in routed.alerts:
            counting[alert.channel].add(together, alert)
    go_on(now)
    for one in counting.values():
        one.end(now)
    found = [one.result(settings) for one in counting.values()]
    return Backtest(since=since, until=now, channels=found)


class _Told(NamedTuple):
    messages: int
    events: int


class _Counting:
    """Counts what one channel would have been sent."""

    def __init__(
        self, channel: str, settings: Settings, behind: Background, replay: Replay
    ) -> None:
        self._collector = Collector(channel, settings, behind, replay)
        self._channel = channel
        self._settings = settings
        self._behind = behind
        self._split = channel in settings.split
        self._days: dict[date, _Told] = {}
        self._kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._examples: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        self._held: Counter[Reason] = Counter()

    def add(self, together: list[StoredEvent], alert: Alert) -> None:
        """Count what one poll would have told."""
        self._count_held(alert)
        if not alert.events:
            return
        first = together[0]
        board = board_info(first.board, self._settings.hub.endpoint)
        change = BoardChange(board=board, snapshot_at=first.at)
        for told in self._collector.hear(alert, change, together):
            self._count(first.at, len(parts(told)) if self._split else 1, len(told.events))
        for event in alert.events:
            for watch in event.watches:
                self._kinds[watch][event.kind.value] += 1
                if len(self._examples[watch]) < EXAMPLES:
                    self._examples[watch].append(self._document(first, event))

    def close(self, now: datetime) -> None:
        """Count the digests of windows that have ended by now."""
        for told in self._collector.close(now):
            self._count_digest(told)

    def end(self, until: datetime) -> None:
        """Count the digests of windows that have ended, and of those that are open, as one."""
        self.close(until)
        for told in self._collector.end(until):
            self._count_digest(told)

    def _count_digest(self, told: Digest) -> None:
        events = sum(len(board.events) for board in told.boards)
        self._count(told.until, len(digest_parts(told)) if self._split else 1, events)

    def _count(self, at: datetime, messages: int, events: int) -> None:
        had = self._days.get(at.date(), _Told(0, 0))
        self._days[at.date()] = _Told(had.messages + messages, had.events + events)

    def result(self, settings: Settings) -> OfChannel:
        """Return what was counted."""
        watches = [watch.name for watch in settings.watches if self._channel in watch.channels]
        return OfChannel(
            channel=self._channel,
            messages=sum(told.messages for told in self._days.values()),
            events=sum(told.events for told in self._days.values()),
            per_day=[
                Day(date=day, messages=told.messages, events=told.events)
                for day, told in sorted(self._days.items())
            ],
            watches=[
                OfWatch(
                    watch=name,
                    events=self._kinds[name].total(),
                    kinds=dict(sorted(self._kinds[name].items())),
                    examples=self._examples[name],
                )
                for name in watches
            ],
            held=[Held(reason=why, events=n) for why, n in self._held.most_common()],
        )

    def _count_held(self, alert: Alert) -> None:
        """Count what no watch would have told, by the first reason of one that looks there."""
        for verdict in alert.reasons.values():
            against = [why for why in verdict.values() if why not in _ELSEWHERE]
            if against and FOR.isdisjoint(against):
                self._held[against[0]] += 1

    def _document(self, first: StoredEvent, event: Event) -> dict[str, object]:
        stored = StoredEvent(at=first.at, board=first.board, event=event)
        about = self._behind.known.about(first.board)
        return document(stored, self._settings, about)
