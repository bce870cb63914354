"""Alerts on a terminal or in a log file."""

from __future__ import annotations

import sys
from datetime import UTC, timedelta, tzinfo
from threading import Lock
from typing import TYPE_CHECKING, Literal, TextIO

from pydantic import Field

from bot.channels.base import ChannelForPeople, Context
from bot.core.delivery import Delivered, Outcome, RetryLater
from bot.core.render.clean import writable

if TYPE_CHECKING:
    from bot.core.alerts.message import Delivery
    from bot.core.render.text import Text


class Console(ChannelForPeople):
    """Standard output."""

    type: Literal["console"] = Field(description="Standard output.")

    def open(self, name: str, context: Context) -> ConsoleChannel:
        """Return the channel of that name."""
        return ConsoleChannel(
            name, stream=context.console, endpoint=context.endpoint, zone=self.zone
        )


class ConsoleChannel:
    """Writes each message as plain text; titles are bold where ``stream`` is a terminal.

    Without ``stream``, writes to what is standard output then.
    """

    pace = timedelta(0)
    for_people = True

    def __init__(
        self, name: str, *, endpoint: str, stream: TextIO | None = None, zone: tzinfo = UTC
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._zone = zone
        self._stream = stream
        self._lock = Lock()

    def send(self, delivery: Delivery) -> Outcome:
        """Write the message at once, then flush."""
        from bot.core.render import text
        from bot.core.render.page import page

        stream = self._stream or sys.stdout
        told = text.render(page(delivery.message, delivery.facts, self._endpoint, self._zone))
        try:
            with self._lock:
                _write(stream, told)
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            return RetryLater(f"the console cannot be written to: {type(error).__name__}")
        return Delivered()

    def check(self) -> str | None:
        """Say nothing: a console is always there."""
        return None


def _write(stream: TextIO, told: Text) -> None:
    title, body = (writable(part, stream.encoding) for part in (told.title, told.body))
    if not stream.isatty():
        stream.write(f"{title}\n{body}\n\n")
        return
    from rich.console import Console as Terminal
    from rich.text import Text as Styled

    terminal = Terminal(file=stream, soft_wrap=True, highlight=False)
    terminal.print(Styled.assemble((title, "bold"), f"\n{body}\n"))
