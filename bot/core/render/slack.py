"""Messages as Slack's Block Kit.

Strangers' text stands only in rich_text elements and plain_text objects, where Slack reads no
markup and no mention. The top-level ``text`` is escaped and posted with ``mrkdwn`` off; others that
take Slack's form read it alone, as Markdown, so it is inert as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct

from bot.core.alerts.message import Message
from bot.core.board import ModelFacts
from bot.core.render import text as plain_text
from bot.core.render.clean import shorten
from bot.core.render.forms import Form, disarm
from bot.core.render.page import page
from bot.core.render.spans import Line, Page, Span, Spans, joined, plain, rest

MAX_TEXT = 4_000
MAX_ELEMENT = 3_000
MAX_LINK = 1_000
MAX_CHARS = 12_000
"""Over all blocks as they are sent; Slack is known to refuse some 13,200 of what is not known."""
MAX_EVENTS = 10
_DISARMED = Form(write=disarm)
_MARGIN = 40
"""For the words that say how many more there are."""
_LOCAL = "{date_short_pretty} at {time}"
"""A time as Slack writes it where its reader is: "today at 10:00"."""


Json = dict[str, Any]


class SlackPayload(Struct, frozen=True, kw_only=True):
    """What is posted: ``text`` for notifications, ``blocks`` to look at.

    ``plain`` stands for both where Slack refuses the blocks. ``metadata`` carries the delivery's
    id, so that a message whose arrival is in doubt can be found again.
    """

    text: str
    blocks: tuple[Json, ...]
    plain: str
    metadata: Json


def render(
    message: Message,
    facts: Mapping[str, ModelFacts],
    endpoint: str,
    delivery_id: str,
    zone: tzinfo = UTC,
) -> SlackPayload:
    """Return a message as at most a screenful of blocks, within all of Slack's limits.

    Blocks show each reader their own local times; what has none reads those of ``zone``.
    """
    told = page(message, facts, endpoint, zone)
    body = plain_text.render(told, max_chars=MAX_TEXT // 2, form=_DISARMED)
    return SlackPayload(
        text=escape(disarm(told.summary), MAX_TEXT),
        blocks=tuple(_blocks(told)),
        plain=escape(f"{body.title}\n{body.body}", MAX_TEXT),
        metadata={
            "event_type": message.type.replace(".", "_"),
            "event_payload": {"delivery_id": delivery_id},
        },
    )


def escape(text: str, limit: int) -> str:
    """Return ``text`` with ``&``, ``<``, ``>`` escaped, cut so that the result fits ``limit``."""
    rooms = (limit, limit - limit // 5, limit // 2, limit // 5)  # "&" becomes five characters
    made = (_escaped(shorten(text, room)) for room in rooms)
    return next(escaped for escaped in made if len(escaped) <= limit)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(blocks: Sequence[Json]) -> int:
    """Count the characters of blocks as they are sent."""
    return len(json.dumps(list(blocks)))


def _blocks(told: Page) -> list[Json]:
    above = [_rich(told.head)]
    if told.note:
        above.append(_context([_plain(told.note)]))
    below = [_context(_footer(told.footer))] if told.footer else []
    most = told.lines[: MAX_EVENTS * told.screens]
    shown = _fitting(most, MAX_CHARS - size([*above, _rest(told, ()), *below]))
    more = [_rest(told, shown)] if len(shown) < len(told.lines) else []
    return [*above, *shown, *more, *below]


def _rest(told: Page, shown: Sequence[Json]) -> Json:
    """Return how much more there is than the lines that are shown, with a link to the board."""
    words = Span("and " if shown else "")
    return _rich((words, Span(rest(told.lines[len(shown) :]), told.url)))


def _fitting(lines: tuple[Line, ...], room: int) -> list[Json]:
    shown: list[Json] = []
    for line in lines:
        block = _line(line)
        room -= size([block])
        if room < _MARGIN:
            break
        shown.append(block)
    return shown


def _line(line: Line) -> Json:
    mark: list[Json] = [{"type": "emoji", "name": line.emoji}] if line.emoji else []
    moved = line.mark[1:] if line.emoji else line.mark
    spans = (Span(f"{moved} " if line.mark else ""), *line.subject, *line.story)
    details = (Span("\n"), *_joined(line.details)) if line.details else ()
    return _rich((*spans, *details), mark)


def _joined(details: tuple[Spans, ...]) -> Spans:
    spans: list[Span] = []
    for detail in details:
        spans += [Span(plain_text.SEPARATOR)] if spans else []
        spans += detail
    return tuple(spans)


def _rich(spans: Spans, before: list[Json] | None = None) -> Json:
    elements = [_element(span) for span in spans if span.text]
    section = {"type": "rich_text_section", "elements": [*(before or ()), *elements]}
    return {"type": "rich_text", "elements": [section]}


def _element(span: Span) -> Json:
    if span.at:
        when = {"timestamp": int(span.at.timestamp()), "format": _LOCAL}
        return {"type": "date", **when, "fallback": span.text}
    element: Json = {"type": "text", "text": shorten(span.text, MAX_ELEMENT)}
    if span.url and len(span.url) <= MAX_LINK:
        element = {"type": "link", "url": span.url, "text": element["text"]}
    if span.bold:
        element["style"] = {"bold": True}
    return element


def _footer(facts: Spans) -> list[Json]:
    """Return the elements of a footer: text, and from when to when, in times of Slack's own."""
    texts = [span for span in facts if span.at is None]
    written = [_time(span.text, span.at) for span in facts if span.at is not None]
    times = [{"type": "mrkdwn", "text": " – ".join(written)}] if written else []  # noqa: RUF001
    end = plain_text.SEPARATOR if texts and times else ""
    told = f"{plain(joined(tuple(texts), plain_text.SEPARATOR))}{end}".rstrip()
    return [_plain(told), *times] if told else times


def _time(written: str, at: datetime) -> str:
    """Return a time of which Slack makes the reader's; nothing in it is a stranger's."""
    return f"<!date^{int(at.timestamp())}^{_LOCAL}|{written}>"


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": shorten(text, MAX_ELEMENT), "emoji": False}


def _context(elements: list[Json]) -> Json:
    return {"type": "context", "elements": elements}
