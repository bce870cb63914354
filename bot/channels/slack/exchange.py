"""One request to Slack: to one address, over by a deadline, nothing of it sent after that."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import cache
from urllib.parse import unquote, urlsplit
from urllib.request import Request

import httpcore
import httpx
from msgspec import Struct
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

from bot.channels.addresses import Resolve
from bot.channels.connection import Deadline, GuardedBackend, address_of, port_of

# slack_sdk logs addresses and bodies; no configuration turns this logger on.
SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer that are read at most; a page of a channel's history is the longest."""


class Answered(Struct, frozen=True):
    """An answer as it came, an error or a redirect included."""

    status: int
    headers: dict[str, str]
    body: str


class Exchange:
    """Sends the requests of one send, which share a time limit.

    Each address of a host has its share of the time. Unlike webhooks it may be any address: the
    configured one is the operator's word. Raises what httpcore raises.
    """

    def __init__(self, resolve: Resolve, limit: timedelta, monotonic: Callable[[], float]) -> None:
        deadline = Deadline(limit, monotonic)
        self._backend = GuardedBackend(resolve, deadline, allow_private=True)

    def ask(self, request: Request) -> Answered:
        """Send a request once and return whatever answer comes."""
        url = httpx.URL(request.full_url)
        headers = [("Host", url.netloc.decode()), *request.header_items()]
        body = request.data if isinstance(request.data, bytes) else b""
        with (
            self._pool() as pool,
            pool.stream("POST", address_of(url), headers=headers, content=body) as response,
        ):
            return Answered(response.status, _headers(response), _read(response))

    def reach(self, address: str) -> None:
        """Connect to an address without sending; nothing is known where a proxy is in between."""
        if load_http_proxy_from_env(SILENT) is None:
            url = httpx.URL(address)
            with closing(self._backend.connect_tcp(url.raw_host.decode(), port_of(url))):
                pass

    def _pool(self) -> httpcore.ConnectionPool:
        proxy = load_http_proxy_from_env(SILENT)
        if proxy is None:
            return httpcore.ConnectionPool(ssl_context=_tls(), network_backend=self._backend)
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return httpcore.HTTPProxy(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            proxy_auth=(user, password) if user else None,
            ssl_context=_tls(),
            network_backend=self._backend,
        )


@cache
def _tls() -> ssl.SSLContext:
    """Return the certificates that the machine trusts: a proxy's may be among them."""
    return ssl.create_default_context()


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in response.headers}


def _read(response: httpcore.Response) -> str:
    body = b""
    for chunk in response.iter_stream():
        body += chunk[: MAX_ANSWER - len(body)]
        if len(body) >= MAX_ANSWER:
            break
    return body.decode(errors="replace")
