"""The environment's proxies, and what goes through them."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from bot.net.body import read_start
from bot.net.client import Client
from bot.net.connections import Connections
from bot.net.deadline import Deadline
from bot.net.environment import system_proxy
from bot.net.errors import SetupError
from tests.support.servers import RawServer, answer

TLS = Path(__file__).parents[1] / "data" / "tls"


def test_the_environments_proxy_is_used(environment: pytest.MonkeyPatch) -> None:
    """By kind, with its credentials, and with or without ``http://``."""
    environment.setenv("https_proxy", "me:secret@proxy.example:3128")

    proxy = system_proxy(httpx.URL("https://hub.example"), "https", "all")

    assert proxy is not None
    assert proxy.url.host == b"proxy.example"
    assert proxy.auth == (b"me", b"secret")
    assert system_proxy(httpx.URL("http://hub.example"), "http", "all") is None


@pytest.mark.parametrize("host", ["hub.example", "127.0.0.1", "[::1]", "localhost"])
def test_some_hosts_need_no_proxy(environment: pytest.MonkeyPatch, host: str) -> None:
    """Those that ``no_proxy`` names, and loopback always."""
    environment.setenv("all_proxy", "http://proxy.example:3128")
    environment.setenv("no_proxy", "hub.example")

    assert system_proxy(httpx.URL(f"https://{host}"), "https", "all") is None


@pytest.mark.parametrize(
    "proxy", ["ftp://proxy.example", "http://proxy.example:x", "socks5://proxy.example"]
)
def test_a_proxy_that_cannot_be_used_is_a_clear_error(
    environment: pytest.MonkeyPatch, proxy: str
) -> None:
    """The sentence names the environment, not the address."""
    environment.setenv("https_proxy", proxy)

    with pytest.raises(SetupError, match="environment") as caught:
        system_proxy(httpx.URL("https://hub.example"), "https")
    assert "proxy.example" not in str(caught.value)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)


def test_a_tunnel_is_kept_too(environment: pytest.MonkeyPatch) -> None:
    """Over TLS, through a proxy that never sees what is said."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(TLS / "hook.example.pem")
    trusted = ssl.create_default_context(cafile=TLS / "hook.example.pem")

    def good(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(answer(b"ok"))

    with RawServer(good, tls=served) as server:
        port = int(server.endpoint.rpartition(":")[2])

        def tunnel(connection: socket.socket, _head: bytes, _stop: Event) -> None:
            with socket.create_connection(("127.0.0.1", port)) as behind:
                connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                Thread(target=pump, args=(behind, connection), daemon=True).start()
                pump(connection, behind)

        with RawServer(tunnel) as proxy:
            environment.setenv("https_proxy", proxy.endpoint.replace("//", "//me:word@"))
            kept = Connections(8, timedelta(seconds=60), time.monotonic)
            address = "https://hook.example/"
            client = Client(address, kept, proxies=("https",), tls=trusted)
            for _ in range(3):
                deadline = Deadline(timedelta(seconds=20), time.monotonic)
                with client.ask("GET", address, deadline) as found:
                    assert read_start(found, 100) == "ok"
            client.reach(deadline)  # nothing: that would tell of the proxy
            (head,) = proxy.heads
    assert head.startswith(b"CONNECT hook.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6d29yZA==" in head
    assert (len(server.heads), server.connections) == (3, 1)
    assert b"Proxy" not in server.heads[0]
