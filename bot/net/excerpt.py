"""What a receiver said, short and without what must not be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.core.alerts.message import Delivery
from bot.core.masking import Mask
from bot.core.render.clean import clean, shorten
from bot.fields import parts

LIMIT = 200
"""The most characters of an excerpt."""
HIDDEN = "[hidden]"
UNQUOTED = "(not quoted: tried before this start, maybe with another secret)"
LOOKED_AT = 64 * 1024
"""The most characters that are looked at."""

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE)
_SHORTEST = 4
"""Shorter parts of an address are no secrets, and would hide words."""


Quote = Callable[[object], str]
"""Returns the start of an answer's or error's text, fit to be stored and shown."""


class KnownSecrets:
    """Every secret that a process has had, so that an echo of an earlier one is known as well.

    What was tried before ``since`` another process may have tried, with secrets of its own.
    """

    __slots__ = ("_secrets", "since")

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._secrets: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> frozenset[str]:
        """Remember these secrets, and return all."""
        self._secrets.update(secrets)
        return frozenset(self._secrets)


class Excerpts:
    """Cuts excerpts of answers and errors that may quote the request back at us."""

    __slots__ = ("_mask", "_since")

    def __init__(self, secrets: Iterable[str], known: KnownSecrets | None = None) -> None:
        """Hide these secrets, all that are ``known``, and every part of those that are addresses.

        Without ``known`` a process has only these, and nothing was tried before it.
        """
        hidden = known.learn(secrets) if known else secrets
        self._mask = Mask({part for secret in hidden for part in _parts(secret)}, HIDDEN)
        self._since = known.since if known else None

    def about(self, delivery: Delivery) -> Quote:
        """Return what cuts excerpts of what is answered to a delivery.

        Nothing is quoted where another process may have tried it before, with a secret that is
        not known here.
        """
        if self._since is None or delivery.created_at >= self._since:
            return self.of
        return lambda answer: UNQUOTED if str(answer) else ""

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
    """Return what gives a secret away; an address does so without its scheme, too."""
    found = parts(secret, _SHORTEST) | {secret.partition("://")[2]}
    return {part for part in found if len(part) >= _SHORTEST}
