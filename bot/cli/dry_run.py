"""``poll --dry-run``: a whole round on a copy of the database, with channels that only note."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bot.cli.terminal.output import write, write_json
from bot.cli.terminal.rounds import boards_line, document, polled_round
from bot.core.alerts.message import Delivery
from bot.core.delivery import Delivered
from bot.core.render import text
from bot.core.render.figures import plural
from bot.core.render.page import page

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.config import Settings
    from bot.jobs.round import Summary


class NotingChannel:
    """Stands for a channel: keeps what it is given and sends nothing. A ``ports.Channel``."""

    pace = timedelta(0)

    def __init__(self, real: Channel, noted: list[tuple[str, Delivery]]) -> None:
        self.name = real.name
        self.for_people = real.for_people
        self._noted = noted

    def send(self, delivery: Delivery) -> Delivered:
        """Keep the message."""
        self._noted.append((self.name, delivery))
        return Delivered()

    def check(self) -> None:
        """Say nothing: it is never asked."""


def rehearse(settings: Settings, names: Sequence[str], *, as_json: bool) -> bool:
    """Print what a poll would send now; whether every board could be polled.

    Deliveries that waited before and are due count. The database stays as it is.
    """
    summary, noted = _rehearsed(settings, names)
    if as_json:
        bodies = [
            {"channel": channel, "type": out.message.type, "body": msgspec.Raw(out.body)}
            for channel, out in noted
        ]
        write_json({**document(summary), "would_send": bodies})
        return summary.ok
    for number, (channel, out) in enumerate(noted, start=1):
        told = text.render(page(out.message, out.facts, settings.hub.endpoint))
        write(f"[{number}] to {channel}: {told.title}\n{told.body}\n\n")
    write(f"{boards_line(summary)} {plural(summary.events, 'event')}.\n")
    what = plural(len(noted), "delivery", "deliveries")
    write(f"Dry run: {what} would be sent; nothing was sent or stored.\n")
    return summary.ok


def _rehearsed(
    settings: Settings, names: Sequence[str]
) -> tuple[Summary, list[tuple[str, Delivery]]]:
    import sys

    from bot.app import build_channels, open_hub, process
    from bot.jobs.round import Jobs
    from bot.store import open_dry

    noted: list[tuple[str, Delivery]] = []
    channels: dict[str, Channel] = {
        name: NotingChannel(real, noted)
        for name, real in build_channels(settings, sys.stdout).items()
    }
    with (
        tempfile.TemporaryDirectory(prefix="leaderboard-bot-") as folder,
        closing(open_dry(settings.database.url.reveal(), Path(folder))) as store,
        open_hub(settings) as hub,
    ):
        summary, _ = polled_round(Jobs(settings, store, hub, channels, process()), names)
    # What was noted still waits.
    waiting = summary.pending + summary.sent
    return replace(summary, sent=0, pending=waiting), noted
