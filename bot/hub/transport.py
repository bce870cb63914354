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


class StaleError(httpx.RemoteProtocolError):
    """A connection that had answered before gave no answer that is surely this request's.

    It was closed as the request came, or bytes that nobody asked for stood before or behind the
    answer. Asking again with the extension ``fresh`` does so on a new connection.
    """


class DeadlineTransport(httpx.BaseTransport):
    """Sends requests to ``endpoint`` within the current ``network.within``.

    It follows no redirect, keeps no cookie and knows no credential. Its failures are
    ``httpx.TransportError``. Every answer must be closed, by the thread that asked; one that was
    read to its end leaves the connection for the next, unless bytes were left behind it.
    """

    def __init__(self, endpoint: httpx.URL, connections: int) -> None:
        # Certificates take a while to load; an endpoint without TLS never needs them.
        context = _certificates() if endpoint.scheme == "https" else None
        proxy = system_proxy(endpoint)
        # One pool of one connection each, used by one thread at a time: in a pool that threads
        # share, one may take another's answer for a hang-up and close the connection under it.
        self._lanes = [_Lane(context, proxy) for _ in range(max(1, connections))]
        self._idle: LifoQueue[_Lane] = LifoQueue()
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
            response = lane.ask(raw, fresh=request.extensions.get("fresh", False))
        except BaseException:
            self._idle.put(lane)
            raise
        stream = _Stream(response, lane, lambda: self._idle.put(lane))
        return httpx.Response(response.status, headers=response.headers, stream=stream)

    def _enter(self, seconds: float) -> _Lane:
        try:
            return self._idle.get(timeout=seconds)
        except Empty:
            raise httpx.PoolTimeout("") from None

    def close(self) -> None:
        """Close every connection."""
        for lane in self._lanes:
            lane.close()


class _Lane:
    """At most one connection, and what is known of it."""

    def __init__(self, context: ssl.SSLContext | None, proxy: httpcore.Proxy | None) -> None:
        self._backend = DeadlineBackend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=proxy,
            max_connections=1,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=self._backend,
        )
        self.reused = False

    def ask(self, request: httpcore.Request, *, fresh: bool) -> httpcore.Response:
        """Return the answer's head; ``reused`` tells whether the connection had answered before."""
        if fresh:
            self._pool.close()
        opened = self._backend.opened
        try:
            with _as_httpx():
                return self._pool.handle_request(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
            if self._backend.opened == opened:
                raise StaleError(str(error)) from error
            raise
        finally:
            self.reused = self._backend.opened == opened

    def has_leftovers(self) -> bool:
        """Tell whether bytes came behind the answer; also where it cannot be told."""
        return any(_has_leftovers(connection) for connection in self._pool.connections)

    def close(self) -> None:
        self._pool.close()


def _has_leftovers(connection: object) -> bool:
    # What was read beyond an answer is kept for the next one, and only h11 can tell: httpcore
    # would hand it out as that answer, and lets nobody ask.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    state = getattr(connection, "_h11_state", None)
    return state is None or bool(state.trailing_data[0])


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, lane: _Lane, leave: Callable[[], None]) -> None:
        self._response = response
        self._lane = lane
        self._leave = leave

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()
        if self._lane.reused and self._lane.has_leftovers():
            raise StaleError("bytes behind the answer")

    def close(self) -> None:
        try:
            self._response.close()
            if self._lane.has_leftovers() or _is_ambiguous(self._response):
                self._lane.close()
        finally:
            self._leave()


def _is_ambiguous(response: httpcore.Response) -> bool:
    """Tell whether the answer's end is told in two ways: others may read it to another one."""
    names = {name.lower() for name, _ in response.headers}
    return {b"content-length", b"transfer-encoding"} <= names


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
