"""What a channel remembers of a row: what it was last told, and what stood before that.

Thresholds compare with it, so that many small steps add up; people read from it; what takes back
what was told is told as well. It is the only record of what somebody heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from bot.core.events import Event, RankPair, ScorePair
from bot.core.kinds import Kind

REVERSED_WITHIN = timedelta(hours=24)
"""So long after something was told is it told as well that it holds no longer."""


class Standing(Struct, frozen=True, kw_only=True):
    """A row as somebody knows it; without a rank it is not on the board. Null is not known."""

    rank: int | None = None
    score: Decimal | None = None
    verified: bool | None = None
    leads: bool | None = None


class Memory(Struct, frozen=True, kw_only=True):
    """What a channel was told of a row last, at ``at``, and what stood before.

    Both are null where nothing was told yet: ``before`` is then what stood before the first change
    that a threshold withheld.
    """

    before: Standing
    told: Standing | None = None
    at: datetime | None = None

    @property
    def last(self) -> Standing:
        """What the next change of the row is compared with."""
        return self.before if self.told is None else self.told


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


def told(memory: Memory | None, event: Event, at: datetime) -> Memory:
    """Return what a channel remembers once it is told of an event."""
    before = _before(event) if memory is None else memory.last
    return Memory(before=before, told=_after(event, before), at=at)


def collected(memory: Memory | None, event: Event | None, at: datetime) -> Memory | None:
    """Return what a channel remembers once a digest told it what came of a row, or nothing of it.

    It was told of the row by what the digest says, and by no step on the way there.
    """
    if memory is None or memory.told is None:
        return memory if event is None else told(None, event, at)
    if event is None:
        return replace(memory, before=memory.told)
    return replace(told(None, event, at), told=memory.told)


def withheld(memory: Memory | None, event: Event) -> Memory:
    """Return what a channel remembers where a threshold withheld an event."""
    return Memory(before=_before(event)) if memory is None else memory


def moved(memory: Memory, event: Event) -> Memory:
    """Return what a channel remembers where a row moved of which it is not told.

    What only others did moves it along by as many places, so that the row's own steps still add up;
    after a board was scored anew it is compared with what stands.
    """
    if event.recomputed is True:
        known = _after(event, memory.last)
    elif event.kind is Kind.RANK_SHIFT and memory.last.rank is not None:
        by = (event.rank.after or 0) - (event.rank.before or 0)
        known = replace(memory.last, rank=max(1, memory.last.rank + by))
    else:
        return memory
    if memory.told is None:
        return replace(memory, before=known)
    return replace(memory, told=known)


def takes_back(memory: Memory | None, event: Event, at: datetime) -> bool:
    """Whether an event puts back what a channel was told of a row a short while ago.

    Its score, its flag or its lead is as before, an entry is gone, or a removed row is back.
    """
    if memory is None or memory.told is None or memory.at is None:
        return False
    if not memory.at <= at < memory.at + REVERSED_WITHIN or event.kind is Kind.RANK_SHIFT:
        return False
    was, known = memory.before, memory.told
    if event.kind is Kind.REMOVED:
        return was.rank is None and known.rank is not None
    if event.new:
        return was.rank is not None and known.rank is None
    score, flag = event.score, event.verified
    return (
        (score.before != score.after and known.score != was.score == score.after)
        or (flag.before != flag.after and known.verified != was.verified == flag.after)
        or (Kind.NEW_LEADER in event.contains and was.leads is True and known.leads is False)
    )


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
