"""A change in parts, each small enough for the body of a webhook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange, Digest, board_message, digest_message, encode
from bot.core.events import Cause, Event, RowName
from bot.core.render.clean import shorten

MAX_BODY = 20_000
"""Standard Webhooks: a body is smaller than 20 kB."""

_MOST_MUTED = 1_000_000_000
"""What is muted is counted when a body is stored: it has room for so many."""

_HEADS = ((20, 100), (5, 40))
"""How many watches are kept, and how much of each name, where these alone fill a body."""

_MAX_URL = 1_000


class _Cut(Struct, frozen=True):
    """How much of an event is kept where all of it is too large for one body."""

    text: int
    url: int
    causes: int
    watches: int


EVENTS_A_PART = 20
"""Bodies of a change in parts hold so many events each where that can be had by short causes."""

_NAMED = (30, 10, 3, 1)
"""How many rows a list of a cause names where the change comes in parts: as many as can be."""

_CUTS = (_Cut(1_000, 2_000, 50, 100), _Cut(200, 1_000, 10, 20), _Cut(40, 300, 2, 2))


def parts(change: BoardChange, most: int = MAX_BODY) -> tuple[BoardChange, ...]:
    """Return a change in parts of which each makes a body of fewer than ``most`` bytes.

    Every event is in exactly one, in order; all else is in each. Where many rows passed each other
    their causes would fill all bodies: those of a change in parts name fewer rows. An event that
    no body could hold has its long texts shortened with "…" and its lists cut.
    """
    commas = max(len(change.events) - 1, 0)
    length = _length(replace(change, events=())) + sum(len(one.json) for one in change.events)
    if length + commas < most:
        return (change,)
    numbered = replace(change, events=(), part=len(change.events), parts=len(change.events))
    for watches, longest in _HEADS:
        if _length(numbered) > most // 2:
            numbered = _head(numbered, watches, longest)
    groups = _few_groups(change.events, most - _length(numbered))
    return tuple(
        replace(numbered, events=events, part=part, parts=len(groups))
        for part, events in enumerate(groups, start=1)
    )


def digest_parts(told: Digest) -> tuple[Digest, ...]:
    """Return a digest in parts of which each makes a body of fewer than ``MAX_BODY`` bytes.

    Boards stay whole where a body can hold them; else they come in parts, as a change does.
    """
    head = len(encode(digest_message(replace(told, boards=(), muted=_MOST_MUTED))))
    groups: list[list[BoardChange]] = [[]]
    left = MAX_BODY - head
    for board in told.boards:
        for part in parts(board, MAX_BODY - head):
            needed = _length(part) + 1  # the comma
            if needed > left and groups[-1]:
                groups.append([])
                left = MAX_BODY - head
            groups[-1].append(part)
            left -= needed
    return tuple(replace(told, boards=tuple(group)) for group in groups)


def _length(change: BoardChange) -> int:
    """Return how many bytes the body of a change has."""
    return len(encode(board_message(replace(change, muted=_MOST_MUTED))))


def _head(change: BoardChange, watches: int, length: int) -> BoardChange:
    """Return the change with few watches, and with no name longer than ``length``."""
    board = change.board
    return replace(
        change,
        watches=tuple(shorten(watch, length) for watch in change.watches[:watches]),
        board=replace(
            board,
            benchmark=shorten(board.benchmark, length),
            name=shorten(board.name, length) if board.name else board.name,
            task=shorten(board.task, length) if board.task else board.task,
            url=board.url if board.url and len(board.url) <= _MAX_URL else None,
        ),
    )


def _few_groups(events: tuple[Event, ...], room: int) -> list[tuple[Event, ...]]:
    """Return the events in groups that fit into a body each, their causes cut where it helps."""
    enough = -(-len(events) // EVENTS_A_PART)
    groups = _groups(events, room)
    for named in _NAMED:
        if len(groups) <= enough:
            return groups
        groups = _groups(tuple(_short_cause(event, named) for event in events), room)
    if len(groups) <= enough:
        return groups
    return _groups(tuple(_short_cause(event, 1, related=0) for event in events), room)


def _short_cause(event: Event, named: int, related: int | None = None) -> Event:
    """Return the event with at most so many names in each list, and no more told than of these."""
    lists = [getattr(event.cause, name)[:named] for name in event.cause.__struct_fields__]
    kept = {name for names in lists for name in names}
    told = tuple(one for one in event.related if RowName(one.model, one.variant) in kept)
    return replace(event, cause=Cause(*lists), related=told[:related])


def _groups(events: tuple[Event, ...], room: int) -> list[tuple[Event, ...]]:
    groups: list[list[Event]] = [[]]
    left = room
    for event in events:
        fitting = _fitted(event, room)
        needed = len(fitting.json) + 1  # the comma
        if needed > left and groups[-1]:
            groups.append([])
            left = room
        groups[-1].append(fitting)
        left -= needed
    return [tuple(group) for group in groups]


def _fitted(event: Event, room: int) -> Event:
    """Return the event, cut no more than needed to be smaller than ``room``."""
    cuts = iter(_CUTS)
    fitting = event
    while len(fitting.json) + 1 > room and (cut := next(cuts, None)):
        fitting = msgspec.convert(_cut(_builtins(event), cut), Event)
    return fitting


def _builtins(event: Event) -> Any:
    return msgspec.to_builtins(event, builtin_types=(Decimal,))


def _cut(value: Any, cut: _Cut, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _cut(part, cut, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        kept = cut.watches if name == "watches" else cut.causes
        limit = len(value) if name == "contains" else kept
        return [_cut(part, cut) for part in value[:limit]]
    if not isinstance(value, str):
        return value
    if name in ("url", "page"):  # half an address leads nowhere
        return value if len(value) <= cut.url else None
    return shorten(value, cut.text)
