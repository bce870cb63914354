"""Names that people give and that stand for nothing."""

from __future__ import annotations

from bot.core.errors import ConfigError
from bot.core.names.suggest import hint
from bot.core.render.clean import inert


def unknown(name: str, what: str, known: set[str]) -> ConfigError:
    """Return the error for a name that stands for nothing."""
    return ConfigError([f"{inert(name)}: {what}{hint(name, known)}"])
