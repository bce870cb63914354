"""Where the configuration is. Loads next to nothing, so that ``healthcheck`` can ask."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLE = "LEADERBOARD_BOT_CONFIG"
DEFAULT_NAME = "config.toml"


def configuration(named: str | None, environ: Mapping[str, str]) -> str:
    """Return the path of the file that was named, else the variable's, else the default one.

    Whether it is there is not asked.
    """
    return named or environ.get(VARIABLE) or DEFAULT_NAME
