"""Messages as plain text, for terminals and for services that know nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bot.core.message import Message
from bot.core.model import ModelFacts
from bot.core.render.clean import shorten
from bot.core.render.details import RESULT_FILE
from bot.core.render.lines import Line
from bot.core.render.page import Page, page
from bot.core.render.spans import plain

MAX_EVENTS = 12
MAX_CHARS = 10_000
MAX_TITLE = 300
SEPARATOR = " · "


class Text(Struct, frozen=True):
    """A title of one line, and a body of several."""

    title: str
    body: str


def render(
    message: Message,
    facts: Mapping[str, ModelFacts],
    endpoint: str,
    *,
    max_chars: int = MAX_CHARS,
) -> Text:
    """Return a message as a screenful of text, at most ``max_chars`` long in its body.

    What does not fit is counted ("and 7 more") with a link to the board.
    """
    told = page(message, facts, endpoint)
    title = shorten(plain(told.head), MAX_TITLE)
    for count in range(min(MAX_EVENTS, len(told.lines)), -1, -1):
        body = _body(told, count)
        if len(body) <= max_chars:
            return Text(title, body)
    return Text(title, shorten(told.summary, max_chars))


def _body(told: Page, count: int) -> str:
    rest = len(told.lines) - count
    parts = [told.note] if told.note else []
    parts += [_line(line) for line in told.lines[:count]]
    if rest:
        parts.append(f"and {rest:,} more")
    if told.footer:
        parts.append(SEPARATOR.join(told.footer))
    if told.url:
        parts.append(told.url)
    return "\n".join(parts)


def _line(line: Line) -> str:
    told = f"{line.mark} {plain(line.subject)}{plain(line.story)}".strip()
    details = [plain(detail) for detail in line.details]
    shown = SEPARATOR.join(detail for detail in details if detail != RESULT_FILE)
    return f"{told}\n  {shown}" if shown else told
