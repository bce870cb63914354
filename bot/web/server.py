"""HTTP for the page: a socket that is bound once, and uvicorn in a thread of the daemon."""

from __future__ import annotations

import logging
import socket
import threading
import time
from types import TracebackType
from typing import Self

import anyio.to_thread
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.core.errors import BotError
from bot.core.names.hosts import Listen
from bot.web.access import Gate
from bot.web.app import make_app
from bot.web.site import Site

log = logging.getLogger(__name__)

WORKERS = 4
"""Pages that are made at the same time."""

MOST_CONNECTIONS = 200
KEPT_OPEN = 5
"""Seconds for which a connection is kept that asks for nothing more."""

BACKLOG = 128
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
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
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
