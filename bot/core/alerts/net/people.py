"""What people read of a board besides its net changes: who leads, who is among the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange
from bot.core.alerts.net.stands import Stands
from bot.core.alerts.net.top import net_crossings
from bot.core.alerts.watch import Watch
from bot.core.events import Event, Leader, RankPair, RowName
from bot.core.kinds import Kind

Tops = Mapping[str, int | None]
"""How many of a board's first rows each watch looks at, by the watch's name; None: at all."""

NO_TOPS: Tops = {}


def tops_of(watches: Iterable[Watch]) -> Tops:
    """Return the tops of watches; one that names models looks at them wherever they stand."""
    return {watch.name: None if watch.models else watch.top for watch in watches}


FIRST = 3
"""So many of a board's first rows are told as they stand."""

_Heard = Sequence[tuple[BoardChange, bool]]
"""Changes, and of each whether a channel was told of it at once."""


def for_people(
    net: BoardChange, heard: _Heard, stands: Stands | None, tops: Tops = NO_TOPS
) -> BoardChange:
    """Return what came of a board with who leads it, and who came among a watch's first rows.

    ``heard`` is what it came of. A row that others moved into ``tops`` and out again is not told.
    """
    found = [event for change, _ in heard for event in change.events]
    crossed = net_crossings(heard, stands, {*_told_otherwise(net.events, found)})
    leader = stands.leader if stands else None
    names = {row for one in crossed for row in (*one.into, *one.out)}
    own: defaultdict[RowName, list[Event]] = defaultdict(list)
    for event in found:
        own[RowName(event.model or "", event.variant)].append(event)
    kept = (event for event in net.events if not _was_in_between(event, own, tops))
    return replace(
        net,
        events=tuple(replace(event, out_of_top=UNSET) for event in kept),
        leader=leader or UNSET,
        told_leader_at=_told_leader_at(net, heard, leader) or UNSET,
        told_anew_at=_told_anew_at(net, heard) or UNSET,
        crossed=crossed or UNSET,
        placed=stands.placed(names, FIRST) if stands else UNSET,
    )


def says_something(net: BoardChange) -> bool:
    """Tell whether anything is told of a board."""
    return bool(net.events or net.crossed or net.told_leader_at or net.told_anew_at)


def _told_otherwise(told: Iterable[Event], found: Iterable[Event]) -> Iterator[RowName]:
    """Yield rows that are not on the board any more, of which something else is told."""
    for event in told:
        if event.kind is Kind.REMOVED:
            yield RowName(event.model or "", event.variant)
    for event in found:
        if event.previous_model:
            yield RowName(event.previous_model, event.variant)


def _was_in_between(event: Event, found: Mapping[RowName, Sequence[Event]], tops: Tops) -> bool:
    """Tell whether a row was among the first rows only after the first news, not as it stands.

    ``found`` are all events by their rows.
    """
    top = _top(event.watches, tops)
    if top is None or event.model is None or not _is_out(event.rank, top):
        return False
    own = found.get(RowName(event.model, event.variant), ())
    return any(not _is_out(one.rank, top) for one in own)


def _top(watches: Iterable[str], tops: Tops) -> int | None:
    """Return how many first rows some watches look at together; None where one looks at all."""
    limits = [tops.get(name) for name in watches]
    known = [top for top in limits if top is not None]
    return max(known) if known and len(known) == len(limits) else None


def _is_out(rank: RankPair, top: int) -> bool:
    """Tell whether a row stood nowhere among the first, and does not."""
    return all(place is None or place > top for place in (rank.before, rank.after))


def _is_same(before: Leader | None, now: Leader) -> bool:
    """Tell whether a row that led before leads again: then there is nothing new to say of it."""
    return before is not None and (before.model, before.variant) == (now.model, now.variant)


def _told_leader_at(net: BoardChange, heard: _Heard, leader: Leader | None) -> datetime | None:
    """Return when a channel was told at once who leads now; None where a digest tells it."""
    told = [
        (change.snapshot_at, event)
        for change, at_once in heard
        for event in change.events
        if at_once and Kind.NEW_LEADER in event.contains and event.kind is not Kind.RECOMPUTED
    ]
    if not told or leader is None or _is_same(told[0][1].previous_leader, leader):
        return None
    at, last = told[-1]
    said = any(Kind.NEW_LEADER in event.contains for event in net.events)
    other = (last.model, last.variant) != (leader.model, leader.variant)
    return None if said or other else at


def _told_anew_at(net: BoardChange, heard: _Heard) -> datetime | None:
    """Return when a channel was told at once that the board was scored anew; None: never."""
    if any(event.kind is Kind.RECOMPUTED for event in net.events):
        return None
    told = (
        change.snapshot_at
        for change, at_once in heard
        if at_once and any(event.kind is Kind.RECOMPUTED for event in change.events)
    )
    return max(told, default=None)
