"""``healthcheck``: whether the daemon of this machine is alive."""

from __future__ import annotations

import os

import typer

from bot.cli.terminal.failures import FAILED
from bot.cli.terminal.usage import Context, Section

SECTION, PLACE = Section.INSTALLATION, 1


def healthcheck(context: Context) -> None:
    """Tell whether the daemon of this machine is alive.

    For containers: exit status 0 when its heartbeat is fresh, else 1. Reads neither the
    configuration nor the database.
    """
    from bot.daemon.heartbeat import answer, look

    named = str(context.obj.config) if context.obj.config else None
    if answer(*look(named, os.environ)):
        raise typer.Exit(FAILED)
