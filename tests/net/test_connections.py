"""Connections that are kept: whose they are, how many, and until when."""

from __future__ import annotations

import gc
import socket
import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from threading import Event

import pytest

from bot.net.body import read_start
from bot.net.client import Client
from bot.net.connections import Connections
from bot.net.deadline import Deadline
from bot.net.errors import NotSentError, StaleError
from tests.support.servers import RawServer, Script, answer

OK = answer(b"ok")


def within(seconds: float = 20) -> Deadline:
    return Deadline(timedelta(seconds=seconds), time.monotonic)


def kept(most: int = 8, **more: int) -> Connections:
    return Connections(most, timedelta(seconds=60), time.monotonic, **more)


def says(*pieces: bytes) -> Script:
    """Return a script that answers in pieces which arrive apart."""

    def script(connection: socket.socket, _head: bytes, stop: Event) -> None:
        for piece in pieces:
            connection.sendall(piece)
            stop.wait(0.05)

    return script


def get(client: Client, server: RawServer) -> str:
    """Return what a server answers."""
    with client.ask("GET", server.endpoint, within()) as found:
        return read_start(found, 1_000)


@pytest.mark.parametrize(
    ("pieces", "connections"),
    [
        ((OK,), 1),
        ((OK[:5], OK[5:20], OK[20:]), 1),
        ((b"HTTP/1.1 1", b"00 Continue\r\n\r\n" + OK), 2),
        ((b"HTTP/1.1 103 Early Hints\r\n\r\n", OK), 1),
    ],
)
def test_a_connection_is_kept_where_its_answer_is_all_that_came(
    pieces: tuple[bytes, ...], connections: int
) -> None:
    """However it was cut on its way; nobody asked whether to continue."""
    with RawServer(says(*pieces)) as server:
        client = Client(server.endpoint, kept())
        assert [get(client, server) for _ in range(2)] == ["ok", "ok"]
    assert server.connections == connections


def test_the_connection_that_was_used_last_is_used_next() -> None:
    """So those that a quiet time does not need grow old, and are closed."""
    with RawServer(says(OK)) as server:
        connections = kept()
        client = Client(server.endpoint, connections)
        with ExitStack() as asked:
            for _ in range(3):
                found = asked.enter_context(client.ask("GET", server.endpoint, within()))
                read_start(found, 1_000)
        idle = [connection for connection, _ in connections._idle]
        for _ in range(3):
            get(client, server)
        assert [connection for connection, _ in connections._idle] == idle
        assert server.connections == len(idle) == 3


def test_who_finds_all_in_use_waits_for_a_turn_as_long_as_there_is_time() -> None:
    """Nothing was sent."""
    with RawServer(says(OK)) as server:
        client = Client(server.endpoint, kept(at_once=1))
        with client.ask("GET", server.endpoint, within()):
            late = pytest.raises(NotSentError)
            with late as caught, client.ask("GET", server.endpoint, within(0.1)):
                pass
        assert caught.value.late
        assert get(client, server) == "ok"


def test_connections_that_nobody_has_any_more_are_closed() -> None:
    """A configuration that is read anew brings its own."""
    with RawServer(says(OK)) as server:
        connections = kept()
        get(Client(server.endpoint, connections), server)
        ((connection, _),) = connections._idle
        gone = weakref.ref(connections)
        del connections
        gc.collect()
        assert gone() is None
        assert not connection.is_silent()


def test_what_is_asked_over_a_kept_connection_that_ends_is_stale() -> None:
    """Whoever may ask twice does so afresh."""
    ends: list[Callable[[socket.socket], None]] = [
        lambda connection: connection.sendall(OK),
        lambda connection: connection.shutdown(socket.SHUT_RDWR),
        lambda connection: connection.sendall(OK),
    ]

    def script(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        ends.pop(0)(connection)

    with RawServer(script) as server:
        client = Client(server.endpoint, kept())
        get(client, server)
        with pytest.raises(StaleError):
            get(client, server)
        with client.ask("GET", server.endpoint, within(), fresh=True) as found:
            assert read_start(found, 1_000) == "ok"
    assert server.connections == 2
