"""What a receiver said, short and without what must not be told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from bot.core.masking import Mask
from bot.core.render.clean import clean, shorten

LIMIT = 200
"""The most characters of an excerpt."""
HIDDEN = "[hidden]"
LOOKED_AT = 64 * 1024
"""The most characters that are looked at."""

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE)
_SHORTEST = 4
"""Shorter parts of an address are no secrets, and would hide words."""


class Excerpts:
    """Cuts excerpts of answers and errors that may quote the request back at us."""

    __slots__ = ("_mask",)

    def __init__(self, secrets: Iterable[str]) -> None:
        """Hide these secrets, and every part of those that are addresses."""
        self._mask = Mask({part for secret in secrets for part in _parts(secret)}, HIDDEN)

    def __repr__(self) -> str:
        return "Excerpts()"

    def of(self, answer: object) -> str:
        """Return the start of an answer's or error's text, on one line.

        What is masked is all that was read of the answer; only then is it cut.
        """
        text = str(answer)[:LOOKED_AT]
        if text.lstrip()[:1] == "<":
            return "a page instead of an answer"
        masked = self._mask.start(self._mask(text))
        return shorten(_URL.sub(HIDDEN, clean(masked, LOOKED_AT)), LIMIT)


def _parts(secret: str) -> set[str]:
    """Return what gives a secret away: the whole, and of an address all but a web host's name."""
    pieces = {secret, secret.removeprefix("whsec_")}
    if "://" in secret:
        scheme, _, rest = secret.partition("://")
        place, path = [*re.split(r"[/?#]", rest, maxsplit=1), ""][:2]
        account = place.rpartition("@")[0]  # as basic authentication has it
        named = account if scheme in ("http", "https") else place  # elsewhere keys are hosts
        pieces |= {rest, account, *re.split(r"[/:@?&=#;,]+", f"{named}/{path}")}
    pieces |= {unquote(piece) for piece in pieces}
    return {piece for piece in pieces if len(piece) >= _SHORTEST}
