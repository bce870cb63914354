"""Servers that stall, drip, lie and break off, on real sockets."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from bot.core.board import BoardKey
from bot.core.errors import ConfigError, FetchError
from bot.core.secret import Secret
from bot.hub.answers import Fetched, NotModified
from bot.hub.client import HubClient
from tests.support.servers import RawServer, Script, answer, drip

BODY = json.dumps([{"rank": 1, "modelId": "a/b", "value": 76.4, "verified": False}]).encode()
SHORT = 0.4
"""Seconds that a request in these tests may take."""

LONG = 20.0
"""Seconds that nothing in these tests may take."""


@contextmanager
def client(endpoint: str, seconds: float = LONG) -> Iterator[HubClient]:
    token = Secret("hf_sesame")
    with HubClient(endpoint, token, timedelta(seconds=seconds), 4, time.monotonic) as hub:
        yield hub


def fetch(hub: HubClient) -> Fetched | NotModified:
    return hub.leaderboard(BoardKey("a/b"))


def failure(endpoint: str, seconds: float = LONG) -> str:
    """Return what is said of a fetch that fails within ``LONG``."""
    before = time.monotonic()
    with client(endpoint, seconds) as hub, pytest.raises(FetchError) as caught:
        fetch(hub)
    assert time.monotonic() - before < LONG
    assert "127.0.0.1" not in caught.value.reason
    return caught.value.reason


def silence(_connection: socket.socket, _head: bytes, stop: Event) -> None:
    stop.wait()


def drip_head(connection: socket.socket, _head: bytes, stop: Event) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: a", stop)


def drip_hints(connection: socket.socket, _head: bytes, stop: Event) -> None:
    while not stop.wait(0.02):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def drip_body(connection: socket.socket, _head: bytes, stop: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(connection, b"[ ", stop)


def drip_chunks(connection: socket.socket, _head: bytes, stop: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not stop.wait(0.02):
        connection.sendall(b"1\r\n \r\n")


def drip_redirects(connection: socket.socket, _head: bytes, stop: Event) -> None:
    stop.wait(SHORT / 2.5)
    headers = "Location: /api/datasets/a/b/leaderboard\r\n"
    connection.sendall(answer(b"", "302 Found", headers))


@pytest.mark.parametrize(
    "script", [silence, drip_head, drip_hints, drip_body, drip_chunks, drip_redirects]
)
def test_a_slow_server_is_cut_off_in_time(script: Script) -> None:
    """The timeout is for the whole request, however steadily bytes come."""
    with RawServer(script) as server:
        assert failure(server.endpoint, SHORT) == "no complete answer within 0.4 s"


def test_a_server_that_takes_no_handshake_is_cut_off_in_time() -> None:
    """TLS is part of the request."""
    with RawServer(silence) as server:
        said = failure(server.endpoint.replace("http:", "https:"), SHORT)

    assert said == "no complete answer within 0.4 s"


def test_a_port_without_a_server_is_refused() -> None:
    """The reason is the system's, without the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert failure(f"http://127.0.0.1:{port}") == "cannot reach the Hub: connection refused"


def test_plain_http_where_tls_is_due_is_told() -> None:
    """A server without TLS is no secure connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=talk, daemon=True).start()
        said = failure(f"https://127.0.0.1:{listener.getsockname()[1]}")

    assert said == "cannot reach the Hub: no secure connection came about"


def reset(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def break_off(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.sendall(answer(BODY)[:-5])
    connection.shutdown(socket.SHUT_RDWR)


def gibberish(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def endless_head(connection: socket.socket, _head: bytes, stop: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stop.is_set():
        connection.sendall(b"X-Long: " + b"a" * 60_000)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (reset, "connection reset"),
        (hang_up, "the answer broke off or is not HTTP"),
        (break_off, "the answer broke off or is not HTTP"),
        (gibberish, "the answer broke off or is not HTTP"),
        (endless_head, "the answer broke off or is not HTTP"),
    ],
)
def test_a_broken_connection_says_how_it_broke(script: Script, says: str) -> None:
    """Resets and cut answers are failures of their board."""
    with RawServer(script) as server:
        assert failure(server.endpoint) == f"cannot reach the Hub: {says}"


def test_after_a_failure_the_next_request_works() -> None:
    """A connection that was cut is not used again."""
    seen: list[bytes] = []

    def first_slow(connection: socket.socket, head: bytes, stop: Event) -> None:
        seen.append(head)
        if len(seen) == 1:
            drip_body(connection, head, stop)
        else:
            connection.sendall(answer(BODY))

    with RawServer(first_slow) as server, client(server.endpoint, SHORT) as hub:
        with pytest.raises(FetchError):
            fetch(hub)
        assert isinstance(fetch(hub), Fetched)


@pytest.mark.parametrize("script", [silence, drip_body])
def test_closing_ends_what_is_under_way(script: Script) -> None:
    """A bot that stops waits for no Hub."""
    with RawServer(script) as server, ThreadPoolExecutor(2) as pool:
        with client(server.endpoint, 600) as hub:
            waiting = [pool.submit(fetch, hub) for _ in range(2)]
            assert server.wait_for_heads(2, LONG)
        for one in waiting:
            with pytest.raises(FetchError, match="the bot is stopping"):
                one.result(LONG)
        with pytest.raises(FetchError, match="the bot is stopping"):
            fetch(hub)


def good(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.sendall(answer(BODY))


def test_connections_are_kept_alive() -> None:
    """One board after the other shares a connection."""
    with RawServer(good) as server, client(server.endpoint) as hub:
        for _ in range(5):
            fetch(hub)

        assert server.connections == 1
        assert len(server.heads) == 5


def test_threads_share_the_client() -> None:
    """Many boards at once use at most as many connections as were allowed."""
    with RawServer(good) as server, client(server.endpoint) as hub:
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _: fetch(hub), range(64)))

        assert all(isinstance(one, Fetched) for one in found)
        assert len(server.heads) == 64
        assert server.connections <= 4


def test_the_token_stays_with_the_endpoint() -> None:
    """Another server that a redirect names is never asked."""
    with RawServer(good) as other:

        def away(connection: socket.socket, _head: bytes, _stop: Event) -> None:
            location = f"Location: {other.endpoint}/api/datasets/a/b/leaderboard\r\n"
            connection.sendall(answer(b"", "307 Temporary Redirect", location))

        with RawServer(away) as server:
            assert "another address" in failure(server.endpoint)

        assert not other.connections


def test_cookies_are_not_kept() -> None:
    """What a server sets is not sent back."""

    def sets(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(answer(BODY, headers="Set-Cookie: a=b\r\n"))

    with RawServer(sets) as server, client(server.endpoint) as hub:
        fetch(hub)
        fetch(hub)

        assert b"cookie" not in server.heads[1].lower()


BOMBED = """
import resource, sys, time
from datetime import timedelta
from bot.core.errors import FetchError
from bot.core.board import BoardKey
from bot.core.secret import Secret
from bot.hub.client import HubClient

hub = HubClient(sys.argv[1], Secret("x"), timedelta(seconds=60), 1, time.monotonic)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    hub.leaderboard(BoardKey("a/b"))
except FetchError as error:
    print(error.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_gzip_bomb_costs_less_than_a_hundred_megabytes() -> None:
    """300 MB of zeros in a few kilobytes are given up at 64."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(10**7)) for _ in range(30)) + packer.flush()

    def throw(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(answer(bomb, headers="Content-Encoding: gzip\r\n"))

    with RawServer(throw) as server:
        run = subprocess.run(
            [sys.executable, "-c", BOMBED, server.endpoint],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

    said, kilobytes = run.stdout.splitlines()
    assert said == "the answer is larger than 64 MB"
    unit = 1024 if sys.platform == "darwin" else 1
    assert int(kilobytes) / unit < 100_000


def test_a_proxy_that_cannot_be_used_is_a_clear_error(environment: pytest.MonkeyPatch) -> None:
    """As an error of the configuration."""
    environment.setenv("https_proxy", "ftp://proxy.example")

    with pytest.raises(ConfigError, match="environment"), client("https://hub.example"):
        pass


def test_certificates_that_cannot_be_read_are_a_clear_error(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The sentence names the variable; an endpoint without TLS needs none."""
    environment.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))

    with pytest.raises(ConfigError, match="SSL_CERT_FILE"), client("https://hub.example"):
        pass
    with RawServer(good) as server, client(server.endpoint) as hub:
        assert isinstance(fetch(hub), Fetched)


def test_a_request_goes_through_the_proxy(environment: pytest.MonkeyPatch) -> None:
    """The proxy is asked for the whole address."""
    with RawServer(good) as proxy:
        environment.setenv("http_proxy", proxy.endpoint)
        with client("http://hub.example") as hub:
            assert isinstance(fetch(hub), Fetched)

        assert proxy.heads[0].startswith(b"GET http://hub.example/api/datasets/a/b/leaderboard ")


def test_a_proxy_that_drips_is_cut_off_in_time(environment: pytest.MonkeyPatch) -> None:
    """The way through the proxy is part of the request."""
    with RawServer(drip_head) as proxy:
        environment.setenv("https_proxy", proxy.endpoint)

        assert failure("https://hub.example", SHORT) == "no complete answer within 0.4 s"
