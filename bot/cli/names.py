"""Names that people give, and what they probably meant."""

from __future__ import annotations

from difflib import get_close_matches

from bot.cli.terminal.output import clean
from bot.core.errors import ConfigError


def nearest(name: str, known: set[str]) -> str:
    """Return ``; did you mean …?`` with the nearest known name, "" where none is near."""
    by_lower = {one.casefold(): one for one in sorted(known)}
    near = get_close_matches(name.casefold(), list(by_lower), n=1, cutoff=0.5)
    return f"; did you mean {clean(by_lower[near[0]])}?" if near else ""


def unknown(name: str, what: str, known: set[str]) -> ConfigError:
    """Return the error for a name that stands for nothing."""
    return ConfigError([f"{clean(name)}: {what}{nearest(name, known)}"])
