"""The client through which everything goes out: one origin, one deadline a request."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeAlias

import httpcore
import httpx

from bot import __version__
from bot.counts import Traffic
from bot.net.addresses import Allowed, Resolve, anywhere, resolve
from bot.net.connections import Connection, Connections, Key, Transport
from bot.net.deadline import Deadline
from bot.net.environment import certificates, system_proxy
from bot.net.errors import AddressError
from bot.net.failures import LIBRARIES, translated
from bot.net.sockets import Sockets

# Their records hold addresses, and answers' headers.
for _name in ("httpcore", "httpx"):
    logging.getLogger(_name).setLevel(logging.WARNING)

USER_AGENT = f"leaderboard-bot/{__version__}"

Answer: TypeAlias = httpx.Response
Network: TypeAlias = httpx.BaseTransport


class Client:
    """Speaks HTTP with the origin of ``address``; safe to use from several threads.

    It follows no redirect, keeps no cookie and knows no account but one in the address. Of the
    environment's proxies it uses the first of ``proxies`` that is named. ``tls`` are the
    certificates that are trusted, by default httpx's; ``network`` replaces everything below.
    ``traffic`` counts what is opened and read.

    Raises:
        AddressError: the address is none that HTTP can ask.
        SetupError: the environment's proxy or certificates cannot be used.
    """

    def __init__(
        self,
        address: str,
        connections: Connections,
        *,
        resolve: Resolve = resolve,
        allowed: Allowed = anywhere,
        proxies: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
        network: Network | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self._url = checked(address)
        self._connections = connections
        self._resolve = resolve
        self._traffic = traffic
        self._allowed = allowed
        self._proxy = system_proxy(self._url, *proxies)
        # Certificates take a while to load; an address without TLS never needs them.
        if tls is None and self._url.scheme == "https" and network is None:
            tls = certificates()
        self._tls = tls
        self._client = httpx.Client(
            transport=network or Transport(connections, self._open),
            trust_env=False,
            timeout=None,  # noqa: S113 - the deadline is the only limit
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            event_hooks={"response": [_stay]},
        )

    def close(self) -> None:
        """Close every connection; requests that are under way end."""
        self._connections.close()

    @contextmanager
    def ask(
        self,
        method: str,
        url: httpx.URL | str,
        deadline: Deadline,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        fresh: bool = False,
    ) -> Iterator[Answer]:
        """Send a request once, and give its answer to be read within the block.

        The answer's stream is raw; where a redirect leads is its extension ``location``. ``fresh``
        asks on a new connection.

        Raises:
            NetError: no whole answer came; its kinds tell whether anything was sent.
        """
        extensions = {"deadline": deadline, "fresh": fresh}
        try:
            deadline.within(httpcore.PoolTimeout)
            with self._client.stream(
                method, url, headers=headers, content=content, extensions=extensions
            ) as answer:
                yield answer
        except LIBRARIES as error:
            raise translated(error, by_proxy=self._proxy is not None) from error

    def reach(self, deadline: Deadline) -> None:
        """Connect without sending; nothing is known where a proxy is in between.

        Raises:
            NotSentError: no connection came about.
        """
        if self._proxy is not None:
            return
        host = self._url.raw_host.decode()
        try:
            with closing(self._sockets(deadline).connect_tcp(host, port_of(self._url))):
                pass
        except LIBRARIES as error:
            raise translated(error) from error

    def _open(self, key: Key, deadline: Deadline) -> Connection:
        sockets = self._sockets(deadline)
        pool = httpcore.ConnectionPool(
            ssl_context=self._tls, proxy=self._proxy, network_backend=sockets
        )
        return Connection(key, pool.create_connection(key[1]), sockets)

    def _sockets(self, deadline: Deadline) -> Sockets:
        return Sockets(
            deadline, resolve=self._resolve, allowed=self._allowed, traffic=self._traffic
        )


def checked(address: str) -> httpx.URL:
    """Return an address that HTTP can ask.

    Raises:
        AddressError: it is none.
    """
    try:
        url = httpx.URL(address)
        host = url.host  # decoded here, and so checked
    except (httpx.InvalidURL, ValueError):
        raise AddressError("is no address") from None
    if url.scheme not in ("http", "https") or not host:
        raise AddressError("must start with https:// or http:// and name a host")
    return url


def port_of(url: httpx.URL) -> int:
    """Return the port of an address, the scheme's where none is written."""
    return url.port or (443 if url.scheme == "https" else 80)


def _stay(answer: httpx.Response) -> None:
    """Take a redirect's place out of httpx's sight, which would make a request of it at once."""
    if (place := answer.headers.pop("location", None)) is not None:
        answer.extensions["location"] = place
