"""A message in words: what it is about, a line an event, and what is known around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from bot.core.alerts.message import TEST, BoardChange, Digest, Message, Report
from bot.core.board import ModelFacts
from bot.core.events import Cause, Event, RowName, Shifted
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.render import numbers
from bot.core.render.clean import clean
from bot.core.render.digest import digest_page
from bot.core.render.first import First
from bot.core.render.spans import IT, Line, Page, Span, Spans, told_by
from bot.core.render.words.facts import WHY
from bot.core.render.words.lines import lines
from bot.core.render.words.names import Names, rows_in
from bot.core.render.words.notice import notice
from bot.core.render.words.report import report
from bot.core.render.words.shared import board_name, moment, spoken_name

_NAMED_WATCHES = 3
TEST_NOTE = "This is a test of leaderboard-bot: a made-up alert, nothing has happened."


def page(
    message: Message, facts: Mapping[str, ModelFacts], endpoint: str, zone: tzinfo = UTC
) -> Page:
    """Return the words for a message; links lead to ``endpoint``, times are those of ``zone``."""
    if isinstance(message.data, BoardChange):
        return _board_page(message.type, message.data, facts, endpoint, zone)
    if isinstance(message.data, Digest):
        return digest_page(message.data, endpoint, zone)
    if isinstance(message.data, Report):
        return report(message.data, endpoint, zone)
    return notice(message.type, message.data, endpoint, zone)


def _board_page(
    type_: str,
    change: BoardChange,
    facts: Mapping[str, ModelFacts],
    endpoint: str,
    zone: tzinfo,
) -> Page:
    head = board_name(change.board, endpoint)
    name = spoken_name(change.board, endpoint)
    moves = _moves(change)
    told = lines(
        change.board,
        change.events,
        facts,
        endpoint,
        at=change.snapshot_at,
        names=Names(rows_in(change)),
        leader=RowName(led.model, led.variant) if (led := change.leader) else None,
    )
    told += tuple(First(change, Names(rows_in(change), short=True)).crossed())
    note = TEST_NOTE if type_ == TEST else ""
    return Page(
        head=head,
        summary=f"{'Test alert. ' if note else ''}{_summary(name, told)}",
        note=note,
        lines=told,
        url=links.board_url(endpoint, change.board.shown),
        why=_why(told),
        footer=_footer(change, moves, zone),
    )


def _summary(board: str, told: tuple[Line, ...]) -> str:
    if not told:
        return f"{board} has changed."
    others = told_by(told[1:])
    more = f" {numbers.plural(others, 'more change')}." if others else ""
    first = told[0]
    if first.subject == IT:
        return f"{board}{first.predicate}.{more}"
    about = "" if first.of_board else f"{board}: "
    return f"{about}{first.sentence}.{more}"


def _why(told: tuple[Line, ...]) -> str | None:
    """Return where the event of the first line is told whole; None where that is not known."""
    details = told[0].details if told else ()
    return next((span.url for (span, *_) in details if span.text == WHY), None)


def _moves(change: BoardChange) -> str:
    """Return how many rows others moved; "" where a line lets see it, or all is another."""
    if _is_another(change):
        return ""
    pushing = [event for event in change.events if event.pushed_down]
    moving = pushing or [event for event in change.events if event.cause != Cause()]
    moved = change.shifted
    if len(moving) == 1 and _tells(moving[0], moved):
        return ""
    passing = any(event.cause.overtook or event.cause.overtaken_by for event in moving)
    return f"{told} in all" if (told := shifted(moved)) and passing else told


def _is_another(change: BoardChange) -> bool:
    """Tell whether rows moved because the board was scored anew or exchanged: it says nothing."""
    anew = (one.kind is Kind.RECOMPUTED or one.recomputed is True for one in change.events)
    return any(anew) or any(one.turnover for one in change.events)


def _tells(event: Event, moved: Shifted) -> bool:
    """Tell whether an event's own line lets see which rows moved only because of it."""
    if event.pushed_down:
        return not moved.up and moved.down <= event.pushed_down
    passed = Shifted(len(event.cause.overtook), len(event.cause.overtaken_by))
    return moved == passed


def _footer(change: BoardChange, moves: str, zone: tzinfo) -> Spans:
    rows = change.board.rows
    watches = numbers.some([clean(watch) for watch in change.watches], _NAMED_WATCHES)
    told = (
        moves,
        numbers.plural(rows, "row") if rows is not None else "",
        "lower is better" if change.board.lower_is_better else "",
        f"{'watches' if change.watches[1:] else 'watch'} {watches}" if watches else "",
        f"part {change.part} of {change.parts}" if change.parts > 1 else "",
        f"{change.muted:,} more muted" if change.muted else "",
    )
    return (*(Span(text) for text in told if text), moment(change.snapshot_at, zone))


def shifted(moved: Shifted) -> str:
    """Return ``12 moved down, 1 up``; "" where nothing moved."""
    if not moved.down:
        return f"{moved.up:,} moved up" if moved.up else ""
    return f"{moved.down:,} moved down" + (f", {moved.up:,} up" if moved.up else "")
