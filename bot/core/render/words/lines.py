"""Events as lines of words, the same in Slack and in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey, ModelFacts
from bot.core.events import Event, RowName, Turnover
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.render.clean import clean_whole
from bot.core.render.spans import IT, Line, Span, Spans, strong
from bot.core.render.words.around import Around, around, row_of
from bot.core.render.words.by_kind import exchanged, perhaps_renamed, story
from bot.core.render.words.facts import brief, caveat, details
from bot.core.render.words.groups import grouped
from bot.core.render.words.names import NAMED_CAUSES, Names
from bot.core.render.words.places import fell, lost_lead, moved, reasons
from bot.core.render.words.sorts import sort_of

_NAMED_OWN = 5
"""How many of the models that one cause moved are named."""


def lines(
    board: BoardInfo,
    events: Sequence[Event],
    facts: Mapping[str, ModelFacts],
    endpoint: str,
    *,
    at: datetime | None = None,
    names: Names | None = None,
    leader: RowName | None = None,
    distances: bool = True,
) -> tuple[Line, ...]:
    """Return a line an event: what is of no row, then leaders, then by rank.

    Rows that the same others moved are one line, and so is a board of which most rows were
    exchanged. ``at`` is the time of the poll. ``names`` are those of the message; with short ones,
    a report's, a line says little more than its sentence. ``leader`` leads the board, where that is
    known; ``distances`` says that arrivals tell how far behind it they are.
    """
    placed = [*_level_once(sorted(events, key=_place))]
    known = around(placed, board, at=at, names=names, leader=leader)
    known = replace(known, distances=distances)
    told = []
    for group in grouped(placed, known):
        if len(group) == 1:
            line = _line(group[0], board, known, facts, endpoint)
            told.append(_shortened(line, group[0], known))
        elif turnover := group[0].turnover:
            told.append(_exchanged(turnover, group, known))
        elif new := next((e for e in group if e.kind is Kind.NEW_ENTRY or e.perhaps_renamed), None):
            line = _line(new, board, known, facts, endpoint)
            told.append(_renamed(_shortened(line, new, known), new, group, known))
        else:
            told.append(_together(group, known, endpoint))
    return tuple(told)


def _level_once(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events of which the first alone says which rows are level at a score."""
    said: set[Decimal] = set()
    for event in events:
        score = event.score.after
        if not event.level_with or score is None or not event.gap:
            yield event
            continue
        yield replace(event, level_with=UNSET) if score in said else event
        said.add(score)


def _shortened(line: Line, event: Event, known: Around) -> Line:
    return replace(line, details=brief(event, known)) if known.names.short else line


def _line(
    event: Event,
    board: BoardInfo,
    known: Around,
    facts: Mapping[str, ModelFacts],
    endpoint: str,
) -> Line:
    return Line(
        mark=_mark(event),
        emoji=event.kind.traits.emoji,
        of_board=event.model is None,
        subject=_subject(event, board, known, endpoint),
        moved=_moved(event, known),
        story=story(event, known),
        caveat=caveat(event),
        details=details(event, facts, endpoint, known),
        sort=sort_of(event.kind),
    )


def _together(group: Sequence[Event], known: Around, endpoint: str) -> Line:
    """Return the line of rows that the same others moved, the best first."""
    named = [
        (
            Span(known.names(row_of(event)), links.model_url(endpoint, event.model or "")),
            Span(f" {event.rank.before} → {event.rank.after}"),
        )
        for event in group[:_NAMED_OWN]
    ]
    more = len(group) - len(named)
    why = reasons(group[0], known, passed=True).removeprefix(",")
    verb = " moved up" if why.startswith(" after") else ""
    return Line(
        mark="▼" if fell(group[0]) else "▲",
        subject=(strong(f"{len(group)} of yours"),),
        story=(Span(f"{verb}{why}"),),
        details=(*named, (Span(f"and {more} more"),)) if more else tuple(named),
        count=len(group),
        sort=sort_of(group[0].kind),
    )


def _renamed(line: Line, new: Event, group: Sequence[Event], known: Around) -> Line:
    """Return the line of a newcomer as that of a row which perhaps has a new name."""
    if new.perhaps_renamed:
        return line  # it says so itself
    (gone,) = (event for event in group if event is not new)
    return replace(
        line,
        mark=Kind.RENAMED.traits.mark,
        emoji=Kind.RENAMED.traits.emoji,
        story=perhaps_renamed(new, gone, known),
        sort=sort_of(Kind.RENAMED),
    )


def _exchanged(turnover: Turnover, group: Sequence[Event], known: Around) -> Line:
    """Return the line of a board of which most rows were exchanged: whatever left, came, leads."""
    came = [event for event in group if event.new]
    gone = [event for event in group if event.kind is Kind.REMOVED]
    return Line(
        mark="•",
        of_board=True,
        subject=IT,
        story=exchanged(turnover, group, known),
        details=tuple(
            (Span(f"{what}: {_first(some, count, known)}"),)
            for what, some, count in (("new", came, turnover.new), ("gone", gone, turnover.gone))
            if some
        ),
    )


def _first(events: Sequence[Event], count: int, known: Around) -> str:
    """Return the first rows of events by name, and how many more there are of ``count``."""
    named = [_with_place(event, known) for event in events[:NAMED_CAUSES]]
    more = count - len(named)
    return f"{', '.join(named)}{f' and {more:,} more' if more > 0 else ''}"


def _with_place(event: Event, known: Around) -> str:
    """Return a row's name with its place, or the one that it had."""
    rank = event.rank.after or event.rank.before
    return f"{known.names(row_of(event))}{f' (#{rank})' if rank else ''}"


def _place(event: Event) -> tuple[bool, bool, int]:
    rank = event.rank.after or event.rank.before or 0
    return event.model is not None, event.kind is not Kind.NEW_LEADER, rank


def _subject(event: Event, board: BoardInfo, known: Around, endpoint: str) -> Spans:
    if event.model is None:
        if event.task is UNSET:
            return IT
        key = BoardKey(board.benchmark, event.task, board.include_derived)
        return (Span(clean_whole(key.label), links.board_url(endpoint, key), True),)
    name, variant = known.names.parts(row_of(event))
    subject = Span(name, links.model_url(endpoint, event.model), True)
    return (subject, Span(f" ({variant})")) if variant else (subject,)


def _mark(event: Event) -> str:
    before, after = event.rank.before, event.rank.after
    mark = event.kind.traits.mark
    if not event.kind.traits.moves or before is None or after is None or before == after:
        return mark
    arrow = "▼" if fell(event) else "▲"
    return f"{arrow if mark == '•' else mark} {before} → {after}"


def _moved(event: Event, known: Around) -> str:
    """Return the ranks of a line's mark as words of its sentence."""
    if lost_lead(event, known):
        return ""
    if event.kind in (Kind.RANK_CHANGE, Kind.RANK_SHIFT):
        return moved(event)
    return f"{move} and" if event.kind is Kind.SCORE_CHANGE and (move := moved(event)) else ""
