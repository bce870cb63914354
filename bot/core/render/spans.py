"""What a message in words is made of: a page of lines, a line of spans; all harmless to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct


class Span(Struct, frozen=True):
    """A run of characters, with a link or in bold type; ``at`` is the time that they write."""

    text: str
    url: str | None = None
    bold: bool = False
    at: datetime | None = None


Spans = tuple[Span, ...]


def strong(text: str) -> Span:
    """Return ``text`` in bold type."""
    return Span(text, None, True)


IT = (Span("It"),)
"""The subject of a line about the board that the page's head names."""


def plain(spans: Spans) -> str:
    """Return the characters alone."""
    return "".join(span.text for span in spans)


def joined(spans: Spans, between: str) -> Spans:
    """Return spans with a text between each and the next."""
    return tuple(one for span in spans for one in (Span(between), span))[1:]


class Line(Struct, frozen=True, kw_only=True):
    """One event in words.

    ``mark`` is a sign and, for moves, both ranks; ``emoji`` is what Slack has for the sign.
    ``subject`` and ``story`` read on after it; without it, ``moved`` between them makes them a
    sentence, and ``caveat`` ends that. ``of_board`` says that the subject is the board itself.
    ``details`` are short facts. ``count`` is how many events the line tells, ``sort`` the word for
    them where the line itself is not shown, as ``gone``; "" for none.
    """

    mark: str = ""
    emoji: str = ""
    of_board: bool = False
    subject: Spans = ()
    moved: str = ""
    story: Spans = ()
    caveat: str = ""
    details: tuple[Spans, ...] = ()
    count: int = 1
    sort: str = ""

    @property
    def sentence(self) -> str:
        """The line as a sentence, without the full stop."""
        return f"{plain(self.subject)}{self.predicate}"

    @property
    def predicate(self) -> str:
        """What the sentence says of its subject."""
        return f"{self.moved}{plain(self.story)}{self.caveat}"


class Page(Struct, frozen=True, kw_only=True):
    """All that a channel for people may show of a message.

    ``head`` names the board, ``summary`` tells the message in full sentences on one line,
    ``url`` leads to what is not shown, ``why`` to the first event on the bot's own page, ``footer``
    are short facts on the whole. ``screens`` is how many screens of a phone it may fill.
    """

    head: Spans
    summary: str
    note: str = ""
    lines: tuple[Line, ...] = ()
    url: str | None = None
    why: str | None = None
    footer: Spans = ()
    screens: int = 1


def told_by(lines: Iterable[Line]) -> int:
    """Return how many events some lines tell."""
    return sum(line.count for line in lines)


def rest(lines: Iterable[Line]) -> str:
    """Return how many events some lines tell that are not shown: ``8 more: 5 new, 3 gone``."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line.count:
            counts[line.sort] += line.count
    more = f"{counts.total():,} more"
    if "" in counts:
        return more
    if len(counts) == 1:
        return f"{more}, {'all ' * (counts.total() > 1)}{next(iter(counts))}"
    return f"{more}: {', '.join(f'{count:,} {sort}' for sort, count in counts.most_common())}"
