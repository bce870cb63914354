"""``init`` and ``validate``: making a configuration, and finding out what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from bot.cli.session import Session
from bot.cli.terminal.failures import FAILED, WRONG_USAGE, complain, name_hub
from bot.cli.terminal.output import clean, how_long, say, show_table, when, write
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.alerts.watch import Known

PANEL = "Set up"
PRIVATE = 0o600
"""A configuration may hold secrets: it is its owner's alone."""

NEXT_STEPS = """\
Wrote {path}. Next:

  1. Edit it: what to watch, and where alerts go.
  2. {command} validate           checks it, and asks the Hub
  3. {command} test-channel NAME  sends a sample alert
  4. {command} run                polls and alerts until it is told to end
"""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(rich_help_panel=PANEL)(init)
    app.command(rich_help_panel=PANEL)(validate)


def init(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="Where to write it; default: ./config.toml."),
    ] = None,
) -> None:
    """Write a commented starter configuration.

    A file that is there already is never overwritten.
    """
    from bot.config import starter

    session: Session = context.obj
    target = path or session.config or Path("config.toml")
    target = target / "config.toml" if target.is_dir() else target
    try:
        made = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE)
    except FileExistsError:
        raise BotError(f"{target} is there already, and was left as it is. Name another.") from None
    except OSError as error:
        raise BotError(f"{target} cannot be written: {error.strerror}.") from None
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(starter())
    write(NEXT_STEPS.format(path=target, command=_command(target)))


def _command(target: Path) -> str:
    """Return the start of a command line that uses this configuration."""
    from bot.location import DEFAULT_NAME, VARIABLE

    found_alone = target == Path(DEFAULT_NAME) and not os.environ.get(VARIABLE)
    return "leaderboard-bot" if found_alone else f"leaderboard-bot --config {quote(str(target))}"


def validate(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only the file: ask neither the Hub nor channels.")
    ] = False,
) -> None:
    """Check the configuration.

    Tells every problem at once; then what is watched, for whom, and when it is polled next.

    Online, also what a poll would meet: unknown benchmarks, gated boards without access, channels
    that cannot be reached. Exit status 2 where the configuration is wrong, an unknown benchmark
    included; 1 where something else failed.
    """
    from bot.cli.unusable import unusable

    session: Session = context.obj
    settings = session.settings("error")
    wrong = list(unusable(settings))
    problems: Sequence[str] = ()
    known: Known | None = None
    of_hub = misnamed = False
    if not offline:
        from bot.cli.probing import probe

        found = probe(settings)
        problems, known = found.problems, found.known
        of_hub, misnamed = found.of_hub, found.misnamed
        for warning in found.warnings:
            say(f"warning: {warning}")
    _show(settings, known)
    for problem in (*wrong, *problems):
        complain(problem)
    if of_hub:
        name_hub(settings.hub.endpoint)
    if wrong or problems:
        raise typer.Exit(WRONG_USAGE if wrong or misnamed else FAILED)
    source = settings.source or "the built-in default"
    say(f"no problem found in {source}{' (nothing was asked online)' if offline else ''}")


def _show(settings: Settings, known: Known | None) -> None:
    """Write the effective watches; entries whose boards are not known stand for themselves."""
    from bot.app import now
    from bot.cli.oversights import unmet
    from bot.cli.plans import hints, other_tasks, plan, stored_knowledge
    from bot.core.render.figures import some

    stored, moment = stored_knowledge(settings), now()
    listed = known if known is not None else stored.known
    rows = [
        (
            clean(one.board),
            how_long(one.every),
            ", ".join(one.watches),
            ", ".join(one.channels),
            _next(stored.next_polls.get(one.key) if one.key else None, moment),
        )
        for one in plan(settings, listed)
    ]
    columns = ("Board", "Every", "Watches", "Channels", "Next poll")
    show_table(columns, rows, whole=("Every",))
    for benchmark, others in other_tasks(settings, listed) if listed else ():
        say(f"other tasks of {clean(benchmark)}: {some([*map(clean, others)])}")
    for sentence in unmet(settings, stored.known) if known is None and stored.known else ():
        say(f"warning: {sentence}")
    for hint in hints(settings, stored if known is None else replace(stored, models=frozenset())):
        say(f"hint: {hint}")


def _next(poll: datetime | None, now: datetime) -> str:
    return when(poll) if poll and poll > now else "at once"
