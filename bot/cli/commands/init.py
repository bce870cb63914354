"""``init``: a configuration to begin with."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from bot.cli.terminal.output import write
from bot.cli.terminal.usage import Context, Section
from bot.core.errors import BotError, UnwritableError

SECTION, PLACE = Section.SET_UP, 1

PRIVATE = 0o600
"""A configuration may hold secrets: it is its owner's alone."""

NEXT_STEPS = """\
Wrote {path}. Next:

  1. Edit it: what to watch, and where alerts go.
  2. {command} validate           checks it, and asks the Hub
  3. {command} test-channel NAME  sends a sample alert
  4. {command} run                polls and alerts until it is told to end
"""


def init(
    context: Context,
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="Where to write it; default: ./config.toml."),
    ] = None,
) -> None:
    """Write a commented starter configuration.

    A file that is there already is never overwritten.
    """
    from bot.config import starter

    target = path or context.obj.config or Path("config.toml")
    target = target / "config.toml" if target.is_dir() else target
    try:
        made = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)
    except FileExistsError:
        raise BotError(f"{target} is there already, and was left as it is. Name another.") from None
    except OSError as error:
        raise UnwritableError(target, error) from None
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(starter())
    write(NEXT_STEPS.format(path=target, command=_command(target)))


def _command(target: Path) -> str:
    """Return the start of a command line that uses this configuration."""
    from bot.location import DEFAULT_NAME, VARIABLE

    found_alone = target == Path(DEFAULT_NAME) and not os.environ.get(VARIABLE)
    return "leaderboard-bot" if found_alone else f"leaderboard-bot --config {quote(str(target))}"
