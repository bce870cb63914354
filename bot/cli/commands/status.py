"""``status``: how the program is doing, at a glance."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from bot.cli.terminal.options import Json
from bot.cli.terminal.output import write_json
from bot.cli.terminal.tables import show_table
from bot.cli.terminal.usage import Context, Section

SECTION, PLACE = Section.INSTALLATION, 0


def status(context: Context, as_json: Json = False) -> None:
    """Show how the program is doing.

    Whether a daemon is alive and keeps its intervals, which boards fail, what waits to be
    delivered, which channels are paused, and how much the Hub's rate limit leaves. Exit status 0
    also where something is wrong: healthcheck is for machines.
    """
    from bot.app import now
    from bot.daemon.heartbeat import last_beat
    from bot.daemon.owner import is_dead
    from bot.views.operation.in_words import in_words
    from bot.views.operation.status import status as look
    from bot.views.stored import opened

    named = str(context.obj.config) if context.obj.config else None
    beat = last_beat(named, os.environ)
    last = None if beat is None else datetime.fromtimestamp(beat, UTC)
    settings = context.obj.settings()
    with opened(settings) as store:
        found, details = look(store, settings, now(), last, is_dead)
    if as_json:
        write_json(found)
    else:
        show_table(("", ""), in_words(found, details, now()), head=False)
