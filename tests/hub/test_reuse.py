"""Connections that are kept alive: whose answer it is, and when one is asked again."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event

import pytest

from bot.core.board import BoardKey
from bot.core.errors import FetchError, UnknownBenchmarkError
from bot.core.secret import Secret
from bot.hub.answers import Fetched, NotModified, TokenReport
from bot.hub.client import HubClient
from tests.support.servers import RawServer, Script, answer

LONG = 20.0


def rows(model: str) -> bytes:
    return json.dumps([{"rank": 1, "modelId": model, "value": 1, "verified": False}]).encode()


STRAY = answer(rows("evil/stray"))


@contextmanager
def client(server: RawServer, seconds: float = LONG) -> Iterator[HubClient]:
    limit = timedelta(seconds=seconds)
    with HubClient(server.endpoint, Secret("hf_x"), limit, 1, time.monotonic) as hub:
        yield hub


def asked(head: bytes) -> str:
    """Return the benchmark that a request is about."""
    return head.split(b"/datasets/")[1].split(b"/leaderboard")[0].decode()


def own(head: bytes) -> bytes:
    """Return the answer that is the request's own: a board led by a model of its name."""
    return answer(rows(asked(head)))


def leader(hub: HubClient, benchmark: str) -> str:
    found = hub.leaderboard(BoardKey(benchmark))
    assert isinstance(found, Fetched)
    return found.answer.results[0].model


class Turns:
    """Answers each request with the script of its turn, then with the last one."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)

    def __call__(self, connection: socket.socket, head: bytes, stop: Event) -> None:
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        script(connection, head, stop)


def good(connection: socket.socket, head: bytes, _stop: Event) -> None:
    connection.sendall(own(head))


def behind(extra: bytes) -> Script:
    """Answer well, with bytes behind it at once."""

    def script(connection: socket.socket, head: bytes, _stop: Event) -> None:
        connection.sendall(own(head) + extra)

    return script


def before(extra: bytes) -> Script:
    """Answer well, with bytes before it."""

    def script(connection: socket.socket, head: bytes, _stop: Event) -> None:
        connection.sendall(extra + own(head))

    return script


# --- bytes that nobody asked for ------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra",
    [
        STRAY,
        STRAY * 3,
        STRAY[:-5],
        STRAY[:20],
        b"\r\n",
        b"x",
        answer(b"", "404 Not Found"),
        answer(b"", "401 Unauthorized"),
        answer(b"", "304 Not Modified"),
        answer(b"", "429 Too Many Requests", "Retry-After: 999\r\n"),
    ],
)
@pytest.mark.parametrize("place", [behind, before])
def test_no_board_reads_anothers_answer(extra: bytes, place: Callable[[bytes], Script]) -> None:
    """What is behind an answer, or before the next one, costs a connection and nothing else."""
    with RawServer(Turns(good, place(extra), good)) as server, client(server) as hub:
        assert [leader(hub, name) for name in ("a/0", "a/1", "a/2", "a/3")] == [
            "a/0",
            "a/1",
            "a/2",
            "a/3",
        ]
        assert hub.token() == TokenReport()
        assert server.connections == 2


def test_bytes_behind_the_first_answer_are_no_answer() -> None:
    """The first answer of a connection is surely its own; the rest is thrown away with it."""
    with RawServer(behind(STRAY)) as server, client(server) as hub:
        for name in ("a/0", "a/1", "a/2"):
            assert leader(hub, name) == name
        assert server.connections == len(server.heads) == 3


def test_bytes_that_come_late_are_no_answer() -> None:
    """They lie there as the next board is asked for."""
    arrived = Event()

    def late(connection: socket.socket, head: bytes, stop: Event) -> None:
        connection.sendall(own(head))
        if asked(head) == "a/0":
            arrived.wait(LONG)
            connection.sendall(STRAY)
            arrived.clear()

    with RawServer(late) as server, client(server) as hub:
        assert leader(hub, "a/0") == "a/0"
        arrived.set()
        while arrived.is_set():  # until the bytes were sent
            Event().wait(0.005)
        assert leader(hub, "a/1") == "a/1"
        assert server.connections == 2


@pytest.mark.parametrize("status", ["304 Not Modified", "204 No Content"])
def test_a_body_where_none_may_be_is_no_answer(status: str) -> None:
    """Some servers send one with 304."""

    def script(connection: socket.socket, head: bytes, _stop: Event) -> None:
        first = asked(head) == "a/0"
        connection.sendall(answer(STRAY, status) if first else own(head))

    with RawServer(script) as server, client(server) as hub:
        with suppress(FetchError):  # of the 204, which is no board
            hub.leaderboard(BoardKey("a/0"), etag='"1"')
        assert leader(hub, "a/1") == "a/1"
        assert server.connections == 2


def test_an_end_that_is_told_in_two_ways_is_not_trusted() -> None:
    """A length beside chunks: a proxy may take another end for it."""

    def both(connection: socket.socket, head: bytes, _stop: Event) -> None:
        body = rows(asked(head))
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        )

    with RawServer(both) as server, client(server) as hub:
        for name in ("a/0", "a/1"):
            assert leader(hub, name) == name
        assert server.connections == 2


# --- what may be kept -----------------------------------------------------------------------------


def hints(connection: socket.socket, head: bytes, _stop: Event) -> None:
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 2 + own(head))


def trailers(connection: socket.socket, head: bytes, _stop: Event) -> None:
    body = rows(asked(head))
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x;name=value\r\n%s\r\n0\r\nX-Check: 1\r\n\r\n" % (len(body), body)
    )


@pytest.mark.parametrize("script", [good, hints, trailers])
def test_a_whole_answer_leaves_its_connection(script: Script) -> None:
    """Hints before it and trailers behind it are part of it."""
    with RawServer(script) as server, client(server) as hub:
        for name in ("a/0", "a/1", "a/2"):
            assert leader(hub, name) == name
        assert server.connections == 1


def test_unchanged_boards_share_a_connection() -> None:
    """A 304 is read to its end: over TLS each new connection costs a handshake."""

    def unchanged(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')

    with RawServer(unchanged) as server, client(server) as hub:
        for number in range(20):
            found = hub.leaderboard(BoardKey(f"a/{number}"), etag='"1"')
            assert found == NotModified(etag='"1"')
        assert (len(server.heads), server.connections) == (20, 1)


def test_short_refusals_and_redirects_leave_their_connection() -> None:
    """So a renamed benchmark costs one request more, and no connection."""

    def moved(connection: socket.socket, head: bytes, _stop: Event) -> None:
        if asked(head) == "a/gone":
            connection.sendall(answer(b'{"error": "no"}', "404 Not Found"))
        elif asked(head) == "a/old":
            where = "Location: /api/datasets/a/new/leaderboard\r\n"
            connection.sendall(answer(b"moved", "307 Temporary Redirect", where))
        else:
            connection.sendall(own(head))

    with RawServer(moved) as server, client(server) as hub:
        with pytest.raises(UnknownBenchmarkError):
            leader(hub, "a/gone")
        assert leader(hub, "a/old") == "a/new"
        assert (len(server.heads), server.connections) == (3, 1)


def test_a_refusal_whose_body_breaks_off_is_told_by_its_status() -> None:
    """Nobody needs the rest."""

    def cut(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(answer(b'{"error": "no"}', "404 Not Found")[:-3])
        connection.close()

    with (
        RawServer(cut) as server,
        client(server) as hub,
        pytest.raises(UnknownBenchmarkError),
    ):
        leader(hub, "a/0")


# --- a connection that closes as the next request comes -------------------------------------------


def reset(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def garbage(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.sendall(b"[1, 2, 3]\r\n\r\n")


@pytest.mark.parametrize("end", [reset, hang_up, garbage])
def test_a_connection_that_ends_with_the_next_request_costs_no_board(end: Script) -> None:
    """It is asked again, once, on a new one."""
    with RawServer(Turns(good, end, good)) as server, client(server) as hub:
        assert leader(hub, "a/0") == "a/0"
        assert leader(hub, "a/1") == "a/1"
        assert [asked(head) for head in server.heads] == ["a/0", "a/1", "a/1"]
        assert server.connections == 2


@pytest.mark.parametrize("end", [reset, hang_up, garbage])
def test_a_new_connection_that_ends_is_a_failure(end: Script) -> None:
    """A Hub that takes no request is not asked again and again."""
    with RawServer(Turns(good, end, end, good)) as server, client(server) as hub:
        assert leader(hub, "a/0") == "a/0"
        with pytest.raises(FetchError, match="cannot reach the Hub"):
            leader(hub, "a/1")
        assert len(server.heads) == 3


def test_a_slow_answer_on_a_kept_connection_is_not_asked_for_again() -> None:
    """The time is for both."""

    def silence(_connection: socket.socket, _head: bytes, stop: Event) -> None:
        stop.wait()

    with RawServer(Turns(good, silence)) as server, client(server, 0.4) as hub:
        assert leader(hub, "a/0") == "a/0"
        with pytest.raises(FetchError, match=r"no complete answer within 0\.4 s"):
            leader(hub, "a/1")
        assert len(server.heads) == 2
