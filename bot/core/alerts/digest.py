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
from bot.core.board import BoardKey
from bot.core.events import (
    Cause,
    Event,
    FlagPair,
    Leader,
    ProvenancePair,
    RankPair,
    RowName,
    ScorePair,
    Shifted,
)
from bot.core.kinds import Kind

_MOVES = {Kind.RANK_CHANGE, Kind.SCORE_CHANGE}
_ONLY_MOVES = {*_MOVES, Kind.RANK_SHIFT, Kind.NEW_LEADER}
_CHANGES = {*_MOVES, Kind.VERIFIED, Kind.UNVERIFIED}


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


def led_before(event: Event) -> Leader | None:
    """Return who led before an event of the lead: of a row's, or of a board scored anew."""
    return event.previous_leader if event.summary is UNSET else event.summary.leader.before


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


def of_row(events: list[Event], leader: list[Event], before: Leader | None) -> Event | None:
    """Return the events of a row as one; ``leader`` is the board's last event of the lead."""
    last = events[-1]
    leads = any(event in leader for event in events) and last.kind is not Kind.REMOVED
    had_it = before is not None and (before.model, before.variant) == (last.model, last.variant)
    lost = any(Kind.NEW_LEADER in event.contains for event in events) and not leads
    if len(events) == 1 and (last.model is None or not (lost or (leads and had_it))):
        return _led_since(last, before) if last.model and leads else last
    whole = _whole(events)
    leads = leads and not had_it
    true = {kind for kind in _kinds(events) if _holds(kind, whole, events, leads=leads)}
    if true & _MOVES:
        true.discard(Kind.RANK_SHIFT)
    if not true:
        return None
    contains = tuple(kind for kind in Kind if kind in true)
    whole = replace(whole, kind=contains[0], contains=contains)
    if Kind.NEW_LEADER not in true:
        return replace(whole, previous_leader=None, margin=None, second=UNSET)
    last = next(event for event in events if event in leader)
    return _led_since(replace(whole, margin=last.margin, second=last.second), before)


def _kinds(events: list[Event]) -> set[Kind]:
    """Return what may be true of a row's events together.

    A row that came back may stand elsewhere than it did, and a lead given back is no shift.
    """
    kinds = set(chain.from_iterable(event.contains for event in events))
    if any(event.new for event in events) and not events[0].new:
        kinds |= _CHANGES
    if all(event.kind is not Kind.RANK_SHIFT for event in events):
        kinds.discard(Kind.RANK_SHIFT)
    return kinds


def _led_since(event: Event, before: Leader | None) -> Event:
    same = before == event.previous_leader
    return event if same else replace(event, previous_leader=before)


def _whole(events: list[Event]) -> Event:
    """Return the last event of a row with what stood before the first, of no kind yet.

    Who passed whom on the way is not known of the whole.
    """
    first, last = events[0], events[-1]
    if len(events) == 1:
        return last
    pairs = [event.provenance for event in events if event.provenance]
    names = [event.previous_model for event in events if event.previous_model is not UNSET]
    score = ScorePair(first.score.before, last.score.after)
    change = None if first.new or last.kind is Kind.REMOVED else score.change
    return replace(
        last,
        watches=tuple(dict.fromkeys(chain.from_iterable(event.watches for event in events))),
        rank=RankPair(first.rank.before, last.rank.after),
        score=replace(score, delta=change),
        verified=FlagPair(first.verified.before, last.verified.after),
        new=first.new,
        pushed_down=None,
        cause=Cause(),
        related=(),
        provenance=ProvenancePair(pairs[0].before, pairs[-1].after) if pairs else None,
        previous_model=names[0] if names and names[0] != last.model else UNSET,
        recomputed=True if all(event.recomputed is True for event in events) else UNSET,
        removed_at=first.removed_at,
    )


def _holds(kind: Kind, whole: Event, events: list[Event], *, leads: bool) -> bool:
    """Whether a kind is true of all that happened to a row together."""
    gone = events[-1].kind is Kind.REMOVED
    if gone or kind is Kind.REMOVED:
        return gone and kind is Kind.REMOVED and not whole.new
    moved = whole.rank.before != whole.rank.after
    rescored = whole.score.before != whole.score.after
    flag, pair = whole.verified, whole.provenance
    untouched = all(event.score.before == event.score.after for event in events)
    return {
        Kind.NEW_LEADER: leads,
        Kind.NEW_ENTRY: whole.new and kind in events[0].contains,
        Kind.RETURNED: whole.new and kind in events[0].contains,
        Kind.RANK_CHANGE: not whole.new and moved and (rescored or untouched),
        Kind.SCORE_CHANGE: not whole.new and rescored,
        Kind.RANK_SHIFT: not whole.new and moved,
        Kind.VERIFIED: flag.after is True and flag.before is not True,
        Kind.UNVERIFIED: flag.after is not True and flag.before is True,
        Kind.PROVENANCE_CHANGE: pair is not None and pair.before != pair.after,
        Kind.RENAMED: whole.previous_model is not UNSET,
    }.get(kind, True)
