"""Who comes among the first rows at which a channel's watches look, and who leaves them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Crossing
from bot.core.alerts.net.stands import Stands
from bot.core.events import CAUSE_LIMIT, Event, OutOfTop, RankPair, Related, RowName

Crossed = tuple[Crossing, ...] | UnsetType
"""Who crossed the tops of a channel's watches; nothing where nobody did."""


def crosses(top: int, rank: RankPair) -> bool:
    """Tell whether a row came among the first, or was among them and is not, but still there."""
    after = rank.after
    return after is not None and ((rank.before or top + 1) <= top) is not (after <= top)


def crossing(top: int, moves: Sequence[Event]) -> Crossing:
    """Return who came among the first rows, and who left them.

    ``moves`` are events by which rows did one or the other, in the order of their ranks.
    """
    into, out = (
        dict.fromkeys(
            RowName(event.model or "", event.variant)
            for event in moves
            if ((event.rank.after or 0) <= top) is inwards
        )
        for inwards in (True, False)
    )
    return Crossing(top, (*into,)[:CAUSE_LIMIT], (*out,)[:CAUSE_LIMIT])


def stand(event: Event) -> Related:
    """Return where a row stands by an event that crossed a top."""
    rank, score = event.rank.after, event.score.after
    assert event.model
    assert rank
    assert score is not None
    return Related(event.model, event.variant, rank, score)


def without(crossed: Crossed, unwanted: Callable[[RowName], bool]) -> Crossed:
    """Return who came among the first rows, and who left, without some rows."""
    kept = (
        Crossing(
            one.top,
            tuple(row for row in one.into if not unwanted(row)),
            tuple(row for row in one.out if not unwanted(row)),
        )
        for one in crossed or ()
    )
    return tuple(one for one in kept if one.into or one.out) or UNSET


def with_those_out(events: Sequence[Event], crossed: Iterable[Crossing]) -> tuple[Event, ...]:
    """Return the events of a message, of which some say who left a top.

    The last row that came into it says it, unless those that left have lines of their own, or it is
    perhaps a row that was there under another name.
    """
    heirs = {event.perhaps_renamed_to for event in events}
    found = [replace(event, out_of_top=UNSET) if event.out_of_top else event for event in events]
    own = {RowName(event.model or "", event.variant) for event in events}
    for one in crossed:
        came = [
            (event.rank.after or 0, place)
            for place, event in enumerate(found)
            if RowName(event.model or "", event.variant) in one.into and event.model not in heirs
        ]
        left = tuple(row for row in one.out if row not in own)
        place = max(came, default=(0, -1))[1]
        if came and left and not (found[place].turnover or found[place].out_of_top):
            found[place] = replace(found[place], out_of_top=OutOfTop(one.top, left))
    return tuple(found)


def net_crossings(
    heard: Iterable[tuple[BoardChange, bool]],
    stands: Stands | None,
    told: Container[RowName] = (),
) -> tuple[Crossing, ...]:
    """Return who is in a top, or is not, otherwise than a channel knows from before and since.

    Of each change ``heard`` says whether the channel was told of it at once. What the board shows
    as it ``stands`` decides. Rows gone from it have left, unless what became of them is ``told``.
    """
    known: dict[tuple[int, RowName], bool] = {}
    now: dict[tuple[int, RowName], bool] = {}
    for change, at_once in heard:
        for top, row, inwards in _each(change.crossed or ()):
            known.setdefault((top, row), not inwards)
            now[top, row] = inwards
            if at_once:
                known[top, row] = inwards
    if stands is not None:
        ranks = {row: stands.rank(row) for _, row in now}
        now = {
            (top, row): rank is not None and rank <= top
            for top, row in now
            if (rank := ranks[row]) is not None or row not in told
        }
    turned = [key for key, inwards in now.items() if known[key] is not inwards]
    if stands is not None:
        turned.sort(key=lambda key: stands.rank(key[1]) or math.inf)
    return tuple(_of_top(top, turned, now) for top in sorted({top for top, _ in turned}))


def _each(crossed: Iterable[Crossing]) -> Iterator[tuple[int, RowName, bool]]:
    for one in crossed:
        yield from ((one.top, row, True) for row in one.into)
        yield from ((one.top, row, False) for row in one.out)


def _of_top(
    top: int, turned: Collection[tuple[int, RowName]], now: dict[tuple[int, RowName], bool]
) -> Crossing:
    rows = [(row, now[one, row]) for one, row in turned if one == top]
    return Crossing(
        top,
        tuple(row for row, inwards in rows if inwards),
        tuple(row for row, inwards in rows if not inwards),
    )
