"""Loopback servers that misbehave on purpose, byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket, bytes, Event], None]


class RawServer:
    """Runs ``script(connection, request head, stop)`` for every request, on 127.0.0.1.

    ``heads`` are the requests seen. A script that returns keeps the connection for the next one,
    unless it closed it. ``stop`` is set at the end: wait on it instead of sleeping.
    """

    def __init__(self, script: Script, tls: SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stop = Event()
        self._open: list[socket.socket] = []
        self.heads: list[bytes] = []
        self.connections = 0
        self._seen = Condition()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def wait_for_heads(self, count: int, seconds: float) -> bool:
        """Return whether that many requests came in that time."""
        with self._seen:
            return self._seen.wait_for(lambda: len(self.heads) >= count, seconds)

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                if self._stop.is_set():
                    connection.close()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            while head := read_head(connection):
                with self._seen:
                    self.heads.append(head)
                    self._seen.notify_all()
                self._script(connection, head, self._stop)


def read_head(connection: socket.socket) -> bytes:
    """Return a request up to its empty line, nothing once the client is gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = connection.recv(1)
        if not more:
            return b""
        head += more
    return head


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Return a whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def drip(connection: socket.socket, text: bytes, stop: Event) -> None:
    """Send a byte every 20 ms, without end: after the text, its last byte again and again."""
    position = 0
    while not stop.wait(0.02):
        connection.sendall(text[min(position, len(text) - 1) :][:1])
        position += 1
