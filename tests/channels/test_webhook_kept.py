"""Webhooks keep their connection for the next post, and only while nothing is wrong with it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bot.channels.sending import IDLE, MOST, kept_connections
from bot.channels.webhook.channel import WebhookChannel
from bot.core.delivery import Delivered, InDoubt, RetryLater
from bot.core.secret import Secret
from tests.support.messages import delivery
from tests.support.servers import RawServer, answer
from tests.support.waiting import until

NOW = datetime(2026, 4, 27, 10, 0, tzinfo=UTC)
TLS = Path(__file__).parents[1] / "data" / "tls"
OK = answer(b"ok")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def channel(url: str, **fields: Any) -> WebhookChannel:
    fields.setdefault("allow_private", True)
    return WebhookChannel("hook", url=Secret(url), clock=lambda: NOW, **fields)


def says(*answers: bytes) -> Callable[[socket.socket, bytes, Event], None]:
    """Return a script that reads a request's body and gives these answers in turn."""
    left = list(answers)

    def script(connection: socket.socket, head: bytes, _: Event) -> None:
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        while length:
            length -= len(connection.recv(length))
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return script


def posted(script: Callable[[socket.socket, bytes, Event], None], count: int = 3) -> RawServer:
    """Return a server to which so many posts were made, each of them delivered."""
    with RawServer(script) as server:
        sender = channel(f"{server.endpoint}/hook")
        for _ in range(count):
            assert sender.send(delivery()) == Delivered()
    assert len(server.heads) == count
    return server


NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("good", [OK, CHUNKED, NOTHING], ids=["length", "chunks", "no content"])
def test_several_posts_go_over_one_connection(good: bytes) -> None:
    """A handshake, and over TLS three, for each post is what a burst would cost."""
    assert posted(says(good)).connections == 1


def test_a_refusal_keeps_the_connection_too() -> None:
    """Its answer was read to the end."""
    with RawServer(says(answer(b"no", "500 Internal Server Error"), OK)) as server:
        sender = channel(server.endpoint)
        assert isinstance(sender.send(delivery()), RetryLater)
        assert sender.send(delivery()) == Delivered()
    assert server.connections == 1


@pytest.mark.parametrize(
    "odd",
    [
        OK + b"x",
        OK + answer(b"no", "500 Internal Server Error"),
        CHUNKED + b"0\r\n\r\n",
        NOTHING + b"ok",
        answer(b"ok", headers="Connection: close\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        answer(b"x" * 1_000_000),
    ],
    ids=["a byte", "an answer", "a chunk", "a body", "close", "1.0", "continue", "long"],
)
def test_a_connection_with_anything_left_on_it_is_thrown_away(odd: bytes) -> None:
    """What is left would be read as the answer to the next post: a false refusal, or worse."""
    assert posted(says(odd)).connections == 3


def has_ended(sender: WebhookChannel) -> bool:
    """Tell whether the end of the connection that a channel keeps has arrived."""
    ((connection, _),) = sender._connections._idle
    return not connection.is_silent()


def test_a_connection_that_the_receiver_closed_is_not_used() -> None:
    """Without a word in the answer, as after a restart; nothing is in doubt."""

    def script(connection: socket.socket, head: bytes, stop: Event) -> None:
        says(OK)(connection, head, stop)
        connection.shutdown(socket.SHUT_RDWR)

    with RawServer(script) as server:
        sender = channel(server.endpoint)
        for _ in range(3):
            assert sender.send(delivery()) == Delivered()
            assert until(lambda: has_ended(sender))
    assert server.connections == 3


def test_a_post_is_not_repeated_where_a_byte_may_have_arrived() -> None:
    """The receiver took the request and went away: that is a doubt, and the outbox's business."""
    answered: list[bytes] = []

    def script(connection: socket.socket, head: bytes, stop: Event) -> None:
        if answered:
            connection.close()
            return
        answered.append(head)
        says(OK)(connection, head, stop)

    with RawServer(script) as server:
        sender = channel(server.endpoint)
        assert sender.send(delivery()) == Delivered()
        assert isinstance(sender.send(delivery()), InDoubt)
        assert (len(server.heads), server.connections) == (2, 1)


def test_an_idle_connection_is_thrown_away() -> None:
    """The receiver may be about to close it."""
    clock = Clock()
    with RawServer(says(OK)) as server:
        sender = channel(server.endpoint, monotonic=clock)
        for idle, connections in ((0.0, 1), (IDLE.total_seconds() + 0.1, 2), (1.0, 2)):
            clock.now += idle
            assert sender.send(delivery()) == Delivered()
            assert server.connections == connections


def test_each_new_connection_is_to_a_checked_address() -> None:
    """What was kept leads where it led; what is opened is resolved and checked anew."""
    clock = Clock()
    answers = [("127.0.0.1",), ()]

    def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    with RawServer(says(OK)) as server:
        url = server.endpoint.replace("127.0.0.1", "hook.example")
        sender = channel(url, resolve=resolve, monotonic=clock)
        assert sender.send(delivery()) == Delivered()
        assert sender.send(delivery()) == Delivered()
        clock.now += 60
        assert isinstance(sender.send(delivery()), RetryLater)
    assert answers == []


def test_each_post_has_the_whole_time_limit() -> None:
    """Also over a connection that is as old as that."""
    clock = Clock()
    with RawServer(says(OK)) as server:
        sender = channel(server.endpoint, monotonic=clock, timeout=timedelta(seconds=3))
        for _ in range(3):
            clock.now += 2
            assert sender.send(delivery()) == Delivered()
    assert server.connections == 1


def test_channels_do_not_share_connections() -> None:
    """Each may have its own certificates, and its own word on private addresses."""
    kept = kept_connections(Clock())
    with RawServer(says(OK)) as server:
        for _ in range(2):
            sender = channel(server.endpoint, connections=kept)
            assert sender.send(delivery()) == Delivered()
    assert server.connections == 2


def test_few_connections_are_kept_at_once() -> None:
    """A bot with hundreds of channels keeps no file descriptor for each."""
    kept = kept_connections(Clock())
    with RawServer(says(OK)) as server:
        senders = [channel(server.endpoint, connections=kept) for _ in range(MOST + 2)]
        for sender in [*senders, *senders[2:], *senders[:2]]:
            assert sender.send(delivery()) == Delivered()
    assert server.connections == len(senders) + 2


def test_over_tls_the_handshake_is_made_once() -> None:
    """It is the dear part."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(TLS / "hook.example.pem")
    shaken: list[str] = []
    server_side.sni_callback = lambda _socket, name, _context: shaken.append(name)

    client_side = ssl.create_default_context(cafile=TLS / "hook.example.pem")
    with RawServer(says(OK), tls=server_side) as server:
        port = server.endpoint.rpartition(":")[2]
        sender = channel(
            f"https://hook.example:{port}/",
            tls=client_side,
            resolve=lambda host, port: ("127.0.0.1",),
        )
        for _ in range(3):
            assert sender.send(delivery()) == Delivered()
    assert (shaken, server.connections) == (["hook.example"], 1)
