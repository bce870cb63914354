"""Pieces of a line of text, some of them links; all of it already harmless to show."""

from __future__ import annotations

from msgspec import Struct


class Span(Struct, frozen=True):
    """A run of characters, with a link or in bold type."""

    text: str
    url: str | None = None
    bold: bool = False


Spans = tuple[Span, ...]


def strong(text: str) -> Span:
    """Return ``text`` in bold type."""
    return Span(text, None, True)


def plain(spans: Spans) -> str:
    """Return the characters alone."""
    return "".join(span.text for span in spans)
