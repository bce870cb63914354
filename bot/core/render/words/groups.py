"""Which events of a message are one line: rows that the same others moved, a board exchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable

from bot.core.events import Cause, Event
from bot.core.kinds import Kind
from bot.core.render.words.around import Around
from bot.core.render.words.places import fell, lost_lead

FEW = 3
"""So many rows that left or came as the board was exchanged are told one by one."""


def grouped(events: Iterable[Event], known: Around) -> list[tuple[Event, ...]]:
    """Return the events in their order, those of one cause together where the first stands.

    So are a row that came and the one that is gone of which it is perhaps the new name.
    """
    told = tuple(events)
    exchanged = is_exchanged(told)
    heirs = {} if exchanged else _heirs(told)
    groups: list[list[Event]] = []
    places: dict[Hashable, list[Event]] = {}
    for event in told:
        turnover = exchanged and bool(event.turnover)
        heir = heirs.get(event.id)
        if not heir and not turnover and not _is_told_together(event, known):
            groups.append([event])
            continue
        key = heir or turnover or (fell(event), event.cause)
        if key in places:
            places[key].append(event)
        else:
            groups.append([event])
            places[key] = groups[-1]
    return [tuple(group) for group in groups]


def is_exchanged(events: Iterable[Event]) -> bool:
    """Tell whether rows left and came as the board was exchanged, which is told in one line."""
    return sum(bool(event.turnover) for event in events) > FEW


def _heirs(events: Iterable[Event]) -> dict[str, str]:
    """Return the id of a newcomer for it, and for the row of which it is perhaps the new name."""
    came: defaultdict[str, list[Event]] = defaultdict(list)
    gone: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind is Kind.NEW_ENTRY or event.perhaps_renamed:
            came[event.model or ""].append(event)
        elif event.kind is Kind.REMOVED and event.perhaps_renamed_to:
            gone[event.perhaps_renamed_to].append(event)
    pairs = [(came[model], some) for model, some in gone.items()]
    alone = [(new[0], old[0]) for new, old in pairs if len(new) == len(old) == 1]
    return {event.id: new.id for new, old in alone for event in (new, old)}


def _is_told_together(event: Event, known: Around) -> bool:
    """Tell whether a row was only moved by others, all of which are known, and did not lead."""
    has_cause = event.cause != Cause()
    return event.kind is Kind.RANK_SHIFT and has_cause and not lost_lead(event, known)
