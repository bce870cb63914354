"""Messages as plain text, for terminals and for services that know nothing else."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from bot.core.render.clean import shorten
from bot.core.render.forms import AS_IT_IS, Form
from bot.core.render.spans import Line, Page, Spans, joined, plain, rest
from bot.core.render.words.facts import LINKS

MAX_EVENTS = 12
MAX_CHARS = 10_000
MAX_TITLE = 300
MAX_SUBJECT = 150
SEPARATOR = " · "


class Text(Struct, frozen=True):
    """A title of one line, and a body of several."""

    title: str
    body: str


def render(
    told: Page,
    *,
    max_chars: int = MAX_CHARS,
    max_title: int = MAX_TITLE,
    form: Form = AS_IT_IS,
    size: Callable[[str], int] = len,
) -> Text:
    """Return a page as a screenful of text, its body at most ``max_chars`` by ``size``.

    What does not fit is counted ("and 7 more, all new") with a link to the board. The title is
    plain.
    """
    title = shorten(form.subject(plain(told.head)), max_title)
    for count in range(min(MAX_EVENTS * told.screens, len(told.lines)), -1, -1):
        body = _body(told, count, form)
        if size(body) <= max_chars:
            return Text(title, body)
    return Text(title, _summary(told.summary, max_chars, form, size))


def as_mail(told: Page, shown: Text, form: Form) -> Text:
    """Return what ``render`` made of a page as a mail.

    Its subject, which stands in a list of mails, says what happened; its body says where.
    """
    subject = form.subject(shorten(told.summary, MAX_SUBJECT))
    return Text(subject, f"{form.spans(told.head)}{form.end}{shown.body}")


def _summary(text: str, room: int, form: Form, size: Callable[[str], int]) -> str:
    """Return as much of a text as fits once it is written."""
    lengths = (room, room // 2, room // 4, room // 8, room // 16)
    made = (form.write(shorten(text, length)) for length in lengths if length)
    return next((written for written in made if size(written) <= room), "")


def _body(told: Page, count: int, form: Form) -> str:
    parts = [form.write(told.note)] if told.note else []
    parts += [_line(line, form) for line in told.lines[:count]]
    if told.lines[count:]:
        parts.append(form.write(f"and {rest(told.lines[count:])}"))
    if told.footer:
        parts.append(form.plain(joined(told.footer, SEPARATOR)))
    if told.url:
        parts.append(form.address(told.url))
    if told.why and not form.links_rows:
        parts.append(f"{form.write('Why: ')}{form.address(told.why)}")
    return form.end.join(parts)


def _line(line: Line, form: Form) -> str:
    words = form.spans((*line.subject, *line.story))
    told = f"{form.write(line.mark)} {words}".strip()
    details = [form.spans(detail) for detail in line.details if _is_shown(detail, form)]
    return f"{told}{form.end}  {SEPARATOR.join(details)}" if details else told


def _is_shown(detail: Spans, form: Form) -> bool:
    return form.links_rows or plain(detail) not in LINKS
