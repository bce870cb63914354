"""Which events of a message are one line: rows that the same others moved, a board exchanged."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from bot.core.events import Cause, Event
from bot.core.kinds import Kind
from bot.core.render.words.around import Around
from bot.core.render.words.places import fell, lost_lead

FEW = 3
"""So many rows that left or came as the board was exchanged are told one by one."""


def grouped(events: Iterable[Event], known: Around) -> list[tuple[Event, ...]]:
    """Return the events in their order, those of one cause together where the first stands."""
    told = tuple(events)
    exchanged = sum(bool(event.turnover) for event in told) > FEW
    groups: list[list[Event]] = []
    places: dict[Hashable, list[Event]] = {}
    for event in told:
        turnover = exchanged and bool(event.turnover)
        if not turnover and not _is_told_together(event, known):
            groups.append([event])
            continue
        key = turnover or (fell(event), event.cause)
        if key in places:
            places[key].append(event)
        else:
            groups.append([event])
            places[key] = groups[-1]
    return [tuple(group) for group in groups]


def _is_told_together(event: Event, known: Around) -> bool:
    """Tell whether a row was only moved by others, all of which are known, and did not lead."""
    has_cause = event.cause != Cause()
    return event.kind is Kind.RANK_SHIFT and has_cause and not lost_lead(event, known)
