"""``db …``: looking after the database."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal.failures import FAILED, complain
from bot.cli.terminal.options import span
from bot.cli.terminal.output import say, write
from bot.cli.terminal.usage import Command, Context, Group, Section
from bot.core.render.numbers import plural

if TYPE_CHECKING:
    from bot.jobs.prune import Pruned

A_DAY = timedelta(days=1)

SECTION, PLACE = Section.INSTALLATION, 2

group = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Upgrade, copy, prune and check the database.",
)


@group.command(cls=Command)
def upgrade(context: Context) -> None:
    """Make the database, or bring it up to this program's schema.

    Also happens at the start of run and poll. A copy of an SQLite file is kept beside it.
    """
    from bot.store import state
    from bot.store import upgrade as migrate

    url = _url(context)
    found = state(url)
    migrate(url)
    done = {"missing": "made", "older": "upgraded"}.get(found, "up to date already")
    write(f"The database is {done}.\n")


@group.command(cls=Command)
def backup(
    context: Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file that is not there yet.")],
) -> None:
    """Write a copy of an SQLite database, also while the daemon runs."""
    from bot.store import backup as copy

    copy(_url(context), path)
    write(f"The copy is in {path}.\n")


@group.command(cls=Command)
def prune(
    context: Context,
    keep: Annotated[
        str, typer.Option(metavar="SPAN", help="What is older is deleted: 365d, 52w; at least 1d.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted; delete nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete what is old; what stands now is kept.

    Events, deliveries that came to their end, results that rows had in the past; and what waits
    for a channel that the configuration does not have any more. Says how much, and asks; without
    a terminal it needs --yes.
    """
    from bot.app import now
    from bot.jobs.prune import prunable
    from bot.jobs.prune import prune as delete
    from bot.views.stored import opened

    kept = _at_least_a_day(keep)
    if not (dry_run or yes or sys.stdin.isatty()):
        raise typer.BadParameter("there is no terminal to ask on; add it.", param_hint="--yes")
    settings = context.obj.settings()
    with opened(settings) as store:
        found = _sum(prunable(store, kept, now(), settings.channels))
        if dry_run:
            write(f"Would delete {found}.\n")
        elif yes or typer.confirm(f"Delete {found}, for good?", err=True):
            write(f"Deleted {_sum(delete(store, kept, now(), settings.channels))}.\n")
        else:
            write("Nothing was deleted.\n")


def _at_least_a_day(keep: str) -> timedelta:
    kept = span(keep, "--keep")
    if kept < A_DAY:
        raise typer.BadParameter(f"{keep!r} is less than a day (1d).", param_hint="--keep")
    return kept


def _sum(pruned: Pruned) -> str:
    deliveries = plural(pruned.deliveries, "delivery", "deliveries")
    versions = plural(pruned.versions, "past result")
    return f"{plural(pruned.events, 'event')}, {deliveries}, {versions}"


@group.command(cls=Command)
def check(context: Context) -> None:
    """Look for damage, and for what contradicts itself."""
    from bot.store import check as look

    found = look(_url(context))
    for problem in found:
        complain(problem)
    if found:
        raise typer.Exit(FAILED)
    write("The database is in order.\n")


@group.command(cls=Command)
def copy(
    context: Context,
    target: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="A new or empty database: sqlite:///NEW.db or postgresql://USER@HOST/DATABASE.",
        ),
    ],
) -> None:
    """Copy everything into another, empty database: from SQLite to PostgreSQL, or back.

    Refuses beside a daemon or a poll. The database itself stays as it is; afterwards set
    database.url to the new one. A copy that is cut off is begun anew by the same command.
    """
    from bot.app import now
    from bot.daemon.owner import new_owner, refuse_company
    from bot.store import copy as transfer
    from bot.store import flaw
    from bot.store.maintenance import is_same

    if wrong := flaw(target):
        raise typer.BadParameter(wrong, param_hint="URL")
    if is_same(_url(context), target):
        raise typer.BadParameter("is the database itself; name another one", param_hint="URL")
    told = _Told()
    rows = transfer(_url(context), target, new_owner(), lambda db: refuse_company(db, now()), told)
    told.end()
    write(f"The copy is complete: {plural(rows, 'row')}. Now set database.url to it.\n")


class _Told:
    """Says of each table how many rows are copied, now and then where they are many."""

    EACH = 100_000

    def __init__(self) -> None:
        self._table, self._copied, self._said = "", 0, 0

    def __call__(self, table: str, copied: int) -> None:
        if table != self._table:
            self.end()
            self._table, self._said = table, 0
        self._copied = copied
        if copied >= self._said + self.EACH:
            self._said = copied
            say(f"{table}: {copied:,} rows so far")

    def end(self) -> None:
        """Say what came of the last table."""
        if self._table:
            say(f"{self._table}: {plural(self._copied, 'row')}")


def _url(context: Context) -> str:
    return context.obj.settings().database.url.reveal()
