"""A mute: what holds events back from channels for a time, and whether it holds this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property, partial

from msgspec import UNSET, Struct
from msgspec.structs import replace

from bot.core.alerts.benchmarks import Entry, entry, match_any, matches
from bot.core.alerts.message import BoardChange
from bot.core.alerts.watch import NO_FORMER, FormerIds
from bot.core.board import BoardKey
from bot.core.events import Event
from bot.core.kinds import Kind

Muted = Callable[[str, Event], tuple[str, ...]]
"""Returns the ids of the mutes that hold an event back from a channel; none lets it pass."""

HeldBack = tuple[tuple[str, ...], ...]
"""For each event that a channel is not told of, the ids of the mutes that hold it back."""


class Place(Struct, frozen=True, kw_only=True):
    """Where events happened, under every name that a mute may have for it.

    ``benchmarks`` are former ids of the board's benchmark, ``models`` those of models.
    """

    board: BoardKey
    benchmarks: tuple[str, ...] = ()
    models: FormerIds = NO_FORMER


class Mute(Struct, frozen=True, kw_only=True, dict=True):
    """What is held back, from when until when: events that meet all of what is named.

    ``benchmark``, with ``#TASK`` where only that is meant, and ``model`` are globs, as in watches;
    without a task every one is meant. ``kind`` is an event's own. ``held`` counts the events that
    it held back, each once a channel.
    """

    id: str
    benchmark: str | None = None
    model: str | None = None
    channel: str | None = None
    kind: Kind | None = None
    reason: str | None = None
    created_at: datetime
    expires_at: datetime
    held: int = 0

    @cached_property
    def _entry(self) -> Entry | None:
        return entry(self.benchmark) if self.benchmark else None

    def lasts(self, at: datetime) -> bool:
        """Whether it holds anything back at a time."""
        return self.created_at <= at < self.expires_at

    def covers(self, board: BoardKey, benchmarks: Iterable[str] = ()) -> bool:
        """Whether it is about a board; ``benchmarks`` are other names of the board's benchmark."""
        named = self._entry
        if named is None:
            return True
        if not match_any([named.benchmark], (board.benchmark, *benchmarks)):
            return False
        return named.task is None or _is_task(named.task, board.task)

    def holds(self, channel: str, event: Event, place: Place) -> bool:
        """Whether it holds an event back from a channel."""
        if self.channel not in (None, channel) or self.kind not in (None, event.kind):
            return False
        board = place.board
        if event.task is not UNSET:  # of several boards that are told of together
            board = replace(board, task=event.task)
        return self._is_of(event, place) and self.covers(board, place.benchmarks)

    def _is_of(self, event: Event, place: Place) -> bool:
        if self.model is None or event.model is None:
            return self.model is None
        return match_any([self.model], (event.model, *place.models.get(event.model, ())))


def muted(mutes: Iterable[Mute], place: Place) -> Muted:
    """Return which of some mutes hold an event of a place back from a channel."""
    return partial(_holding, tuple(mutes), place)


def unmuted(channel: str, change: BoardChange, holding: Muted) -> tuple[BoardChange, HeldBack]:
    """Return a change without what is held back from a channel, and what holds that back."""
    asked = [(event, holding(channel, event)) for event in change.events]
    left = tuple(event for event, ids in asked if not ids)
    return replace(change, events=left), tuple(ids for _, ids in asked if ids)


def nothing_muted(_channel: str, _event: Event) -> tuple[str, ...]:
    """Return that no mute holds an event back."""
    return ()


def _holding(mutes: tuple[Mute, ...], place: Place, channel: str, event: Event) -> tuple[str, ...]:
    return tuple(one.id for one in mutes if one.holds(channel, event, place))


def _is_task(pattern: str, task: str | None) -> bool:
    """Whether a task is meant; a board without one is by the glob for every task."""
    if task is None:
        return pattern == "*"
    return pattern == task or matches(pattern, task)
