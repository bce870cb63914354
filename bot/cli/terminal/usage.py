"""Help and usage errors in this program's words, where Typer's show how it works inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from itertools import pairwise, takewhile
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from bot.cli.session import Session
from bot.cli.terminal.output import say, whoever_reads

_TYPE = re.compile(r"^([A-Z]+) <.*>$")
_BRACES = re.compile(r"\{([A-Z]+)\}")

WORDS = "bot.words"
"""Where a context keeps what was written behind its command."""

_Formatter: Any = typer.Context.formatter_class


class Section(Enum):
    """What commands are for, in the order in which ``--help`` has it."""

    WATCH = "Watch leaderboards"
    LOOK = "Look at what is known"
    DELIVERIES = "Look after deliveries"
    SET_UP = "Set up"
    INSTALLATION = "Look after the installation"


class PlainFormatter(_Formatter):  # type: ignore[misc]  # Typer names no class to inherit from
    """Writes an argument as ``BENCHMARK``, not ``{BENCHMARK}`` or ``BENCHMARK <list[str]>``."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, _BRACES.sub(r"\1", args), prefix)

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Write a list of names and what they mean."""
        plain = [(_TYPE.sub(r"\1", name), text) for name, text in rows]
        super().write_dl(plain, *args, **options)


class Context(typer.Context):
    """What a command is called with; ``obj`` has what the options before it said."""

    formatter_class = PlainFormatter
    obj: Session


class Helpful:
    """What parses a command line; what that prints, as help, may find no reader."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read a command's arguments; ``--help`` is written at once."""
        _refuse_empty(ctx, args)
        ctx.meta[WORDS] = tuple(args)
        with whoever_reads():
            return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]
        raise typer.Exit


def _refuse_empty(ctx: Any, args: Sequence[str]) -> None:
    """Refuse what is empty, as a variable that is not set: it is no name, file or time."""
    if hasattr(ctx.command, "commands"):
        args = [*takewhile(lambda word: word not in ctx.command.commands, args)]
    for before, word in pairwise(["", *args]):
        name, is_value, value = word.partition("=")
        if not word.strip():
            ctx.fail(f"{before if before.startswith('-') else 'An argument'} is empty")
        if name.startswith("--") and is_value and not value.strip():
            ctx.fail(f"{name} is empty")


class Command(Helpful, TyperCommand):
    """A command whose help names its arguments plainly."""

    context_class = Context


class Group(Helpful, TyperGroup):
    """Commands below a command."""

    context_class = Context

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that a line names; what is none gets the names that it may mean."""
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing and not name.startswith("-"):
            ctx.fail(f"No such command: {name!r}; {self._meant(ctx, name, args[1:])}")
        return super().resolve_command(ctx, args)

    def _meant(self, ctx: Any, name: str, rest: Sequence[str]) -> str:
        from bot.cli.terminal.habits import remedy
        from bot.core.names.suggest import hint

        if name == "help" and rest:
            return f"write --help behind it: leaderboard-bot {' '.join(rest)} --help"
        if instead := remedy(" ".join(ctx.command_path.split()[1:]), [name]):
            return instead
        groups = ((group, getattr(one, "commands", {})) for group, one in self.commands.items())
        if below := [f"{group} {name}" for group, commands in groups if name in commands]:
            return f"did you mean {' or '.join(below)}?"
        known = sorted(self.list_commands(ctx))
        near = hint(name, [*known, "--help"]).removeprefix("; ")
        return near or f"allowed: {', '.join(known)}"


@contextmanager
def plain_errors() -> Iterator[None]:
    """Tell a usage error in one line of plain words, below the usage of its command."""
    try:
        yield
    except TyperException as error:
        context = getattr(error, "ctx", None)
        # Typer raises the help itself where a command is missing.
        if context is not None and error.message == context.get_help():
            raise
        if context is not None:
            option = context.help_option_names[0]
            say(f"{context.get_usage()}\nTry '{context.command_path} {option}' for help.\n")
        from bot.cli.terminal.mistakes import told

        say(f"Error: {told(error)}")
        raise typer.Exit(error.exit_code) from None
