"""Connections for webhooks: to checked addresses alone, and over by a deadline."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import httpcore
import httpx

from bot.channels.addresses import RefusedAddressError, Resolve, allowed

# Its records hold answers' headers, and these addresses: of redirects, say.
logging.getLogger("httpcore").setLevel(logging.WARNING)


MOST_RECEIVED = 128 * 1024
"""Bytes that are remembered of an answer; one that is longer ends its connection."""


def port_of(url: httpx.URL) -> int:
    """Return the port of an address, the scheme's where none is written."""
    return url.port or (443 if url.scheme == "https" else 80)


def address_of(url: httpx.URL) -> httpcore.URL:
    """Return an address as httpcore has it: without the account, its host as DNS knows it."""
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


class RefusedConnectionError(httpcore.ConnectError):
    """The host has no address that may be connected to; nothing was sent."""


class Deadline:
    """The moment by which a whole request is over."""

    def __init__(self, limit: timedelta, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + limit.total_seconds()

    def shorten(self, limit: timedelta) -> None:
        """Let the request be over within ``limit`` from now, if not before."""
        self._end = min(self._end, self._monotonic() + limit.total_seconds())

    def left(self, error: type[httpcore.TimeoutException]) -> float:
        """Return the seconds that are left; raises ``error`` where none are."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise error("the time limit for the whole request is over")
        return left


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host, refuses what is not allowed, connects to an address that was checked.

    TLS is still verified against the host's name, which httpcore passes on by itself.
    """

    def __init__(
        self,
        resolve: Resolve,
        deadline: Deadline,
        *,
        allow_private: bool,
        tcp: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Take what resolves names; ``tcp`` is what connects to addresses."""
        self._resolve = resolve
        self._deadline = deadline
        self._allow_private = allow_private
        self._tcp = tcp or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the only limit
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> TimedStream:
        """Connect to the first address of ``host`` that answers; each has its share of the time.

        Raises:
            httpcore.ConnectError: nothing was sent; ``RefusedConnectionError`` where no address
                is allowed.
        """
        failure: Exception | None = None
        found = self._addresses(host, port)
        for behind, address in zip(range(len(found), 0, -1), found, strict=True):
            share = self._deadline.left(httpcore.ConnectTimeout) / behind
            try:
                made = self._tcp.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(made, self._deadline)
        raise failure or httpcore.ConnectError("the host has no address")

    def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        left = timedelta(seconds=self._deadline.left(httpcore.ConnectTimeout))
        try:
            return allowed(
                host,
                port,
                resolve=self._resolve,
                allow_private=self._allow_private,
                limit=left,
            )
        except RefusedAddressError as error:
            raise RefusedConnectionError(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


class TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends by the deadline, so that a slow drip gains no time.

    Where it is over before the first byte is written, that is told as a failure to connect.
    ``received`` is what was read since the stream has this deadline.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self.begin(deadline)

    def begin(self, deadline: Deadline) -> None:
        """Begin another request, which has a deadline of its own."""
        self._deadline = deadline
        self._late: type[httpcore.TimeoutException] = httpcore.ConnectTimeout
        self.received = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what is there, or wait for it until the deadline."""
        data = self._stream.read(max_bytes, self._deadline.left(httpcore.ReadTimeout))
        self.received += data[: MOST_RECEIVED - len(self.received)]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write all of it, unless the deadline is over."""
        left = self._deadline.left(self._late)
        self._late = httpcore.WriteTimeout
        self._stream.write(buffer, left)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> TimedStream:
        """Return the same connection, encrypted from here on."""
        left = self._deadline.left(httpcore.ConnectTimeout)
        made = self._stream.start_tls(ssl_context, server_hostname, left)
        return TimedStream(made, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)
