"""``healthcheck``: whether the daemon of this machine is alive."""

from __future__ import annotations

import os

import typer

from bot.cli.session import Session
from bot.cli.terminal.failures import FAILED
from bot.cli.terminal.usage import Section

SECTION, PLACE = Section.INSTALLATION, 1


def healthcheck(context: typer.Context) -> None:
    """Tell whether the daemon of this machine is alive.

    For containers: exit status 0 when its heartbeat is fresh, else 1. Reads neither the
    configuration nor the database.
    """
    from bot.daemon.heartbeat import answer, look

    session: Session = context.obj
    named = str(session.config) if session.config else None
    if answer(*look(named, os.environ)):
        raise typer.Exit(FAILED)
