"""The libraries' errors made into ours: what was sent, whether it was late, and why in words."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import httpcore
import httpx

from bot.net.errors import (
    INSECURE,
    NOT_RESOLVED,
    UNKNOWN,
    UNTRUSTED,
    AddressError,
    AnswerError,
    NetError,
    NotSentError,
)

LATE_NAME = "its name was not resolved in time"


def _both(*names: str) -> tuple[type[Exception], ...]:
    """Return the classes of these names, which httpx takes over from httpcore."""
    return tuple(getattr(library, name) for library in (httpcore, httpx) for name in names)


_KINDS = ("TimeoutException", "NetworkError", "ProtocolError", "ProxyError", "UnsupportedProtocol")
LIBRARIES: tuple[type[Exception], ...] = (*_both(*_KINDS), httpx.InvalidURL)
"""What the libraries raise where a request gets no whole answer."""

_NO_ADDRESS = (*_both("UnsupportedProtocol"), httpx.InvalidURL)
_NOT_SENT = _both("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
_NO_CONNECTION = _both("ConnectError", "ConnectTimeout")
_LATE = _both("TimeoutException")

_CAUSES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLCertVerificationError,), UNTRUSTED),
    ((ssl.SSLError,), INSECURE),
    ((socket.gaierror,), NOT_RESOLVED),
    ((ConnectionRefusedError,), "connection refused"),
    ((ConnectionResetError, BrokenPipeError), "connection reset"),
    (_both("ProxyError"), "the proxy refused"),
    (_both("RemoteProtocolError"), "the answer broke off or is not HTTP"),
)


def translated(error: Exception, *, by_proxy: bool = False) -> NetError:
    """Return one of the ``LIBRARIES``' errors as the one of ours that it is.

    With ``by_proxy`` it is that one that was connected to.
    """
    kind: type[NetError] = AnswerError
    if isinstance(error, _NO_ADDRESS):
        kind = AddressError
    elif isinstance(error, _NOT_SENT):
        kind = NotSentError
    why = cause(error)
    if by_proxy and isinstance(error, _NO_CONNECTION):
        why = f"the proxy cannot be reached: {why}"
    return kind(str(error) or type(error).__name__, why=why, late=isinstance(error, _LATE))


def cause(error: BaseException) -> str:
    """Return why a connection failed, in words for people: no address, no text of a stranger."""
    chain = list(_chain(error))
    for kinds, text in _CAUSES:
        if any(isinstance(one, kinds) for one in chain):
            return text
    if any(str(one) == LATE_NAME for one in chain):
        return LATE_NAME
    numbers = [one.errno for one in chain if isinstance(one, OSError) and one.errno]
    return os.strerror(numbers[0]).lower() if numbers else UNKNOWN


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__  # the pool drops the cause, not the context
