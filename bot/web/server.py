"""HTTP for the page: a socket that is bound once, and uvicorn in a thread of the daemon."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from types import TracebackType
from typing import Self

import anyio.to_thread
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from bot.core.errors import BotError
from bot.core.names.hosts import Listen
from bot.web.access import Gate
from bot.web.app import make_app
from bot.web.site import Site

log = logging.getLogger(__name__)

# It warns of each request that is none, and tells of its own start and end.
logging.getLogger("uvicorn.error").setLevel(logging.ERROR)

WORKERS = 4
"""Pages that are made at the same time."""

MOST_CONNECTIONS = 200
KEPT_OPEN = 5
"""Seconds for which a connection is kept that asks for nothing more."""

ASKED_WITHIN = 10.0
"""Seconds in which a visitor has to have asked for something."""

READ_WITHIN = 60.0
"""Seconds in which an answer has to be made and read."""

BACKLOG = 64
"""Connections that are taken at once, before any of them is closed to make room."""

PATIENCE = 2.0
"""Seconds that answers under way may take once the daemon ends."""


def bind(listen: Listen) -> socket.socket:
    """Return the socket that the page listens at.

    Raises:
        BotError: the place is taken, or cannot be listened at.
    """
    try:
        found = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        why = (error.strerror or "not possible").lower()
        raise BotError(f"web.listen: cannot listen at {listen}: {why}") from None
    return bound


def place_of(bound: socket.socket) -> Listen:
    """Return where a socket listens, with the port that it really has."""
    host, port = bound.getsockname()[:2]
    return Listen(host, port)


class Server:
    """Serves a site until its end. Use as a context manager."""

    def __init__(self, bound: socket.socket, site: Site) -> None:
        """``site`` is of a configuration that has a page."""
        assert site.settings.web is not None, "there is a page"
        self._bound = bound
        app = _Limited(make_app(site, Gate(site.settings.web.listen, time.monotonic)))
        config = uvicorn.Config(
            app,
            http=_Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEPT_OPEN,
            timeout_graceful_shutdown=int(PATIENCE),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="page", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Stop listening, and let answers under way end for a moment."""
        self._server.should_exit = True
        self._thread.join(PATIENCE + 1)
        self._bound.close()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._bound])
        except Exception:
            log.exception("the page has ended")


class _Limited:
    """An application whose pages are made in few threads: the rest of the program needs time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._is_set = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_set:
            anyio.to_thread.current_default_thread_limiter().total_tokens = WORKERS
            self._is_set = True
        await self._app(scope, receive, send)


class _Connection(H11Protocol):
    """A visitor's connection, which ends in time, and makes room for others while it is idle.

    uvicorn alone waits for ever for a request that comes byte by byte, or for one who does not
    read; and it answers nobody where too many are connected, however idle.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; where there are too many, end the one that has been idle for the longest."""
        super().connection_made(transport)
        self._end: asyncio.TimerHandle | None = None
        self._idle_since = self.loop.time()
        self._end_within(ASKED_WITHIN)
        if len(self.connections) > MOST_CONNECTIONS:
            found = [one for one in self.connections if isinstance(one, _Connection)]
            idle = [one for one in found if one.is_idle]
            min(idle, key=lambda one: one._idle_since, default=self).abort()  # noqa: SLF001

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked that was not answered, and read as far as can be told."""
        cycle: RequestResponseCycle | None = self.cycle
        answered = cycle is None or cycle.response_complete
        return answered and not self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """End at once, whatever there is to be sent."""
        self.connections.discard(self)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came; an answer has its time from the request on."""
        before = self.cycle
        super().data_received(data)
        self._time(before)

    def on_response_complete(self) -> None:
        """Wait for what is asked next, unless it has come already."""
        before = self.cycle
        super().on_response_complete()
        if self.cycle is before and not self.transport.get_write_buffer_size():
            self._idle_since = self.loop.time()
            self._end_within(ASKED_WITHIN)
        self._time(before)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget when it was to end."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def _time(self, before: RequestResponseCycle | None) -> None:
        if self.cycle is not before:
            self._end_within(READ_WITHIN)

    def _end_within(self, seconds: float) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = self.loop.call_later(seconds, self.abort)
