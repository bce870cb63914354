"""The forms that services read: plain text, Markdown, HTML. Strangers' text is inert in each."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from msgspec import Struct

from bot.core.render.spans import Span, Spans

_LOOKALIKES = str.maketrans(
    {
        "@": "\N{FULLWIDTH COMMERCIAL AT}",
        "[": "\N{FULLWIDTH LEFT SQUARE BRACKET}",
        "]": "\N{FULLWIDTH RIGHT SQUARE BRACKET}",
        "*": "\N{ASTERISK OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "~": "\N{TILDE OPERATOR}",
        "|": "\N{DIVIDES}",
    }
)
"""Services read these as mentions or markup; a look-alike says the same to people."""

_ANGLES = str.maketrans({"<": "\u2039", ">": "\u203a"})
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_EDGE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_TAG = re.compile(r"#(?=\w)(?!\d)")


class Form(Struct, frozen=True, kw_only=True):
    """How a service reads a text.

    ``write`` makes a run of characters stand for itself. ``link`` and ``bold`` take what is
    written already; without ``link``, addresses follow the text. ``end`` is between two lines.
    """

    write: Callable[[str], str]
    link: Callable[[str, str], str] | None = None
    bold: Callable[[str], str] = str
    end: str = "\n"
    links_rows: bool = False

    def heading(self, title: str) -> str:
        """Return a plain title as it stands in a body."""
        return self.write(title) if self.links_rows else title

    def subject(self, title: str) -> str:
        """Return a plain title as it stands beside a body."""
        return title if self.links_rows else self.write(title)

    def spans(self, spans: Spans) -> str:
        """Return pieces of a line, linked and bold where the form has that in lines."""
        return "".join(map(self._span, spans)) if self.links_rows else self.plain(spans)

    def plain(self, spans: Spans) -> str:
        """Return the characters alone."""
        return self.write("".join(span.text for span in spans))

    def address(self, url: str) -> str:
        """Return an address of ours, whole."""
        return self.link(self.write(url.partition("://")[2]), url) if self.link else url

    def _span(self, span: Span) -> str:
        written = self.write(span.text)
        written = self.bold(written) if span.bold else written
        return self.link(written, span.url) if self.link and span.url else written


def disarm(text: str) -> str:
    """Return a text that mentions nobody and is no Markdown, with look-alikes; one a character.

    Angle brackets stay, and addresses are no links any more.
    """
    text = _ADDRESS.sub(lambda found: "\u2236" if found[0] == ":" else "\u2024", text)
    text = _TAG.sub("\N{FULLWIDTH NUMBER SIGN}", text)
    return _EDGE.sub("\N{FULLWIDTH LOW LINE}", text).translate(_LOOKALIKES)


def _disarm_all(text: str) -> str:
    return disarm(text).translate(_ANGLES)


def _hypertext(text: str) -> str:
    text = _ADDRESS.sub(lambda found: "\u2236" if found[0] == ":" else "\u2024", text)
    return escape(text.replace("@", "\N{FULLWIDTH COMMERCIAL AT}"))


AS_IT_IS = Form(write=str)
"""For terminals."""

TEXT = Form(write=_disarm_all)
"""For services that show text; many of them read Markdown all the same."""

MARKDOWN = Form(write=_disarm_all, link=lambda text, url: f"[{text}]({url})", end="  \n")
"""Backslashes are shown by some dialects, so there are none."""

HTML = Form(
    write=_hypertext,
    link=lambda text, url: f'<a href="{escape(url)}">{text}</a>',
    bold=lambda text: f"<b>{text}</b>",
    end="<br>\n",
    links_rows=True,
)
