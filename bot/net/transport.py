"""What httpx sends requests through: one kept connection each, and nothing left on it after."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpcore
import httpx

from bot.net.connections import Connection, Connections
from bot.net.deadline import Deadline
from bot.net.errors import StaleError

Key = tuple[object, httpcore.Origin]
"""What a connection is for: whose it is, and where it leads."""


class Transport(httpx.BaseTransport):
    """Sends each request over a connection that is its alone until its answer is closed."""

    def __init__(
        self,
        connections: Connections,
        make: Callable[[Key, Deadline], Connection],
    ) -> None:
        self._connections = connections
        self._make = make

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer once its head is there."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        raw = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream
        )
        deadline = request.extensions["deadline"]
        key = (self, url.origin)
        connection = self._connections.take(
            key, deadline, lambda: self._make(key, deadline), fresh=request.extensions["fresh"]
        )
        try:
            answer = connection.ask(raw, deadline)
        except BaseException:
            self._connections.give_back(connection, usable=False)
            raise
        stream = _Body(answer, connection, self._connections)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream)


class _Body(httpx.SyncByteStream):
    def __init__(
        self, answer: httpcore.Response, connection: Connection, connections: Connections
    ) -> None:
        self._answer = answer
        self._connection = connection
        self._connections = connections

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()
        if self._connection.reused and self._connection.has_leftovers():
            raise StaleError("bytes behind the answer")

    def close(self) -> None:
        usable = not _is_ambiguous(self._answer)
        try:
            self._answer.close()
        finally:
            self._connections.give_back(self._connection, usable=usable)


def _is_ambiguous(answer: httpcore.Response) -> bool:
    """Tell whether the answer's end is told in two ways: others may read it to another one."""
    names = {name.lower() for name, _ in answer.headers}
    return {b"content-length", b"transfer-encoding"} <= names
