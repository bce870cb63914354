"""What is left to tell of what a channel collected: the net movement of each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Digest
from bot.core.alerts.mute import HeldBack, Mute, Muted, Place, muted, unmuted
from bot.core.alerts.net.people import NO_TOPS, Tops, for_people, says_something
from bot.core.alerts.net.row import led_before, of_row
from bot.core.alerts.net.stands import Stands, undated
from bot.core.alerts.net.top import without
from bot.core.board import BoardKey, Snapshot
from bot.core.events import Event, RankPair, RowName, ScorePair, Shifted
from bot.core.kinds import Kind

_ONLY_MOVES = {Kind.RANK_CHANGE, Kind.SCORE_CHANGE, Kind.RANK_SHIFT, Kind.NEW_LEADER}


class Heard(NamedTuple):
    """A change that a channel collects, or that it was told at once meanwhile."""

    change: BoardChange
    at_once: bool = False


def digest(
    channel: str,
    heard: Sequence[Heard],
    since: datetime,
    until: datetime,
    boards: Mapping[BoardKey, Snapshot] | None = None,
    *,
    reads: bool = True,
    tops: Tops = NO_TOPS,
) -> Digest | None:
    """Return the net movement of changes in the order in which they were found.

    Of a row that was told at once only what came after that is told, and what was not said of it.
    None where nothing is left to tell. Boards stand in the order of their first change. ``boards``
    are those that are known as they stand: ranks and distances are theirs; of others, distances
    that later news may have changed are left out. ``reads`` says that people read it.
    """
    by_board: dict[BoardKey, list[Heard]] = {}
    for one in heard:
        by_board.setdefault(one.change.board.key, []).append(one)
    nets = []
    for key, some in by_board.items():
        board = boards.get(key) if boards else None
        stands = Stands(board) if board else None
        net = _net_change(some, stands)
        nets.append(for_people(net, some, stands, tops) if reads else net)
    told = tuple(net for net in nets if says_something(net))
    if not any(net.events or net.crossed for net in told):
        return None
    return Digest(channel=channel, since=since, until=until, boards=told)


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
        crossed = without(change.crossed, partial(_is_muted, channel, holding))
        left.append(Heard(replace(kept, crossed=crossed), at_once))
        back += ids
    return left, tuple(back)


def _is_muted(channel: str, holding: Muted, row: RowName) -> bool:
    kind = Kind.RANK_SHIFT
    event = Event(id="", kind=kind, contains=(kind,), model=row.model, variant=row.variant)
    return bool(holding(channel, event))


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


def _net_change(heard: Sequence[Heard], stands: Stands | None) -> BoardChange:
    """Return the changes of one board as one; rows that only moved may be the same, and go."""
    changes = _left(heard)
    last = (changes or [one.change for one in heard])[-1]
    muted = sum(change.muted or 0 for change in changes)
    lower = stands.lower_is_better if stands else last.board.lower_is_better
    return replace(
        last,
        board=replace(last.board, lower_is_better=lower),
        watches=tuple(dict.fromkeys(chain.from_iterable(one.watches for one in changes))),
        previous_snapshot_at=(changes or [last])[0].previous_snapshot_at,
        events=tuple(_as_it_stands(_net(changes), [one.change for one in heard], stands)),
        shifted=last.shifted if len(changes) == 1 else Shifted(),
        part=1,
        parts=1,
        muted=muted or UNSET,
        crossed=UNSET,
    )


def _as_it_stands(
    events: Iterable[Event], heard: Sequence[BoardChange], stands: Stands | None
) -> Iterator[Event]:
    """Yield events with what follows from other rows as it is now, as far as that is known.

    What was found before the board was scored anew is told in its new scores.
    """
    found = [{event.id for event in change.events} for change in heard]
    anew = [any(one.kind is Kind.RECOMPUTED for one in change.events) for change in heard]
    last = max((place for place, told in enumerate(anew) if told), default=0)
    old = set(chain.from_iterable(found[:last]))
    for event in events:
        if stands is not None:
            yield stands.recounted(event, anew=event.id in old)
        else:
            yield event if event.id in found[-1] else undated(event)


def _net(changes: Iterable[BoardChange]) -> tuple[Event, ...]:
    """Return an event a row, where the row's last stood; what is of no row as it is."""
    events = [*chain.from_iterable(change.events for change in changes)]
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
