"""Phrases that several kinds of events share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from decimal import Decimal

from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.board import Source
from bot.core.events import CAUSE_LIMIT, Event, RowName
from bot.core.names import links
from bot.core.render import numbers
from bot.core.render.clean import NOTE_LIMIT, clean, clean_whole, seen
from bot.core.render.spans import Span, Spans, plain, strong
from bot.core.render.words.around import Around
from bot.core.render.words.names import NAMED_CAUSES


def listed(lead: str, rows: tuple[RowName, ...], name: Callable[[RowName], str]) -> str:
    """Return ``lead`` and the rows, as ``A``, ``A and B`` or ``A, B and 3 more``; "" for none."""
    if not rows:
        return ""
    if len(rows) > NAMED_CAUSES:
        known = "+" if len(rows) >= CAUSE_LIMIT else ""
        return f"{lead}{name(rows[0])}, {name(rows[1])} and {len(rows) - 2}{known} more"
    *first, last = map(name, rows)
    return f"{lead}{', '.join(first)} and {last}" if first else f"{lead}{last}"


def score(event: Event, known: Around) -> Spans:
    """Return the score after, and how much it changed: **80.6** (+4.2)."""
    if event.score.after is None:
        return (Span("no score"),)
    change = event.score.change
    changed = (Span(f" ({known.delta(change)})"),) if change else ()
    return (strong(known.number(event.score.after)), *changed)


def standing(event: Event, known: Around) -> Spans:
    """Return the score and the place after: **79** at #3."""
    return (*score(event, known), Span(at(event)))


def at(event: Event) -> str:
    """Return `` at #3``."""
    return f" at #{event.rank.after}" if event.rank.after is not None else ""


def ahead(event: Event, known: Around) -> str:
    """Return how far a leader is ahead of the second, which is named where it led not before."""
    if event.margin is None:
        return ""
    second, before = event.second or None, event.previous_leader
    named = known.names(RowName(second.model, second.variant)) if second else "the second"
    if not event.margin:
        return f", level with {named}"
    led = second and before and (second.model, second.variant) == (before.model, before.variant)
    return f", {known.number(event.margin)} ahead{'' if led else f' of {named}'}"


def behind(event: Event, known: Around) -> str:
    """Return how far a row is behind the leader, and with whom it is level.

    One that is first by order alone leads not yet.
    """
    if event.gap is None:
        return ""
    if not event.gap:
        return drew_level(event, known) or _level_first(event)
    if not known.distances:
        return drew_level(event, known)
    return f"{drew_level(event, known)}, {behind_leader(event.gap, known)}"


def behind_leader(gap: Decimal, known: Around) -> str:
    """Return ``4.2 behind`` with the leader's name, where that is known."""
    named = known.names(known.leader) if known.leader else "the leader"
    return f"{known.number(gap)} behind {named}"


def drew_level(event: Event, known: Around) -> str:
    """Return with whom a row is level that came to its score; "" where it is with nobody."""
    others = event.level_with or ()
    if not others:
        return ""
    named = f"{known.names(others[0])}{' and others' * bool(others[1:])}"
    if event.gap == 0:
        return f"{_level_first(event)}{' with' * (event.rank.after == 1)} {named}"
    return f", level with {named}"


def _level_first(event: Event) -> str:
    return ", sharing the lead" if event.rank.after == 1 else ", level with the leader"


def board_name(board: BoardInfo, endpoint: str) -> Spans:
    """Return what a board is called: the benchmark's own name, if it has one, then the board's."""
    key = board.shown
    label, own = clean_whole(key.label) or "(unnamed)", clean(board.name or "")
    url = links.board_url(endpoint, key)
    if not own or own == label:
        return (Span(label, url, True),)
    return (Span(own, url, True), Span(f" · {label}"))


def spoken_name(board: BoardInfo, endpoint: str) -> str:
    """Return what a sentence calls a board: by its name alone where the own one is that respelt."""
    own, tail = board.name or "", board.benchmark.rpartition("/")[2]
    if _letters(own) == _letters(tail):
        board = replace(board, name=None)
    return plain(board_name(board, endpoint))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def moment(at: datetime, zone: tzinfo) -> Span:
    """Return a time as a text that knows which time it writes."""
    return Span(numbers.minute(at, zone), at=at)


def turned(what: str, before: str | None, after: str | None) -> list[str]:
    """Return what became of a text: nothing where it is the same."""
    if before == after:
        return []
    if seen(before) == seen(after):
        return []
    cleaned = [clean_whole(text or "", NOTE_LIMIT) for text in (before, after)]
    old, new = (f"“{text}”" if text else "" for text in cleaned)
    if old == new:  # they differ where both are cut
        return [f"the {what} changed"]
    if not new:
        return [f"the {what} {old} {'were' if what == 'notes' else 'was'} taken away"]
    return [f"the {what} changed from {old} to {new}" if old else f"the {what} became {new}"]


def source_name(source: Source | None) -> str | None:
    """Return what a source is called, else its address."""
    return (source.name or source.url) if source else None
