"""What sends share: their time, the connections they keep, and what it means to get no answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.delivery import InDoubt, Rejected, RetryLater, Scope
from bot.net.errors import INSECURE, UNKNOWN, UNTRUSTED, AddressError, NotSentError

if TYPE_CHECKING:
    from bot.net.connections import Connections
    from bot.net.excerpt import Quote

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


def broken(
    error: Exception, quoted: Quote, own: Quote, invalid: str = "the address is not valid"
) -> RetryLater | InDoubt | Rejected:
    """Return what an exception in a request means; ``invalid`` is said of an unusable address.

    What came before the request is told by ``own``: nobody has answered it.
    """
    if isinstance(error, AddressError):
        return Rejected(invalid, Scope.CHANNEL)
    if isinstance(error, NotSentError):
        # Of certificates the library says more, as for which host one is.
        vague = error.why in (UNKNOWN, UNTRUSTED, INSECURE)
        why = own(error) if vague else error.why
        return RetryLater(f"cannot connect: {why or type(error).__name__}")
    told = quoted(error) or type(error).__name__
    return InDoubt(f"the connection broke or timed out before an answer: {told}")
