"""The sign of life in words: what is watched, what came of it since the last, and what fails."""

from __future__ import annotations

from datetime import tzinfo

from bot.core.alerts.message import Report
from bot.core.render.numbers import plural, some
from bot.core.render.spans import Line, Page, Span, plain, strong
from bot.core.render.words.shared import board_name, moment

_NAMED_BOARDS = 3


def report(told: Report, endpoint: str, zone: tzinfo) -> Page:
    """Return the words for ``health.report``; times are those of ``zone``."""
    title = f"Still watching: {plural(told.boards, 'board')}"
    names = [board_name(board, endpoint) for board in told.failing]
    fails = _fails(len(names))
    named = f": {some([plain(name) for name in names], _NAMED_BOARDS)}" if names else ""
    sentences = [_polls(told), _found(told)]
    return Page(
        head=(strong(title),),
        summary=" ".join(f"{one}." for one in (title, *sentences, f"{fails}{named}")),
        lines=(
            *(Line(story=(Span(f"{one}."),)) for one in sentences),
            Line(story=(Span(f"{fails}{':' if names else '.'}"),)),
            *(Line(mark="•", subject=name) for name in names),
        ),
        footer=(moment(told.since, zone), moment(told.until, zone)),
    )


def _polls(told: Report) -> str:
    """Return how many polls there were: ``96 polls, none late``."""
    if not told.polls:
        return "No poll has succeeded"
    late = f"{told.late:,}" if told.late else "none"
    return f"{plural(told.polls, 'poll')}, {late} late"


def _found(told: Report) -> str:
    """Return what was found and told: ``12 events found, 3 alerts sent``."""
    events = plural(told.events, "event") if told.events else "Nothing"
    alerts = plural(told.alerts, "alert") if told.alerts else "nothing"
    return f"{events} found, {alerts} sent"


def _fails(boards: int) -> str:
    if not boards:
        return "No board fails"
    return f"{plural(boards, 'board fails', 'boards fail')}"
