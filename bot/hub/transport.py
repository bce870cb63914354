"""The way to one endpoint: a pool of kept-alive connections, through the system's proxy if any."""

from __future__ import annotations

import importlib.util
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from bot.core.errors import ConfigError
from bot.hub.network import DeadlineBackend

KEEPALIVE_S = 3.0
"""Shorter than what servers commonly keep, so that a reused connection is rarely a dead one."""


class DeadlineTransport(httpx.BaseTransport):
    """Sends requests to ``endpoint`` within the current ``network.within``.

    It follows no redirect, keeps no cookie and knows no credential. Its failures are
    ``httpx.TransportError``. Every answer must be closed, by the thread that asked.
    """

    def __init__(self, endpoint: httpx.URL, connections: int) -> None:
        # Certificates take a while to load; an endpoint without TLS never needs them.
        context = _certificates() if endpoint.scheme == "https" else None
        proxy, backend = system_proxy(endpoint), DeadlineBackend()
        # One pool of one connection each, used by one thread at a time: in a pool that threads
        # share, one may take another's answer for a hang-up and close the connection under it.
        self._lanes = [
            httpcore.ConnectionPool(
                ssl_context=context,
                proxy=proxy,
                max_connections=1,
                keepalive_expiry=KEEPALIVE_S,
                network_backend=backend,
            )
            for _ in range(max(1, connections))
        ]
        self._idle: LifoQueue[httpcore.ConnectionPool] = LifoQueue()
        for lane in self._lanes:
            self._idle.put(lane)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer once its headers are there; its stream is raw."""
        raw = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            extensions=request.extensions,
        )
        lane = self._enter(request.extensions["timeout"]["pool"])
        try:
            with _as_httpx():
                response = lane.handle_request(raw)
        except BaseException:
            self._idle.put(lane)
            raise
        stream = _Stream(response, lambda: self._idle.put(lane))
        return httpx.Response(response.status, headers=response.headers, stream=stream)

    def _enter(self, seconds: float) -> httpcore.ConnectionPool:
        try:
            return self._idle.get(timeout=seconds)
        except Empty:
            raise httpx.PoolTimeout("") from None

    def close(self) -> None:
        """Close every connection."""
        for lane in self._lanes:
            lane.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, leave: Callable[[], None]) -> None:
        self._response = response
        self._leave = leave

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        try:
            self._response.close()
        finally:
            self._leave()


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


def _certificates() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError:
        raise ConfigError(["the certificates that SSL_CERT_FILE names cannot be read"]) from None


def system_proxy(endpoint: httpx.URL) -> httpcore.Proxy | None:
    """Return the proxy that the environment names for the endpoint, None for a loopback one.

    Raises:
        ConfigError: the proxy is of a kind that cannot be used.
    """
    named = getproxies()
    found = named.get(endpoint.scheme) or named.get("all")
    if not found or _is_loopback(endpoint.host) or proxy_bypass(endpoint.host):
        return None
    try:
        proxy = httpx.Proxy(found if "://" in found else f"http://{found}")
    except (ValueError, httpx.InvalidURL):
        raise ConfigError(["the proxy named in the environment cannot be used"]) from None
    if proxy.url.scheme.startswith("socks") and not importlib.util.find_spec("socksio"):
        raise ConfigError(["the SOCKS proxy named in the environment needs: pip install socksio"])
    return httpcore.Proxy(url=str(proxy.url), auth=proxy.raw_auth, headers=proxy.headers.raw)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
