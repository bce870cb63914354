"""The libraries' errors made into ours: what was sent, whether it was late, and why in words."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import httpcore
import httpx

from bot.net.errors import AddressError, AnswerError, NetError, NotSentError


def _both(*names: str) -> tuple[type[Exception], ...]:
    """Return the classes of these names, which httpx takes over from httpcore."""
    return tuple(getattr(library, name) for library in (httpcore, httpx) for name in names)


_KINDS = ("TimeoutException", "NetworkError", "ProtocolError", "ProxyError", "UnsupportedProtocol")
LIBRARIES: tuple[type[Exception], ...] = (*_both(*_KINDS), httpx.InvalidURL)
"""What the libraries raise where a request gets no whole answer."""

_NO_ADDRESS = (*_both("UnsupportedProtocol"), httpx.InvalidURL)
_NOT_SENT = _both("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
_LATE = _both("TimeoutException")

_CAUSES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLCertVerificationError,), "its certificate is not trusted"),
    ((ssl.SSLError,), "no secure connection came about"),
    ((socket.gaierror,), "its name cannot be resolved"),
    ((ConnectionRefusedError,), "connection refused"),
    ((ConnectionResetError, BrokenPipeError), "connection reset"),
    (_both("ProxyError"), "the proxy refused"),
    (_both("RemoteProtocolError"), "the answer broke off or is not HTTP"),
)


def translated(error: Exception) -> NetError:
    """Return one of the ``LIBRARIES``' errors as the one of ours that it is."""
    kind: type[NetError] = AnswerError
    if isinstance(error, _NO_ADDRESS):
        kind = AddressError
    elif isinstance(error, _NOT_SENT):
        kind = NotSentError
    return kind(str(error) or type(error).__name__, why=cause(error), late=isinstance(error, _LATE))


def cause(error: BaseException) -> str:
    """Return why a connection failed, in words for people: no address, no text of a stranger."""
    chain = list(_chain(error))
    for kinds, text in _CAUSES:
        if any(isinstance(one, kinds) for one in chain):
            return text
    numbers = [one.errno for one in chain if isinstance(one, OSError) and one.errno]
    return os.strerror(numbers[0]).lower() if numbers else "the connection failed"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__  # the pool drops the cause, not the context
