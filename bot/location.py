"""Where the configuration is, as a command line says it. Loads next to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

VARIABLE = "LEADERBOARD_BOT_CONFIG"
DEFAULT_NAME = "config.toml"

BEFORE_COMMAND = ("--config", "--log-level", "--log-format")
"""The options that stand before a command and take a value."""


def configuration(named: str | None, environ: Mapping[str, str]) -> str:
    """Return the path of the file that was named, else the variable's, else the default one.

    Whether it is there is not asked.
    """
    return named or environ.get(VARIABLE) or DEFAULT_NAME


def split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the configuration that a command line names, and its words from the command on."""
    named, words = None, [*arguments]
    while words and words[0].partition("=")[0] in BEFORE_COMMAND:
        option, equals, value = words.pop(0).partition("=")
        if not equals:
            value = words.pop(0) if words else ""
        named = value if option == "--config" else named
    return named, words
