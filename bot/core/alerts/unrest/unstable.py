"""Rows that go back and forth: from when on they are unstable, and until when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.alerts.unrest.aspects import is_own, of_flag, of_presence, of_score
from bot.core.events import Event, Found
from bot.core.kinds import Kind

UNSTABLE_AT = 3
"""So many reversals within a day make a row unstable."""

RESTS_AFTER = timedelta(hours=24)
"""So long without an event of its own, a row has rested; reversals count as long."""


class Step(NamedTuple):
    """An event of a row's own, or that it is unstable, and when it was found."""

    at: datetime
    event: Event


Steps = Mapping[str, Sequence[Step]]
"""What rows did within the last day, the oldest first, by their ids."""


def with_unstable(
    found: Sequence[Found],
    at: datetime,
    steps: Steps,
    known: Collection[str],
    new_id: Callable[[], str],
) -> tuple[Found, ...]:
    """Return what a poll found, and before a row's first event that the row is unstable now.

    ``known`` are the rows that are unstable already.
    """
    own: dict[str, list[Step]] = {}
    for one in found:
        if one.row_id is not None and one.row_id not in known and is_own(one.event):
            own.setdefault(one.row_id, []).append(Step(at, one.event))
    unstable = {row for row, now in own.items() if _is_unstable([*steps.get(row, ()), *now])}
    told: list[Found] = []
    for one in found:
        if one.row_id in unstable:
            unstable.remove(one.row_id)
            told.append(Found(row_id=one.row_id, event=_unstable(one.event, new_id())))
        told.append(one)
    return tuple(told)


def _is_unstable(steps: Sequence[Step]) -> bool:
    """Whether a row went back often enough, and was not told as unstable for that yet."""
    if any(step.event.kind is Kind.UNSTABLE for step in steps):
        return False
    events = [step.event for step in steps]
    back = {step.at for n, step in enumerate(steps) if _goes_back(step.event, events[:n])}
    return len(back) >= UNSTABLE_AT


def _goes_back(event: Event, earlier: Sequence[Event]) -> bool:
    """Whether a row's score, a rank by its score, its flag or its presence is as it was before."""
    if of_presence(event):
        return any(of_presence(one) and one.new != event.new for one in earlier)
    flags = [one for one in earlier if of_flag(one)]
    if of_flag(event) and any(one.verified.before == event.verified.after for one in flags):
        return True
    scores = [one for one in earlier if of_score(one)]
    if not of_score(event) or not scores:
        return False
    if any(one.score.before == event.score.after for one in scores):
        return True
    turned = _rises(scores[-1]) != _rises(event) and event.rank.before != event.rank.after
    return turned and any(one.rank.before == event.rank.after for one in scores)


def _rises(event: Event) -> bool:
    change = event.score.change
    return change is not None and change > 0


def _unstable(event: Event, name: str) -> Event:
    """Return the event that a row is unstable, of one of those that made it so."""
    return Event(
        id=name,
        kind=Kind.UNSTABLE,
        contains=(Kind.UNSTABLE,),
        model=event.model,
        variant=event.variant,
        rank=event.rank,
        score=event.score,
        verified=event.verified,
        url=event.url,
    )
