"""The program's commands put together, and the options that stand before all of them."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any

import typer

from bot import __version__
from bot.cli import commands
from bot.cli.session import Session
from bot.cli.terminal.failures import reported
from bot.cli.terminal.output import write
from bot.cli.terminal.usage import Command, Context, Group, Section, plain_errors


class Level(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Style(StrEnum):
    """How logs are written."""

    TEXT = "text"
    JSON = "json"


class Program(Group):
    """All commands; reports their failures, and lists them by what they are for."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # Typer's own Context
        """Run the command; nothing but an exit status leaves here."""
        with plain_errors(), reported(ctx.obj):
            return super().invoke(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command; ``--help`` and ``--version`` write at once."""
        ctx.obj = Session()
        with plain_errors(), reported(ctx.obj):
            return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each purpose, in the order of the commands."""
        found = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        limit = formatter.width - 6 - max(len(name) for name, _ in found)
        for section in Section:
            rows = [
                (name, command.get_short_help_str(limit))
                for name, command in found
                if getattr(command, "rich_help_panel", None) == section.value
            ]
            with formatter.section(section.value):
                formatter.write_dl(rows)


app = typer.Typer(
    cls=Program,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        write(f"leaderboard-bot {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    context: Context,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="The configuration; else $LEADERBOARD_BOT_CONFIG, else ./config.toml, else "
            "every official benchmark, told to $SLACK_WEBHOOK_URL or else on the console.",
        ),
    ] = None,
    log_level: Annotated[
        Level | None,
        typer.Option(
            case_sensitive=False, help="What is logged; default: info for run, else warning."
        ),
    ] = None,
    log_format: Annotated[
        Style, typer.Option(case_sensitive=False, help="How logs are written to standard error.")
    ] = Style.TEXT,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Tell what happened on Hugging Face leaderboards.

    Exit status: 0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted.
    Each COMMAND explains itself with --help.
    """
    session = context.obj
    session.config = config
    session.log_level = log_level.value if log_level else None
    session.log_format = log_format.value
    session.set_up_log()


def _add_commands() -> None:
    """Put in what lies in ``commands``, in the order in which ``--help`` lists it."""
    names = [found.name for found in iter_modules(commands.__path__)]
    modules = {name: import_module(f"{commands.__name__}.{name}") for name in names}
    for name, module in sorted(modules.items(), key=lambda one: (one[1].PLACE, one[0])):
        shown, panel = name.replace("_", "-"), module.SECTION.value
        if hasattr(module, "group"):
            app.add_typer(module.group, name=shown, rich_help_panel=panel)
        else:
            app.command(shown, cls=Command, rich_help_panel=panel)(getattr(module, name))


_add_commands()
