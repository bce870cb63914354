"""Alerts on a terminal or in a log file."""

from __future__ import annotations

import errno
import os
import sys
from datetime import UTC, timedelta, tzinfo
from threading import Lock
from typing import TYPE_CHECKING, Literal, TextIO

from pydantic import Field

from bot.channels.base import ChannelForPeople, Context
from bot.core.delivery import Delivered, Outcome, RetryLater
from bot.core.render.clean import writable

if TYPE_CHECKING:
    from rich.console import Console as Terminal
    from rich.text import Text as Styled

    from bot.core.alerts.message import Delivery
    from bot.core.render.text import Text


_HANGING = 2
_NARROWEST = 20


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
                _write(stream, _drawn(stream, told))
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            return RetryLater(f"the console cannot be written to: {_why(error)}")
        return Delivered()

    def check(self) -> str | None:
        """Say nothing: a console is always there."""
        return None


def _drawn(stream: TextIO, told: Text) -> str:
    """Return a message as the stream shows it."""
    title, body = (writable(part, stream.encoding) for part in (told.title, told.body))
    if not stream.isatty():
        return f"{title}\n{body}\n\n"
    from rich.console import Console as Terminal
    from rich.text import Text as Styled

    terminal = Terminal(file=stream, soft_wrap=True, highlight=False, markup=False, emoji=False)
    with terminal.capture() as captured:
        for line in (Styled(title, "bold"), *map(Styled, body.splitlines())):
            _print(terminal, line)
        terminal.print()
    return captured.get()


def _print(terminal: Terminal, line: Styled) -> None:
    """Print a line, cut between words; what does not fit goes on below, a little to the right."""
    indent = " " * (len(line) - len(line.plain.lstrip()) + _HANGING)
    width = max(terminal.width - len(indent), _NARROWEST)
    is_word = " " not in line.plain.strip()  # an address stays whole
    first, *rest = [line] if is_word else line.wrap(terminal, width)
    terminal.print(first.plain.rstrip(), style=line.style)
    for part in rest:
        terminal.print(f"{indent}{part.plain.rstrip()}", style=line.style)


def _write(stream: TextIO, text: str) -> None:
    """Write a text at once, or fail: what stayed in a buffer would come after its next attempt."""
    stream.flush()
    try:
        file = stream.fileno()
    except (OSError, AttributeError):  # a stream of Python alone
        stream.write(text)
        stream.flush()
        return
    data = text.encode(stream.encoding or "utf-8", "replace")
    while data:
        data = data[os.write(file, data) :]


def _why(error: OSError | ValueError) -> str:
    """Return why a stream takes nothing, for people."""
    if not isinstance(error, OSError) or error.errno == errno.EBADF:
        return "it is closed"
    return error.strerror or type(error).__name__
