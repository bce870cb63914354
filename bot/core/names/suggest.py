"""What people probably meant by a name that is not known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

from bot.core.errors import ConfigError
from bot.core.render.clean import inert

_SLIP = 0.8
"""The likeness above which a word is another, mistyped."""


def nearest(name: object, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the known name that is most like ``name``, whatever the case; None if none is.

    ``likeness`` goes from 0 (nothing in common) to 1 (the same).
    """
    if not isinstance(name, str):
        return None
    by_lower = {one.casefold(): one for one in sorted(known)}
    near = get_close_matches(name.casefold(), list(by_lower), n=1, cutoff=likeness)
    return by_lower[near[0]] if near else None


def is_like(word: str, other: str) -> bool:
    """Tell whether two words differ by a slip of the pen at most, and not by a number."""
    if re.sub(r"\D", "", word) != re.sub(r"\D", "", other):
        return False
    return SequenceMatcher(None, word.casefold(), other.casefold()).ratio() > _SLIP


def choose(name: object, allowed: Collection[str]) -> str:
    """Return the advice for a name that is none of ``allowed``: the nearest, or them all."""
    near = nearest(name, allowed)
    return f'did you mean "{near}"?' if near else f"allowed: {', '.join(allowed)}"


def hint(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` with the known name most like ``name``; "" if none is."""
    near = nearest(name, known, likeness=0.5)
    return f"; did you mean {inert(near)}?" if near else ""


def unknown(name: str, what: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name that stands for nothing; ``what`` says what it is not."""
    return ConfigError([f"{inert(name)}: {what}{hint(name, known)}"])
