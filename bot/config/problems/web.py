"""What of the page's table does not agree: who could reach it, and what they would need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.problems.problem import KeyPath, Problem
from bot.core.names.hosts import listen

SHORTEST_TOKEN = 16
_TOKEN: KeyPath = ("web", "token")
_ADVICE = 'write token = "env:WEB_TOKEN", and make one: openssl rand -hex 24'


def disagreements(table: Mapping[str, Any], default: str) -> Iterator[Problem]:
    """Yield why a page may not be opened so; ``default`` is where it listens unless it is said."""
    place, token = listen(str(table.get("listen", default))), table.get("token")
    reached = place is not None and not place.is_loopback
    if token is None and reached:
        yield Problem(
            _TOKEN, f"missing: others can reach {place}, and would see everything", _ADVICE
        )
    elif token is None and table.get("public") is True:
        text = "missing: public = true opens a part, and the rest needs a token"
        yield Problem(_TOKEN, text, _ADVICE)
    elif reached and isinstance(token, str) and 0 < len(token.strip()) < SHORTEST_TOKEN:
        text = f"is too short where others can reach the page: at least {SHORTEST_TOKEN} characters"
        yield Problem(_TOKEN, text, "make one: openssl rand -hex 24")
