"""Fetches what the Hub keeps elsewhere: without the token, and from where others can reach it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.core.errors import FetchError
from bot.counts import Traffic
from bot.hub.failures import STORAGE, not_reached
from bot.net.addresses import Allowed, Resolve, anywhere, public, resolve
from bot.net.body import drain, read_body
from bot.net.client import Client, Network, port_of
from bot.net.connections import Connections
from bot.net.deadline import Deadline
from bot.net.endpoint import URL, Endpoint, joined
from bot.net.environment import system_proxy
from bot.net.errors import NetError

MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_OK = 200
_NOT_KEPT = timedelta(0)


class Storage:
    """The places that the Hub of ``endpoint`` leads to.

    The Hub may lead to addresses inside a network only where it is inside one itself; and from
    what is encrypted only to what is.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Callable[[], float],
        network: Network | None = None,
        resolve: Resolve = resolve,
        traffic: Traffic | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._network = network
        self._resolve = resolve
        self._traffic = traffic

    def get(self, url: URL, deadline: Deadline, most: int) -> tuple[bytes, dict[str, str]]:
        """Return what is at an address, at most ``most`` bytes, and the headers it came with.

        Raises:
            FetchError: there is no good answer in time.
        """
        allowed = self._allowed()
        for _ in range(MAX_REDIRECTS + 1):
            self._refuse(url)
            try:
                found = self._once(url, deadline, most, allowed)
            except NetError as error:
                raise not_reached(error, deadline, STORAGE) from error
            if not isinstance(found, URL):
                return found
            url = found
        raise FetchError(f"{STORAGE} redirects without end")

    def _once(
        self, url: URL, deadline: Deadline, most: int, allowed: Allowed
    ) -> tuple[bytes, dict[str, str]] | URL:
        proxies = (url.scheme, "all")
        client = Client(
            str(url),
            Connections(1, _NOT_KEPT, self._clock),
            resolve=self._resolve,
            allowed=anywhere if system_proxy(url, *proxies) else allowed,
            proxies=proxies,
            network=self._network,
            traffic=self._traffic,
        )
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip"}
        try:
            with client.ask("GET", url, deadline, headers=headers) as answer:
                if answer.status_code == _OK:
                    return read_body(answer, deadline, most), dict(answer.headers)
                drain(answer)
                if answer.status_code in _REDIRECTS and "location" in answer.extensions:
                    return joined(url, str(answer.extensions["location"]))
        finally:
            client.close()
        raise FetchError(f"{STORAGE} answered {answer.status_code}")

    def _refuse(self, url: URL) -> None:
        """Refuse an address to which the Hub should not lead.

        Raises:
            FetchError: it is one.
        """
        safe = url.scheme == "https" or (url.scheme == "http" == self._endpoint.url.scheme)
        if not safe or not url.host or url.userinfo:
            raise FetchError("the Hub leads the bot to an address that is not safe")

    def _allowed(self) -> Allowed:
        try:
            host, port = self._endpoint.url.host, port_of(self._endpoint.url)
            found = self._resolve(host, port) if self._network is None else ()
        except (OSError, UnicodeError):
            return public
        return anywhere if any(not public(address) for address in found) else public
