"""What a channel remembers of a row: what it was last told, and what stood before that.

Thresholds compare with it, so that many small steps add up; people read from it; what takes back
what was told is told as well. It is the only record of what somebody heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.unrest.aspects import FLAGS, of_flag, of_presence, of_score
from bot.core.alerts.unrest.unstable import RESTS_AFTER
from bot.core.events import Event, RankPair, ScorePair
from bot.core.kinds import Kind

REVERSED_WITHIN = timedelta(hours=24)
"""So long after something was told is it told as well that it holds no longer."""


T = TypeVar("T")

_MOVES = frozenset({Kind.RANK_CHANGE, Kind.SCORE_CHANGE, Kind.RANK_SHIFT})

ANEW_EVERY = timedelta(hours=24)
"""So often are people told that a board was scored anew."""


class Standing(Struct, frozen=True, kw_only=True):
    """A row as somebody knows it; without a rank it is not on the board. Null is not known."""

    rank: int | None = None
    score: Decimal | None = None
    verified: bool | None = None
    leads: bool | None = None


class Turn(Struct, Generic[T], frozen=True):
    """One thing of a row that a channel was told of ``at`` a time, and how it was ``before``."""

    before: T
    at: datetime


class Spell(Struct, frozen=True):
    """How long a channel is told no more of a row than that it is unstable: until it rested."""

    since: datetime
    rests_at: datetime


class Memory(Struct, frozen=True, kw_only=True):
    """What a channel knows of a row: how it stands, and what it was told of, each with its time.

    ``last`` is what it was told last, ``at`` a time; where nothing was told yet (``at`` is null),
    what stood before the first change that a threshold withheld. ``present``, ``score``,
    ``verified`` and ``leads`` are what was told of each: what could be taken back.
    ``unstable`` is there from when on the channel was told that the row is.
    """

    last: Standing
    at: datetime | None = None
    present: Turn[bool] | None = None
    score: Turn[Decimal | None] | None = None
    verified: Turn[bool | None] | None = None
    leads: Turn[bool] | None = None
    unstable: Spell | None = None

    def restless(self, at: datetime) -> bool:
        """Whether the channel was told that the row is unstable, which it is at a time."""
        return self.unstable is not None and at < self.unstable.rests_at

    def rested(self, at: datetime) -> bool:
        """Whether the row has rested since, and the channel has not been told of it again."""
        return self.unstable is not None and at >= self.unstable.rests_at


Memories = Mapping[tuple[str, str], Memory]
"""What channels remember of rows, by the channel's name and the row's id."""


def as_known(event: Event, memory: Memory | None) -> Event:
    """Return an event as a channel sees it: from what it knows of the row, not from the last poll.

    An arrival comes from nowhere, whatever was known of the row.
    """
    if memory is None or event.new or event.rank.before is None:
        return event
    known = memory.last
    rank = event.rank.before if known.rank is None else known.rank
    score = event.score.before if known.score is None else known.score
    if (rank, score) == (event.rank.before, event.score.before):
        return event
    after = event.score.after
    delta = None if after is None or score is None else after - score
    return replace(
        event,
        rank=RankPair(rank, event.rank.after),
        score=ScorePair(score, after, delta),
    )


def as_read(event: Event, memory: Memory | None) -> Event:
    """Return an event as people read it: what is as they know it goes on from the last poll."""
    seen = as_known(event, memory)
    still = (seen.rank.before, seen.score.before) == (seen.rank.after, seen.score.after)
    return event if still else seen


def known_already(event: Event, memory: Memory | None) -> bool:
    """Whether a channel that remembers a row learns nothing from an event of it.

    It missed what happened between. A new leader and an arrival are news all the same.
    """
    if memory is None:
        return False
    known, contains = memory.last, set(event.contains)
    if event.kind is Kind.REMOVED:
        return known.rank is None
    if contains <= FLAGS:
        return known.rank is not None and event.verified.after == known.verified
    same = (event.rank.after, event.score.after) == (known.rank, known.score)
    return (
        same and not event.new and contains <= _MOVES and _after(event, known).leads == known.leads
    )


def told(memory: Memory | None, event: Event, at: datetime) -> Memory:
    """Return what a channel remembers once it is told of an event.

    Where a row came or went, what was told of it before counts no longer.
    """
    seen = as_read(event, memory)
    known = Memory(last=_before(event)) if memory is None else memory
    kept = known
    if of_presence(event):
        kept = Memory(last=known.last, unstable=known.unstable)
    leads = _lead(event, known.last)
    return replace(
        kept,
        last=_after(event, known.last),
        at=at,
        present=Turn(not event.new, at) if kept is not known else known.present,
        score=Turn(seen.score.before, at) if of_score(event) else kept.score,
        verified=Turn(event.verified.before, at) if of_flag(event) else kept.verified,
        leads=kept.leads if leads is None else Turn(not leads, at),
    )


def collected(memory: Memory | None, event: Event | None, at: datetime) -> Memory | None:
    """Return what a channel remembers once a digest told it what came of a row, or nothing of it.

    It was told of the row by what the digest says, and by no step on the way there.
    """
    if event is None:
        return memory and Memory(last=memory.last, at=memory.at, unstable=memory.unstable)
    said = told(None, event, at)
    if memory is None or memory.at is None:
        return said
    return replace(said, last=memory.last, unstable=memory.unstable)


def troubled(memory: Memory, at: datetime) -> Memory:
    """Return what a channel remembers that is told, or was, of an unstable row that moves on.

    What it is not told of leaves the rest as it is.
    """
    since = memory.unstable.since if memory.unstable else at
    return replace(memory, unstable=Spell(since, at + RESTS_AFTER))


def withheld(memory: Memory | None, event: Event) -> Memory:
    """Return what a channel remembers where a threshold withheld an event."""
    return Memory(last=_before(event)) if memory is None else memory


def moved(memory: Memory, event: Event) -> Memory:
    """Return what a channel remembers where a row moved of which it is not told.

    What only others did moves it along by as many places, so that the row's own steps still add up;
    after a board was scored anew it is compared with what stands, and no score is as before.
    """
    if event.recomputed is True:
        return replace(memory, last=_after(event, memory.last), score=None)
    known = memory.last
    if event.kind is not Kind.RANK_SHIFT or known.rank is None:
        return memory
    by = (event.rank.after or 0) - (event.rank.before or 0)
    leads = False if event.gap else known.leads
    return replace(memory, last=replace(known, rank=max(1, known.rank + by), leads=leads))


def takes_back(memory: Memory | None, event: Event, at: datetime) -> bool:
    """Whether an event puts back what a channel was told of a row a short while ago.

    Its score, its flag or its lead is as before, an entry is gone, or a removed row is back.
    """
    if memory is None or event.kind is Kind.RANK_SHIFT:
        return False
    if of_presence(event):
        return _puts_back(memory.present, event.new, at)
    leads = _lead(event, memory.last)
    return (
        (of_score(event) and _puts_back(memory.score, event.score.after, at))
        or (of_flag(event) and _puts_back(memory.verified, event.verified.after, at))
        or (leads is not None and _puts_back(memory.leads, leads, at))
    )


def _puts_back(turn: Turn[T] | None, now: T, at: datetime) -> bool:
    """Whether something is again as it was before a channel was told of it within a day."""
    return turn is not None and turn.before == now and turn.at <= at < turn.at + REVERSED_WITHIN


def _lead(event: Event, known: Standing) -> bool | None:
    """Return whether a row wins or loses the lead by an event; None where it does neither."""
    if Kind.NEW_LEADER in event.contains:
        return True
    lost = event.kind in _MOVES and event.rank.before == 1 and event.gap
    return False if known.leads and lost else None


def _before(event: Event) -> Standing:
    """Return how a row stood before an event, as far as the event says."""
    leads = False if Kind.NEW_LEADER in event.contains else None
    return Standing(
        rank=event.rank.before,
        score=event.score.before,
        verified=event.verified.before,
        leads=leads,
    )


def _after(event: Event, known: Standing) -> Standing:
    """Return how a row stands after an event, of which ``known`` was known."""
    if event.kind is Kind.REMOVED:
        return replace(known, rank=None, leads=False)
    leads = known.leads
    if Kind.NEW_LEADER in event.contains:
        leads = True
    elif event.gap:
        leads = False
    return Standing(
        rank=event.rank.after,
        score=event.score.after,
        verified=event.verified.after,
        leads=leads,
    )
