"""The sockets of one connection: to allowed addresses alone, every step within the deadline."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpcore

from bot.counts import Traffic
from bot.net.addresses import Allowed, Resolve, anywhere, is_ip, resolve
from bot.net.deadline import Deadline, bounded
from bot.net.errors import RefusedAddressError
from bot.net.failures import LATE_NAME

_BEGINNING = len(b"HTTP/1.1 100")


class Sockets(httpcore.NetworkBackend):
    """Opens what one connection needs, for one request at a time.

    A name is resolved, and its addresses are checked, at every opening; TLS is still verified
    against the name, which httpcore passes on by itself. ``current`` is what was opened last;
    ``beginning`` holds the first bytes that came for this request. ``tcp`` connects to addresses.
    ``traffic`` counts what is opened and read.
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        resolve: Resolve = resolve,
        allowed: Allowed = anywhere,
        tcp: httpcore.NetworkBackend | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._tcp = tcp or httpcore.SyncBackend()
        self.traffic = traffic or Traffic()
        self.current: Socket | None = None
        self.begin(deadline)

    def begin(self, deadline: Deadline) -> None:
        """Begin another request, which has a deadline of its own."""
        self.deadline = deadline
        self.late: type[httpcore.TimeoutException] = httpcore.ConnectTimeout
        self.beginning = b""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the only limit
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Socket:
        """Connect to the first address of ``host`` that answers; each has its share of the time.

        Raises:
            RefusedAddressError: it has addresses, and none is allowed.
            httpcore.ConnectError: none answers; ``httpcore.ConnectTimeout``: not in time.
        """
        found = self._addresses(host, port)
        failure: Exception = httpcore.ConnectError("the host's name has no address")
        for behind, address in zip(range(len(found), 0, -1), found, strict=True):
            share = self.deadline.within(httpcore.ConnectTimeout) / behind
            try:
                made = self._tcp.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self.traffic.connected()
                return Socket(made, self)
        raise failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        found = [host] if is_ip(host) else self._resolved(host, port)
        usable = [address for address in found if self._allowed(address)]
        if found and not usable:
            raise RefusedAddressError("the host's address is not a public one")
        return usable

    def _resolved(self, host: str, port: int) -> list[str]:
        # Nothing can interrupt the system's resolver, so a thread that nobody waits for asks it.
        left = timedelta(seconds=self.deadline.within(httpcore.ConnectTimeout))
        try:
            return [*filter(None, bounded(left, lambda: self._resolve(host, port)))]
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(LATE_NAME) from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


class Socket(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline of the current request.

    A timeout between bytes would never cut off a server that sends one byte a second. Where the
    time is over before the first byte is written, that is told as a failure to connect.
    """

    def __init__(self, inner: httpcore.NetworkStream, owner: Sockets) -> None:
        self._inner = inner
        self._owner = owner
        owner.current = self
        owner.late = httpcore.ConnectTimeout

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what is there, or wait for it; at most ``max_bytes``."""
        owner = self._owner
        data = self._inner.read(max_bytes, owner.deadline.within(httpcore.ReadTimeout))
        owner.traffic.came(len(data))
        if len(owner.beginning) < _BEGINNING:
            owner.beginning = (owner.beginning + data[:_BEGINNING])[:_BEGINNING]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Write all of it."""
        left = self._owner.deadline.within(self._owner.late)
        self._owner.late = httpcore.WriteTimeout
        self._inner.write(buffer, left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> Socket:
        """Return the same connection, encrypted from here on."""
        left = self._owner.deadline.within(httpcore.ConnectTimeout)
        return Socket(self._inner.start_tls(ssl_context, server_hostname, left), self._owner)

    def is_silent(self) -> bool:
        """Tell whether the other side has neither closed nor said what nobody asked for."""
        decrypted = self.get_extra_info("ssl_object")
        return not self.get_extra_info("is_readable") and not (decrypted and decrypted.pending())

    def close(self) -> None:
        """Close the connection; a read that waits in another thread ends, too."""
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._inner.get_extra_info(info)
