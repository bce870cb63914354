"""Connections that the next request may take over: few, not for long, nothing left on them."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Lock, Semaphore

import httpcore
import httpx

from bot.net.deadline import Deadline
from bot.net.errors import StaleError
from bot.net.sockets import Sockets

Key = tuple[object, httpcore.Origin]
"""What a connection is for: something of its owner's own, and where it leads."""


class Connection:
    """One connection to one origin, for one request at a time.

    ``key`` is what it is for; ``reused`` tells whether it has answered before.
    """

    def __init__(
        self, key: Key, connection: httpcore.ConnectionInterface, sockets: Sockets
    ) -> None:
        self.key = key
        self.reused = False
        self._connection = connection
        self._sockets = sockets

    def ask(self, request: httpcore.Request, deadline: Deadline) -> httpcore.Response:
        """Return the answer's head; its stream is raw.

        Raises:
            StaleError: the connection had answered before, and gave no answer.
        """
        self._sockets.begin(deadline)
        try:
            return self._connection.handle_request(request)
        except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError) as error:
            if self.reused:
                raise StaleError(str(error), why="the answer broke off or is not HTTP") from error
            raise

    def has_leftovers(self) -> bool:
        """Tell whether more than the answer came; also where it cannot be told."""
        # What was read beyond an answer is kept for the next one, and only h11 can tell: httpcore
        # would hand it out as that answer, and lets nobody ask.
        inner: object = self._connection
        while (below := getattr(inner, "_connection", None)) is not None:
            inner = below
        state = getattr(inner, "_h11_state", None)
        return state is None or bool(state.trailing_data[0])

    def is_clean(self) -> bool:
        """Tell whether an answer was read to its end, and nothing else came.

        "100 Continue" is something else: nobody asks whether to.
        """
        told_to_continue = self._sockets.beginning.endswith(b" 100")
        return self._connection.is_idle() and not told_to_continue and not self.has_leftovers()

    def is_silent(self) -> bool:
        """Tell whether nothing has come since: no end, and nothing that nobody asked for."""
        current = self._sockets.current
        return current is not None and current.is_silent()

    def close(self) -> None:
        """Close the connection; a request that is under way in another thread ends."""
        if self._sockets.current is not None:
            self._sockets.current.close()
        self._connection.close()


class Connections:
    """Keeps connections by what they are for; safe to use from several threads.

    The last ``most`` are kept, each until it has been idle for ``idle`` by a monotonic ``clock``
    in seconds. ``at_once`` bounds those that are in use.
    """

    def __init__(
        self, most: int, idle: timedelta, clock: Callable[[], float], at_once: int = sys.maxsize
    ) -> None:
        self._most = most
        self._idle_for = idle.total_seconds()
        self._clock = clock
        self._turns = Semaphore(at_once)
        self._lock = Lock()
        self._idle: list[tuple[Connection, float]] = []
        self._taken: set[Connection] = set()
        weakref.finalize(self, _close_all, self._idle)

    def take(
        self, key: Key, deadline: Deadline, make: Callable[[], Connection], *, fresh: bool
    ) -> Connection:
        """Return the connection for ``key`` that was used last, else or if ``fresh`` a new one.

        It is the taker's alone, and is given back whatever comes of it.

        Raises:
            httpcore.PoolTimeout: none was free in time.
        """
        if not self._turns.acquire(timeout=deadline.within(httpcore.PoolTimeout)):
            raise httpcore.PoolTimeout
        try:
            with self._lock:
                self._sweep()
                connection = (None if fresh else self._kept(key)) or make()
                self._taken.add(connection)
        except BaseException:
            self._turns.release()
            raise
        return connection

    def give_back(self, connection: Connection, *, usable: bool) -> None:
        """Keep a connection whose answer was read to its end, and close any other."""
        with self._lock:
            self._taken.discard(connection)
            if usable and connection.is_clean():
                connection.reused = True
                self._idle.append((connection, self._clock()))
                self._sweep()
            else:
                connection.close()
        self._turns.release()

    def close(self) -> None:
        """Close every connection, those that are in use as well."""
        with self._lock:
            _close_all(self._idle)
            for connection in self._taken:
                connection.close()

    def _kept(self, key: Key) -> Connection | None:
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place][0].key == key:
                connection, _ = self._idle.pop(place)
                if connection.is_silent():
                    return connection
                connection.close()
        return None

    def _sweep(self) -> None:
        """Close what has been idle for too long, and the oldest of what is too much."""
        since = self._clock() - self._idle_for
        while self._idle and (self._idle[0][1] < since or len(self._idle) > self._most):
            self._idle.pop(0)[0].close()


def _close_all(idle: list[tuple[Connection, float]]) -> None:
    while idle:
        idle.pop()[0].close()


class Transport(httpx.BaseTransport):
    """Sends each request over a connection that is its alone until its answer is closed."""

    def __init__(
        self, connections: Connections, make: Callable[[Key, Deadline], Connection]
    ) -> None:
        self._connections = connections
        self._make = make
        self._own = object()  # not the transport itself, which would keep all connections alive

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
        key = (self._own, url.origin)
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
