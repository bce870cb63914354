"""What a receiver said, short and without what must not be told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from bot.core.render.clean import clean
from bot.core.secret import shapes

LIMIT = 200
"""The most characters of an excerpt."""
HIDDEN = "[hidden]"

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE)
_SHORTEST = 4
"""Shorter parts of an address are no secrets, and would hide words."""


class Excerpts:
    """Cuts excerpts of answers and errors that may quote the request back at us."""

    __slots__ = ("_hidden",)

    def __init__(self, secrets: Iterable[str]) -> None:
        """Hide these secrets, and every part of those that are addresses."""
        hidden = {part for secret in secrets for part in _parts(secret)}
        self._hidden = sorted(hidden, key=len, reverse=True)

    def __repr__(self) -> str:
        return "Excerpts()"

    def of(self, answer: object) -> str:
        """Return the start of an answer's or error's text, on one line."""
        text = str(answer)[: 20 * LIMIT]
        if text.lstrip()[:1] == "<":
            return "a page instead of an answer"
        text = _URL.sub(HIDDEN, text)
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        return clean(text, LIMIT)


def _parts(secret: str) -> set[str]:
    pieces = {secret}
    if "://" in secret:
        scheme, _, rest = secret.partition("://")
        pieces |= {rest, *re.split(r"[/:@?&=#;,]+", rest)} - {scheme}
        pieces.add(rest.partition("/")[0].rpartition("@")[0])  # as basic authentication has it
    pieces.add(secret.removeprefix("whsec_"))
    pieces |= {unquote(piece) for piece in pieces}
    found = {piece for piece in pieces if len(piece) >= _SHORTEST}
    return {shape for piece in found for shape in shapes(piece)}
