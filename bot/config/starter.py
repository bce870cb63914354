"""The file that ``leaderboard-bot init`` writes."""

from __future__ import annotations

from importlib import resources


def starter() -> str:
    """Return a short commented configuration that loads as it is, with no environment."""
    return resources.files("bot.config").joinpath("starter.toml").read_text(encoding="utf-8")
