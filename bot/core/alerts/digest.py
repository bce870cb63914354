"""What is left to tell of what a channel collected: the net movement of each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Digest
from bot.core.alerts.mute import HeldBack, Mute, Place, muted, unmuted
from bot.core.alerts.net.row import led_before, of_row
from bot.core.board import BoardKey
from bot.core.events import (
    Event,
    RankPair,
    RowName,
    ScorePair,
    Shifted,
)
from bot.core.kinds import Kind

_ONLY_MOVES = {Kind.RANK_CHANGE, Kind.SCORE_CHANGE, Kind.RANK_SHIFT, Kind.NEW_LEADER}


class Heard(NamedTuple):
    """A change that a channel collects, or that it was told at once meanwhile."""

    change: BoardChange
    at_once: bool = False


def digest(channel: str, heard: Sequence[Heard], since: datetime, until: datetime) -> Digest | None:
    """Return the net movement of changes in the order in which they were found.

    Of a row that was told at once only what came after that is told, and what was not said of it.
    None where nothing is left to tell. Boards stand in the order of their first change.
    """
    boards: dict[BoardKey, list[Heard]] = {}
    for one in heard:
        boards.setdefault(one.change.board.key, []).append(one)
    nets = [_net_change(left) for one in boards.values() if (left := _left(one))]
    told = tuple(net for net in nets if net.events)
    return Digest(channel=channel, since=since, until=until, boards=told) if told else None


R = TypeVar("R", bound=Hashable)


def said_of(
    rows: Mapping[str, R], held: Iterable[BoardChange], told: Digest | None
) -> dict[R, Event | None]:
    """Return what a digest says of each row that something was held of; None: nothing.

    ``rows`` are those of events, by the events' ids.
    """
    said = {event.id: event for board in told.boards for event in board.events} if told else {}
    ids = [
        event.id
        for change in held
        for event in change.events
        if event.id in rows and event.kind is not Kind.UNSTABLE
    ]
    found: dict[R, Event | None] = dict.fromkeys((rows[name] for name in ids), None)
    return found | {rows[name]: said[name] for name in ids if name in said}


def without_muted(
    channel: str,
    heard: Sequence[Heard],
    mutes: Sequence[Mute],
    place: Callable[[BoardKey], Place],
    now: datetime,
) -> tuple[list[Heard], HeldBack]:
    """Return what is held without what was muted meanwhile, and what holds that back.

    What lasted when a change was found has acted on it already.
    """
    left: list[Heard] = []
    back: list[tuple[str, ...]] = []
    for change, at_once in heard:
        meanwhile = [mute for mute in mutes if change.snapshot_at < mute.created_at <= now]
        holding = muted(() if at_once else meanwhile, place(change.board.key))
        kept, ids = unmuted(channel, change, holding)
        left.append(Heard(kept, at_once))
        back += ids
    return left, tuple(back)


def _left(heard: Sequence[Heard]) -> list[BoardChange]:
    """Return what a board's changes leave to tell, without moves of rows that were told later.

    Whoever was told where a row stands is not told where it stood before.
    """
    later: dict[RowName, Event] = {}
    left: list[BoardChange] = []
    for change, at_once in reversed(heard):
        if at_once:
            named = ((_name(event), event) for event in change.events)
            later = {name: event for name, event in named if name} | later
        else:
            left.append(replace(change, events=tuple(_unsaid(change.events, later))))
    return left[::-1]


def _unsaid(events: Iterable[Event], later: Mapping[RowName, Event]) -> Iterator[Event]:
    """Yield events without those that say no more than what was told later of their rows.

    What else they say is told with where the row stands since.
    """
    for event in events:
        name = _name(event)
        told = later.get(name) if name else None
        if told is None:
            yield event
        elif not (_begins(told) or _ONLY_MOVES.issuperset(event.contains)):
            rank = RankPair(event.rank.before, told.rank.after)
            score = ScorePair(event.score.before, told.score.after, event.score.delta)
            yield replace(event, rank=rank, score=score)


def _begins(told: Event) -> bool:
    """Whether a row came or went by an event, so that what was before does not matter any more."""
    return told.new or told.kind is Kind.REMOVED


def _name(event: Event) -> RowName | None:
    """Return the row that an event says something of; None for none."""
    if event.model is None or event.kind is Kind.UNSTABLE:
        return None
    return RowName(event.model, event.variant)


def _net_change(changes: Sequence[BoardChange]) -> BoardChange:
    """Return the changes of one board as one; rows that only moved may be the same, and go."""
    last = changes[-1]
    muted = sum(change.muted or 0 for change in changes)
    return replace(
        last,
        watches=tuple(dict.fromkeys(chain.from_iterable(one.watches for one in changes))),
        previous_snapshot_at=changes[0].previous_snapshot_at,
        events=tuple(
            replace(event, out_of_top=UNSET) if event.out_of_top and len(changes) > 1 else event
            for event in _net(tuple(chain.from_iterable(change.events for change in changes)))
        ),
        shifted=last.shifted if len(changes) == 1 else Shifted(),
        part=1,
        parts=1,
        muted=muted or UNSET,
    )


def _net(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return an event a row, where the row's last stood; what is of no row as it is."""
    led = [event for event in events if Kind.NEW_LEADER in event.contains]
    before = led_before(led[0]) if led else None
    found = (of_row(row, led[-1:], before) for row in _rows(events))
    return tuple(event for event in found if event is not None)


def _rows(events: Iterable[Event]) -> list[list[Event]]:
    """Return the events of each row, by the name that it has then; each of no row alone.

    So is the word that a row is unstable: it says nothing of where that stands.
    """
    rows: dict[RowName | str, list[Event]] = {}
    for event in events:
        if event.model is None or event.kind is Kind.UNSTABLE:
            rows[event.id] = [event]
            continue
        name, was = RowName(event.model, event.variant), event.previous_model
        old = name if was is UNSET else RowName(was, event.variant)
        rows[name] = [*rows.pop(old, rows.pop(name, [])), event]
    return list(rows.values())
