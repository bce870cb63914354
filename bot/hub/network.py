"""Sockets that keep a deadline: for the whole request, however slowly the other side drips."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore

Resolve = Callable[[str, int], list[str]]


class Deadline:
    """The moment, by a monotonic ``clock``, at which everything must be done.

    It is over at once when ``cancelled`` says so.
    """

    def __init__(
        self,
        limit: timedelta,
        clock: Callable[[], float],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._cancelled = cancelled
        self._end = clock() + limit.total_seconds()

    def left(self) -> float:
        """Return the seconds that are left; not above 0 once it is over."""
        return 0.0 if self._cancelled() else self._end - self._clock()


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Hold every socket operation of this thread to the deadline, inside the block."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def _remaining(timeout: float | None, error: type[Exception]) -> float | None:
    deadline = _current.get()
    if deadline is None:
        return timeout
    left = deadline.left()
    if left <= 0:
        raise error
    return left if timeout is None else min(left, timeout)


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the current deadline.

    A timeout between bytes would never cut off a server that sends one byte a second.
    """

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is, at most ``max_bytes``."""
        return self._inner.read(max_bytes, _remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._inner.write(buffer, _remaining(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the same connection under TLS."""
        left = _remaining(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        """Close the connection; a read that waits in another thread ends, too."""
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """Tell the pool about the socket below."""
        return self._inner.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections within the current deadline, the name's resolution included.

    ``opened`` counts them.
    """

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._resolve = resolve or addresses
        self._sockets = httpcore.SyncBackend()
        self.opened = 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; each has its share of the time left."""
        found = [host] if _is_address(host) else self._bounded(host, port, timeout)
        failure: Exception = httpcore.ConnectError("no address")
        for behind, address in zip(range(len(found), 0, -1), found, strict=True):
            left = _remaining(timeout, httpcore.ConnectTimeout)
            share = None if left is None else left / behind
            try:
                stream = self._sockets.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self.opened += 1
                return DeadlineStream(stream)
        raise failure

    def _bounded(self, host: str, port: int, timeout: float | None) -> list[str]:
        # Nothing can interrupt the system's resolver, so a thread that nobody waits for asks it.
        answer: SimpleQueue[list[str] | OSError] = SimpleQueue()

        def ask() -> None:
            try:
                answer.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                answer.put(error if isinstance(error, OSError) else socket.gaierror())

        Thread(target=ask, name="hub-resolve", daemon=True).start()
        try:
            found = answer.get(timeout=_remaining(timeout, httpcore.ConnectTimeout))
        except Empty:
            raise httpcore.ConnectTimeout from None
        if isinstance(found, OSError):
            raise httpcore.ConnectError from found
        return found


def addresses(host: str, port: int) -> list[str]:
    """Return the host's addresses, families taking turns: one of them may lead nowhere."""
    found = [
        (family, str(address[0]))
        for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    turns: dict[int, int] = {}
    ordered = []
    for family, address in dict.fromkeys(found):
        turns[family] = turns.get(family, 0) + 1
        ordered.append((turns[family], address))
    return [address for _, address in sorted(ordered, key=lambda pair: pair[0])]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
