"""What an event tells of a row: that it came or went, its score, its flag."""

from __future__ import annotations

from bot.core.events import Event
from bot.core.kinds import Kind

FLAGS = frozenset({Kind.VERIFIED, Kind.UNVERIFIED})


def of_presence(event: Event) -> bool:
    """Whether the row came or went."""
    return event.new or event.kind is Kind.REMOVED


def of_score(event: Event) -> bool:
    """Whether an event tells that a row has another score; one of the flag alone does not."""
    before, after = event.score.before, event.score.after
    other = FLAGS.issuperset(event.contains) or event.kind is Kind.UNSTABLE
    return not event.new and not other and after is not None and after != before


def of_flag(event: Event) -> bool:
    """Whether an event tells that a row's flag turned."""
    return not FLAGS.isdisjoint(event.contains) and not event.new


def is_own(event: Event) -> bool:
    """Whether something happened to the row itself, and not only to others or to the board."""
    if event.model is None or event.recomputed is True:
        return False
    return of_presence(event) or of_score(event) or of_flag(event)
