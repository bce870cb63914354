"""Sockets that keep a deadline, and reach the addresses that they may."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from threading import Event

import httpcore
import pytest

from bot.net.addresses import resolve
from bot.net.deadline import Deadline
from bot.net.failures import cause
from bot.net.sockets import Sockets
from tests.support.servers import RawServer, answer

SHORT = 0.4
LONG = 20.0


def sockets(*addresses: str, seconds: float = LONG) -> Sockets:
    """Return sockets to a host with these addresses."""
    return Sockets(within(seconds), resolve=lambda host, port: addresses)


def within(seconds: float) -> Deadline:
    return Deadline(timedelta(seconds=seconds), time.monotonic)


def good(connection: socket.socket, _head: bytes, _stop: Event) -> None:
    connection.sendall(answer(b"[]"))


def port_of(server: RawServer) -> int:
    return int(server.endpoint.rpartition(":")[2])


def test_a_name_that_does_not_resolve_is_told() -> None:
    """The reserved domain stands for every unknown name."""

    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(httpcore.ConnectError) as caught:
        Sockets(within(LONG), resolve=unknown).connect_tcp("hub.invalid", 443)
    assert cause(caught.value) == "its name cannot be resolved"


def test_a_resolver_that_hangs_is_cut_off_in_time() -> None:
    """No system call can hold a request longer than it may take."""
    never = Event()

    def hang(_host: str, _port: int) -> Sequence[str]:
        never.wait()
        return []

    with pytest.raises(httpcore.ConnectTimeout):
        Sockets(within(SHORT), resolve=hang).connect_tcp("hub.invalid", 443)
    never.set()


def test_the_next_address_is_tried_after_one_that_fails() -> None:
    """A host with several addresses is reached by any of them."""
    with RawServer(good) as server:
        made = sockets("127.255.255.254", "127.0.0.1").connect_tcp("hub.invalid", port_of(server))

        assert made.get_extra_info("server_addr")[0] == "127.0.0.1"
        made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback is one address")
def test_an_address_that_takes_no_connection_leaves_time_for_the_next() -> None:
    """Each has its share of what is left, as with an IPv6 that leads nowhere."""
    with RawServer(good) as server, socket.socket() as full:
        port = port_of(server)
        full.bind(("127.0.0.2", port))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", port))

        made = sockets("127.0.0.2", "127.0.0.1", seconds=2).connect_tcp("hub.invalid", port)

        assert made.get_extra_info("server_addr")[0] == "127.0.0.1"
        made.close()
        for filler in fillers:
            filler.close()


def test_nothing_is_done_once_the_deadline_is_over() -> None:
    """Every operation looks at the clock first; before the first byte nothing was sent."""
    with RawServer(good) as server:
        port = port_of(server)
        opened = sockets(seconds=LONG)
        made = opened.connect_tcp("127.0.0.1", port)
        made.write(b"G")
        opened.deadline = within(0)
        with pytest.raises(httpcore.ReadTimeout):
            made.read(1)
        with pytest.raises(httpcore.WriteTimeout):
            made.write(b"x")
        opened.begin(within(0))
        for late in (lambda: made.write(b"x"), lambda: opened.connect_tcp("127.0.0.1", port)):
            with pytest.raises(httpcore.ConnectTimeout):
                late()
        made.close()


def test_loopback_has_an_address() -> None:
    """The system's resolver is asked."""
    assert "127.0.0.1" in resolve("127.0.0.1", 80)
