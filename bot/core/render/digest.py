"""A digest in words: the boards one after another, each with a line an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from bot.core.alerts.message import BoardChange, Digest
from bot.core.board import ModelFacts
from bot.core.names import links
from bot.core.render.numbers import plural
from bot.core.render.spans import IT, Line, Page, Span
from bot.core.render.words.lines import lines
from bot.core.render.words.shared import board_name, moment, spoken_name


def digest_page(told: Digest, facts: Mapping[str, ModelFacts], endpoint: str, zone: tzinfo) -> Page:
    """Return the words for a digest; times are those of ``zone``."""
    by_board = [(one, _lines(one, facts, endpoint)) for one in told.boards]
    changes = plural(sum(len(board.events) for board in told.boards), "change")
    head = f"{changes} on {plural(len(told.boards), 'board')}"
    muted = told.muted or 0
    only = told.boards[0] if len(told.boards) == 1 else None
    return Page(
        head=(Span(head),),
        summary=f"{head}.{_first(*by_board[0], endpoint)}" if by_board else f"{head}.",
        lines=tuple(
            line
            for board, some in by_board
            for line in (Line(subject=board_name(board.board, endpoint), count=0), *some)
        ),
        url=links.board_url(endpoint, only.board.shown) if only else None,
        footer=(
            *((Span(f"{muted:,} more muted"),) if muted else ()),
            moment(told.since, zone),
            moment(told.until, zone),
        ),
    )


def _lines(change: BoardChange, facts: Mapping[str, ModelFacts], endpoint: str) -> tuple[Line, ...]:
    return lines(change.board, change.events, facts, endpoint, at=change.snapshot_at)


def _first(change: BoardChange, told: tuple[Line, ...], endpoint: str) -> str:
    """Return what happened first as a sentence that says on which board."""
    if not told:
        return ""
    line, name = told[0], spoken_name(change.board, endpoint)
    if line.subject == IT:
        return f" {name}{line.predicate}."
    return f" {line.sentence}." if line.of_board else f" {name}: {line.sentence}."
