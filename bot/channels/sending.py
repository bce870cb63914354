"""What every send is held to: its time, and the connections that are kept for the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.net.connections import Connections

SEND_TIMEOUT = timedelta(seconds=15)
"""For a whole send, as Standard Webhooks recommends."""

IDLE = timedelta(seconds=4)
"""Servers close what is idle, often after 5 s; a post that meets that moment would be in doubt."""

MOST = 8
"""A bot with hundreds of channels keeps no connection for each; the oldest goes first."""


def kept_connections(monotonic: Callable[[], float]) -> Connections:
    """Return what keeps the connections of a process's channels."""
    from bot.net.connections import Connections  # takes a moment to load

    return Connections(MOST, IDLE, monotonic)
