"""Events as lines of words, the same in Slack and in plain text."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from bot.core.alerts.message import BoardInfo
from bot.core.board import BoardKey, ModelFacts
from bot.core.events import Event, RowName
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.render.clean import clean
from bot.core.render.spans import Line, Span, Spans
from bot.core.render.words.facts import details
from bot.core.render.words.wording import story


def lines(
    board: BoardInfo,
    events: tuple[Event, ...],
    facts: Mapping[str, ModelFacts],
    endpoint: str,
) -> tuple[Line, ...]:
    """Return a line an event: leaders first, then benchmarks, then by rank."""
    others = {
        RowName(event.model, event.variant): event for event in events if event.model is not None
    }
    return tuple(
        Line(
            mark=_mark(event),
            emoji=event.kind.traits.emoji,
            of_board=event.model is None,
            subject=_subject(event, board.shown, endpoint),
            moved=_moved(event),
            story=story(event, others),
            details=details(event, facts, endpoint),
        )
        for event in sorted(events, key=_place)
    )


def _place(event: Event) -> tuple[bool, bool, int]:
    rank = event.rank.after or event.rank.before or 0
    return event.kind is not Kind.NEW_LEADER, event.model is not None, rank


def _subject(event: Event, key: BoardKey, endpoint: str) -> Spans:
    if event.model is None:
        if event.task is not UNSET:
            key = BoardKey(key.benchmark, event.task, key.include_derived)
        return (Span(clean(key.label), links.board_url(endpoint, key), True),)
    name = clean(event.model) or "(unnamed)"
    variant = clean(event.variant or "")
    subject = Span(name, links.model_url(endpoint, event.model), True)
    return (subject, Span(f" ({variant})")) if variant else (subject,)


def _mark(event: Event) -> str:
    before, after = event.rank.before, event.rank.after
    mark = event.kind.traits.mark
    if not event.kind.traits.moves or before is None or after is None or before == after:
        return mark
    arrow = "▲" if after < before else "▼"
    return f"{arrow if mark == '•' else mark} {before} → {after}"


def _moved(event: Event) -> str:
    before, after = event.rank.before, event.rank.after
    if event.kind not in (Kind.RANK_CHANGE, Kind.RANK_SHIFT) or before is None or after is None:
        return ""
    if before == after:
        return f" stays at #{after}"
    return f" moved {'up' if after < before else 'down'} from #{before} to #{after}"
